"""Timed work: agents who are away get a mail, agents at the desk do not, and nothing goes out twice."""

import asyncio
import email
from collections.abc import Callable
from contextlib import AbstractContextManager
from email import policy
from email.message import EmailMessage
from pathlib import Path

import aiohttp
import pytest

from crm.agents.models import Agent
from crm.agents.passwords import Passwords
from crm.agents.services import ensure_demo_agent
from crm.database import Database
from crm.escalations.models import Reason
from escalation.services import escalate
from gateway import keys
from tests.crm.factories import NOW, stored_conversation
from tests.gateway.conftest import RunningGateway


def mails(folder: Path) -> list[EmailMessage]:
    return [
        email.message_from_bytes(file.read_bytes(), policy=policy.default)
        for file in sorted((folder / "mail").glob("*.eml"))
    ]


async def an_agent(database: Database) -> Agent:
    return await ensure_demo_agent(database, Passwords(), password="three-calm-words", now=NOW)


async def somebody_waits(database: Database) -> str:
    conversation_id = await stored_conversation(database)
    async with database.transaction() as session:
        escalation = await escalate(
            session, conversation_id=conversation_id, turn_id=None, reason=Reason.ASKED_FOR, now=NOW
        )
        return escalation.id


async def settled(check: Callable[[], bool], seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not check():
            await asyncio.sleep(0.05)


async def test_an_agent_who_is_away_gets_one_mail_with_the_story_and_the_link(
    gateway: RunningGateway, tmp_path: Path
) -> None:
    agent = await an_agent(gateway.database)
    escalation_id = await somebody_waits(gateway.database)
    await settled(lambda: bool(mails(tmp_path)))
    await asyncio.sleep(1.5)
    (mail,) = mails(tmp_path)
    assert mail["To"] == agent.email
    assert "asked for a person" in mail["Subject"]
    body = mail.get_body(("plain",))
    assert body is not None
    assert f"/desk#{escalation_id}" in body.get_content()


async def test_an_agent_at_the_desk_gets_no_mail(gateway: RunningGateway, tmp_path: Path) -> None:
    agent = await an_agent(gateway.database)
    present: AbstractContextManager[None] = gateway.app[keys.PRESENCE].at_desk(agent.id)
    with present:
        await somebody_waits(gateway.database)
        await asyncio.sleep(2)
    assert mails(tmp_path) == []


async def test_what_another_process_writes_reaches_an_open_socket(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        welcome = await customer.until(lambda frame: frame["type"] == "welcome")
        other_process = Database(gateway.database.url)
        async with other_process.transaction() as session:
            await escalate(
                session,
                conversation_id=welcome["conversation_id"],
                turn_id=None,
                reason=Reason.COMPLAINT,
                now=NOW,
            )
        await other_process.close()
        state = await customer.until(lambda frame: frame.get("handover") == "WAITING")
    assert state["place"] == 1


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
async def test_health_is_told_without_detail_of_customers(gateway: RunningGateway, path: str) -> None:
    async with aiohttp.ClientSession() as http, http.get(gateway.url.rstrip("/") + path) as response:
        told = await response.json()
    if path == "/health/live":
        assert (response.status, told) == (200, {"status": "ok"})
    else:
        assert response.status == 503, "the action server is not there"
        assert {name: check["ok"] for name, check in told["checks"].items()} == {
            "database": True,
            "bot": True,
            "actions": False,
            "index": True,
        }
