"""A customer who talks to the running bot as the gateway does."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.audit.models import AuditEntry
from crm.complaints.models import Complaint
from crm.conversations.services import open_conversation
from crm.database import Database, new_id
from crm.escalations.services import live_escalation
from crm.orders.models import Order
from crm.outbox.models import OutboxEvent
from crm.outbox.services import MAIL
from crm.payments.models import Payment
from crm.refunds.models import RefundRequest
from crm.returns.models import Return
from frontdesk.trainer.conversations.props import store_order

_FIRST_NUMBER = 50_001
_RECORDS: Mapping[str, Any] = {"complaint": Complaint, "refund_request": RefundRequest, "return": Return}
_CODE = re.compile(r"\b[0-9]{6}\b")


class WentDifferently(Exception):
    """The conversation is not what the case says; the message tells where and how."""


@dataclass
class Reply:
    """What came back for one message."""

    responses: list[str]
    text: str
    choices: dict[str, str]
    attachments: list[str]


@dataclass
class Customer:
    """One conversation; `names` are what {order}, {email} and so on stand for."""

    http: aiohttp.ClientSession
    rasa_url: str
    database: Database
    conversation_id: str
    names: dict[str, str] = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)
    seen_events: int = 0

    @classmethod
    async def arrive(cls, http: aiohttp.ClientSession, rasa_url: str, database: Database) -> "Customer":
        now = datetime.now(UTC)
        async with database.transaction() as session:
            conversation = await open_conversation(
                session, token=new_id(), address_hash=new_id(), page={}, now=now
            )
        return cls(http, rasa_url, database, conversation.id)

    async def owns(self, orders: list[dict[str, Any]]) -> None:
        """Store the case's orders under numbers that no other case has."""
        for position, wanted in enumerate(orders, start=1):
            suffix = "" if position == 1 else str(position)
            number = await self._next_number()
            own = f"nia.rowlands{int(new_id()[:8], 16)}@example.com"
            email = str(wanted.get("email", own)).format(**self.names)
            await store_order(self.database, number, email, wanted)
            self.names |= {
                f"order{suffix}": number,
                f"digits{suffix}": number.removeprefix("MM-"),
                f"email{suffix}": email,
            }

    async def write(self, text: str) -> Reply:
        """Say something; `{code}` stands for the code in the latest mail to this customer."""
        if "{code}" in text:
            codes = await self.codes()
            if not codes:
                raise WentDifferently("no code was mailed")
            self.names["code"] = codes[-1]
        return await self._send(text.format(**self.names))

    async def tap(self, title: str) -> Reply:
        """Tap the choice with this title, or the first one that begins with it."""
        wanted = title.format(**self.names)
        found = next((each for each in self.choices if each.startswith(wanted)), None)
        if found is None:
            offered = ", ".join(self.choices) or "nothing"
            raise WentDifferently(f"`{wanted}` is not on offer, but {offered}")
        return await self._send(self.choices[wanted if wanted in self.choices else found])

    async def codes(self) -> list[str]:
        """The codes on their way to this customer, oldest first."""
        async with self.database.reading() as session:
            mails = await session.scalars(
                select(OutboxEvent.payload)
                .where(OutboxEvent.topic == MAIL, OutboxEvent.delivered_at.is_(None))
                .order_by(OutboxEvent.id)
            )
            texts = [str(mail["text"]) for mail in mails if mail["to"] == self.names["email"]]
        return [found.group() for text in texts if (found := _CODE.search(text))]

    async def tracker(self) -> Mapping[str, Any]:
        async with self.http.get(
            f"{self.rasa_url}/conversations/{self.conversation_id}/tracker",
            params={"include_events": "ALL"},
        ) as answer:
            found: Mapping[str, Any] = await answer.json()
            return found

    async def left_behind(self) -> dict[str, Any]:
        """What the store says about this conversation, in the words of a case's `then`."""
        async with self.database.reading() as session:
            escalation = await live_escalation(session, self.conversation_id)
            audited = await session.scalar(
                select(AuditEntry.action).where(AuditEntry.conversation_id == self.conversation_id)
            )
            found: dict[str, Any] = {
                "escalated": str(escalation.reason) if escalation else None,
                "audited": audited,
                "recorded": [
                    name for name, model in _RECORDS.items() if await self._recorded(session, model)
                ],
            }
            if "order" in self.names:
                order = (
                    await session.execute(select(Order).where(Order.number == self.names["order"]))
                ).scalar_one()
                refunded = await session.scalar(
                    select(func.sum(Payment.refunded)).where(Payment.order_id == order.id)
                )
                returned = await session.scalar(
                    select(Return.state)
                    .where(Return.order_id == order.id)
                    .order_by(Return.id.desc())
                    .limit(1)
                )
                found |= {
                    "returned": returned.value if returned else None,
                    "order": order.status.value,
                    "refunded": refunded or 0,
                    "codes": len(await self.codes()),
                }
        return found

    async def _recorded(self, session: AsyncSession, model: Any) -> bool:
        found = select(func.count()).select_from(model).where(model.conversation_id == self.conversation_id)
        return bool(await session.scalar(found))

    async def _send(self, text: str) -> Reply:
        turn_id = new_id()
        body = {
            "sender": self.conversation_id,
            "message": text,
            "metadata": {"turn_id": turn_id, "conversation_id": self.conversation_id},
        }
        async with self.http.post(f"{self.rasa_url}/webhooks/rest/webhook", json=body) as answer:
            if answer.status != 200:
                raise WentDifferently(f"the bot answered {answer.status}: {await answer.text()}")
            messages = await answer.json()
        events = (await self.tracker())["events"]
        fresh, self.seen_events = events[self.seen_events :], len(events)
        said = [event for event in fresh if event["event"] == "bot"]
        reply = Reply(
            responses=[str((event.get("metadata") or {}).get("utter_action")) for event in said],
            text="\n".join(message.get("text", "") for message in messages),
            choices={
                choice["title"]: choice["payload"]
                for message in messages
                for choice in message.get("buttons", [])
            },
            attachments=[
                message["custom"]["attachment"]["kind"] for message in messages if message.get("custom")
            ],
        )
        if re.search(r"\{\w+\}", reply.text):
            raise WentDifferently(f"a placeholder was not filled: {reply.text}")
        self.choices = reply.choices
        return reply

    async def _next_number(self) -> str:
        async with self.database.reading() as session:
            taken = await session.scalar(
                select(func.count()).select_from(Order).where(Order.number >= f"MM-{_FIRST_NUMBER}")
            )
        return f"MM-{_FIRST_NUMBER + (taken or 0)}"
