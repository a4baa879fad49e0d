"""Whether an answer helped: said by a tap, kept, shown in every tab, and nobody else's to say."""

from typing import Any

from aiohttp import web

from crm.database import Database
from crm.questions.models import Outcome
from crm.questions.services import judgements, keep_question
from tests.crm.factories import NOW
from tests.gateway.chat_client import ChatClient, Frame
from tests.gateway.conftest import RunningGateway
from tests.gateway.scripted_bot import Behaviour, Entries, ScriptedBot


def answering_from_an_article(database: Database) -> Behaviour:
    """A bot that answers from an article, as the action does, and writes it down."""

    async def behave(bot: ScriptedBot, _request: web.Request, body: dict[str, Any]) -> Entries:
        async with database.transaction() as session:
            await keep_question(
                session,
                conversation_id=body["sender"],
                turn_id=body["metadata"]["turn_id"],
                question=body["message"],
                outcome=Outcome.ANSWERED,
                slug="delivery-times",
                passage="Two days.",
                score=0.9,
                now=NOW,
            )
        attachment = {"kind": "article", "title": "Delivery", "url": "/help/delivery-times", "helped": None}
        entries = [
            {"recipient_id": body["sender"], "text": "Two days."},
            {"recipient_id": body["sender"], "custom": {"attachment": attachment}},
        ]
        bot.remember(body, entries)
        return entries

    return behave


async def answered(gateway: RunningGateway, customer: ChatClient) -> Frame:
    gateway.bot.script = [answering_from_an_article(gateway.database)]
    await customer.say("how long does it take?")
    return await customer.until(lambda frame: frame.get("text") == "Two days.")


async def test_a_judgement_is_kept_and_every_tab_hears_of_it(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        answer = await answered(gateway, customer)
        assert answer["attachment"]["helped"] is None
        async with gateway.client(token=customer.token) as other_tab:
            await other_tab.until(lambda frame: frame.get("text") == "Two days.")
            await customer.send({"type": "judge", "sequence": answer["sequence"], "helped": False})
            heard = await other_tab.until(lambda frame: frame["type"] == "judged")
        assert heard == {"type": "judged", "sequence": answer["sequence"], "helped": False}
        conversation_id = customer.frames[0]["conversation_id"]
    async with gateway.client(token=customer.token) as again:
        shown = await again.until(lambda frame: frame.get("text") == "Two days.")
        assert shown["attachment"]["helped"] is False
    async with gateway.database.reading() as session:
        assert list((await judgements(session, conversation_id)).values()) == [False]


async def test_what_is_no_answer_cannot_be_judged(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        await customer.until(lambda frame: frame.get("sequence") == 1)
        for frame in (
            {"type": "judge", "sequence": 1, "helped": True},
            {"type": "judge", "sequence": 99, "helped": True},
            {"type": "judge", "sequence": 1, "helped": "yes please"},
        ):
            customer.frames.clear()
            await customer.send(frame)
            refused = await customer.until(lambda each: each["type"] == "error")
            assert refused["code"] == "bad_frame"


async def test_nobody_judges_the_answer_of_another_conversation(gateway: RunningGateway) -> None:
    async with gateway.client() as customer, gateway.client() as stranger:
        answer = await answered(gateway, customer)
        await stranger.until(lambda frame: frame.get("sequence") == 1)
        await stranger.send({"type": "judge", "sequence": answer["sequence"], "helped": False})
        await stranger.until(lambda frame: frame["type"] == "error")
        conversation_id = customer.frames[0]["conversation_id"]
    async with gateway.database.reading() as session:
        assert await judgements(session, conversation_id) == {}
