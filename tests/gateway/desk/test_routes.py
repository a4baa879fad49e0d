"""What agents can do over the desk's interface, and what they cannot."""

import asyncio

import pytest
from sqlalchemy import event, select

from crm.conversations.handover import Handover
from crm.conversations.models import Author, Conversation, Message
from crm.database import Database, new_id
from crm.escalations.models import LIVE_STATES, Escalation
from crm.escalations.services import queue
from gateway import keys
from gateway.desk.frames import LONGEST_REPLY
from gateway.desk.views import rows
from gateway.hub import conversation_topic
from tests.gateway.desk.stage import Browser, Stage


async def signed_in(
    stage: Stage, browser, name: str = "Mara Lindqvist", email: str = "mara@shop.example"
) -> Browser:
    await stage.agent(name, email)
    opened: Browser = await browser()
    await opened.log_in(email)
    return opened


async def two_agents(stage: Stage, browser) -> tuple[Browser, Browser]:
    return (
        await signed_in(stage, browser),
        await signed_in(stage, browser, "Jonas Adeyemi", "jonas@shop.example"),
    )


async def handover_of(stage: Stage, escalation: Escalation) -> str:
    async with stage.database.reading() as session:
        return str((await session.get_one(Conversation, escalation.conversation_id)).handover)


async def said_by(stage: Stage, escalation: Escalation, author: Author) -> list[str]:
    async with stage.database.reading() as session:
        found = await session.scalars(
            select(Message.text)
            .where(Message.conversation_id == escalation.conversation_id, Message.author == author)
            .order_by(Message.sequence)
        )
        return list(found)


def reply(text: str = "Hello, I am on it.", client_message_id: str | None = None) -> dict[str, str]:
    return {"client_message_id": client_message_id or new_id(), "text": text}


async def test_the_queue_shows_who_waits_with_reason_and_last_words(stage: Stage, browser) -> None:
    mara = await signed_in(stage, browser)
    escalation = await stage.escalated(
        ("bot", "Hello!"), ("customer", "a person please"), ("bot", "Of course.")
    )
    status, body = await mara.get("escalations?state=open")
    assert status == 200
    [row] = body["escalations"]
    assert row["id"] == escalation.id
    assert row["reason"] == "asked_for"
    assert row["state"] == "open"
    assert row["agent"] is None
    assert row["unread"] == 0
    assert row["last_message"]["text"] == "a person please"
    assert row["customer_name"].startswith("Visitor ")


async def test_a_conversation_comes_with_document_transcript_and_turns(stage: Stage, browser) -> None:
    mara = await signed_in(stage, browser)
    understood = {"intents": [{"name": "talk_to_person", "confidence": 0.98}], "entities": []}
    escalation = await stage.escalated(
        ("bot", "Hello!"), ("customer", "<b>a person</b>"), tried=[(1, "understood", understood)]
    )
    _, body = await mara.get(f"escalations/{escalation.id}")
    assert body["document"] == escalation.document
    assert [line["text"] for line in body["transcript"]] == ["Hello!", "<b>a person</b>"]
    [tried] = body["document"]["tried"]
    assert body["turns"][tried["turn_id"]] == 2
    assert body["handover"] == "WAITING"
    _, later = await mara.get(f"escalations/{escalation.id}/messages?after=1")
    assert [line["sequence"] for line in later["messages"]] == [2]


async def test_taking_over_tells_the_customer_and_moves_the_row_to_mine(stage: Stage, browser) -> None:
    mara, jonas = await two_agents(stage, browser)
    escalation = await stage.escalated()
    for _ in range(2):
        status, body = await mara.post(f"escalations/{escalation.id}/take")
        assert status == 200
        assert body["escalation"]["agent"]["name"] == "Mara Lindqvist"
    assert await said_by(stage, escalation, Author.SYSTEM) == ["Mara has joined the conversation."]
    assert await handover_of(stage, escalation) == Handover.AGENT
    assert (await mara.get("escalations?state=open"))[1]["escalations"] == []
    assert len((await mara.get("escalations?state=mine"))[1]["escalations"]) == 1
    [seen_by_jonas] = (await jonas.get("escalations?state=open"))[1]["escalations"]
    assert seen_by_jonas["state"] == "taken"


async def test_of_two_agents_who_take_at_once_one_wins_and_one_is_told(stage: Stage, browser) -> None:
    mara, jonas = await two_agents(stage, browser)
    escalation = await stage.escalated()
    answers = await asyncio.gather(*(one.post(f"escalations/{escalation.id}/take") for one in (mara, jonas)))
    assert sorted(status for status, _ in answers) == [200, 409]
    [refused] = [body for status, body in answers if status == 409]
    assert refused["error"]["code"] == "already_taken"
    assert "colleague" in refused["error"]["text"]
    assert len(await said_by(stage, escalation, Author.SYSTEM)) == 1


async def test_a_reply_sent_five_times_at_once_is_stored_once(stage: Stage, browser) -> None:
    mara = await signed_in(stage, browser)
    escalation = await stage.escalated()
    await mara.post(f"escalations/{escalation.id}/take")
    body = reply()
    answers = await asyncio.gather(*(mara.post(f"escalations/{escalation.id}/reply", body) for _ in range(5)))
    assert {status for status, _ in answers} == {200}
    assert len({answer["message"]["sequence"] for _, answer in answers}) == 1
    assert answers[0][1]["message"]["name"] == "Mara"
    assert await said_by(stage, escalation, Author.AGENT) == [body["text"]]


async def test_a_reply_repeated_after_the_end_is_still_acknowledged(stage: Stage, browser) -> None:
    mara = await signed_in(stage, browser)
    escalation = await stage.escalated()
    await mara.post(f"escalations/{escalation.id}/take")
    body = reply()
    await mara.post(f"escalations/{escalation.id}/reply", body)
    await mara.post(f"escalations/{escalation.id}/resolve")
    assert (await mara.post(f"escalations/{escalation.id}/reply", body))[0] == 200
    status, refused = await mara.post(f"escalations/{escalation.id}/reply", reply())
    assert (status, refused["error"]["code"]) == (409, "already_ended")


async def test_only_the_holder_replies_resolves_hands_back_and_marks_as_seen(stage: Stage, browser) -> None:
    mara, jonas = await two_agents(stage, browser)
    escalation = await stage.escalated()
    deeds = {"reply": reply(), "resolve": {}, "hand-back": {}, "seen": {"sequence": 1}}

    async def refusals(agent: Browser) -> set[tuple[int, str]]:
        answers = [
            await agent.post(f"escalations/{escalation.id}/{deed}", body) for deed, body in deeds.items()
        ]
        return {(status, body["error"]["code"]) for status, body in answers}

    assert await refusals(mara) == {(409, "not_yours")}
    await mara.post(f"escalations/{escalation.id}/take")
    assert await refusals(jonas) == {(409, "not_yours")}
    assert await said_by(stage, escalation, Author.AGENT) == []


async def test_another_agents_message_id_does_not_pass_for_ones_own(stage: Stage, browser) -> None:
    mara, jonas = await two_agents(stage, browser)
    escalation = await stage.escalated()
    await mara.post(f"escalations/{escalation.id}/take")
    body = reply()
    await mara.post(f"escalations/{escalation.id}/reply", body)
    status, refused = await jonas.post(f"escalations/{escalation.id}/reply", body)
    assert (status, refused["error"]["code"]) == (409, "id_used_elsewhere")


@pytest.mark.parametrize(
    ("deed", "handover", "state", "farewell"),
    [
        ("resolve", Handover.CLOSED, "resolved", "Mara has closed this conversation."),
        ("hand-back", Handover.BOT, "handed_back", "Mara has handed you back to the assistant."),
    ],
)
async def test_ending_tells_the_customer_and_is_done_once(
    stage: Stage, browser, deed: str, handover: Handover, state: str, farewell: str
) -> None:
    mara = await signed_in(stage, browser)
    escalation = await stage.escalated()
    await mara.post(f"escalations/{escalation.id}/take")
    status, body = await mara.post(f"escalations/{escalation.id}/{deed}", {"note": "paid back"})
    assert (status, body["escalation"]["state"]) == (200, state)
    assert await handover_of(stage, escalation) == handover
    assert (await said_by(stage, escalation, Author.SYSTEM))[-1].startswith(farewell)
    assert (await mara.post(f"escalations/{escalation.id}/{deed}"))[0] == 409
    assert len((await mara.get("escalations?state=closed"))[1]["escalations"]) == 1


async def test_what_the_customer_writes_is_unread_until_the_holder_has_seen_it(stage: Stage, browser) -> None:
    mara = await signed_in(stage, browser)
    escalation = await stage.escalated()
    await mara.post(f"escalations/{escalation.id}/take")
    await stage.customer_says(escalation.conversation_id, "hello?")
    await stage.customer_says(escalation.conversation_id, "anyone?")
    [row] = (await mara.get("escalations?state=mine"))[1]["escalations"]
    assert (row["unread"], row["last_message"]["text"]) == (2, "anyone?")
    for sequence in (10_000, 1):
        assert (await mara.post(f"escalations/{escalation.id}/seen", {"sequence": sequence}))[0] == 200
    [row] = (await mara.get("escalations?state=mine"))[1]["escalations"]
    assert row["unread"] == 0
    await stage.customer_says(escalation.conversation_id, "still here")
    [row] = (await mara.get("escalations?state=mine"))[1]["escalations"]
    assert row["unread"] == 1, "a sequence number beyond the end must not hide what comes later"


async def test_what_holder_and_customer_have_seen_is_told_to_the_other(stage: Stage, browser) -> None:
    mara = await signed_in(stage, browser)
    escalation = await stage.escalated()
    await mara.post(f"escalations/{escalation.id}/take")
    conversation_id = escalation.conversation_id
    with stage.app[keys.HUB].subscribed(conversation_topic(conversation_id)) as events:
        await mara.post(f"escalations/{escalation.id}/seen", {"sequence": 1})
        async with asyncio.timeout(2):
            assert await anext(aiter(events)) == {"type": "changed"}
    last = await stage.customer_reads(conversation_id)
    assert (await mara.get(f"escalations/{escalation.id}"))[1]["customer_saw"] == last
    assert (await mara.get(f"escalations/{escalation.id}/messages?after=0"))[1]["customer_saw"] == last


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (reply("   \n "), 400, "text_missing"),
        (reply("\x00\x00"), 400, "text_missing"),
        (reply("x" * (LONGEST_REPLY + 1)), 413, "text_too_long"),
        ({"text": "hello"}, 400, "bad_request"),
        (reply(client_message_id="short"), 400, "bad_request"),
        (reply(client_message_id="x" * 65), 400, "bad_request"),
        (reply(client_message_id="../../etc/passwd"), 400, "bad_request"),
        ({"client_message_id": new_id(), "text": ["x"]}, 400, "bad_request"),
    ],
)
async def test_a_reply_that_makes_no_sense_is_refused(
    stage: Stage, browser, body: dict[str, object], status: int, code: str
) -> None:
    mara = await signed_in(stage, browser)
    escalation = await stage.escalated()
    await mara.post(f"escalations/{escalation.id}/take")
    found, refused = await mara.post(f"escalations/{escalation.id}/reply", body)
    assert (found, refused["error"]["code"]) == (status, code)


async def test_a_lone_surrogate_in_a_reply_does_not_reach_the_store(stage: Stage, browser) -> None:
    mara = await signed_in(stage, browser)
    escalation = await stage.escalated()
    await mara.post(f"escalations/{escalation.id}/take")
    status, _ = await mara.post(f"escalations/{escalation.id}/reply", reply("smile \ud83d"))
    assert status in {200, 400}
    for text in await said_by(stage, escalation, Author.AGENT):
        text.encode()


@pytest.mark.parametrize("unknown", ["0" * 32, "1", "' OR 1=1 --", "..%2f..%2fetc"])
async def test_an_unknown_escalation_is_not_found_on_every_route(stage: Stage, browser, unknown: str) -> None:
    mara = await signed_in(stage, browser)
    assert (await mara.get(f"escalations/{unknown}"))[0] == 404
    assert (await mara.get(f"escalations/{unknown}/messages"))[0] == 404
    for deed, body in {
        "take": {},
        "reply": reply(),
        "seen": {"sequence": 1},
        "resolve": {},
        "hand-back": {},
    }.items():
        assert (await mara.post(f"escalations/{unknown}/{deed}", body))[0] == 404


async def test_queries_that_make_no_sense_are_refused(stage: Stage, browser) -> None:
    mara = await signed_in(stage, browser)
    escalation = await stage.escalated()
    assert (await mara.get("escalations?state=all"))[0] == 400
    for after in ("-1", "x", "1e3", "9" * 40, "²"):
        assert (await mara.get(f"escalations/{escalation.id}/messages?after={after}"))[0] == 400


async def test_the_queue_takes_as_many_queries_for_twelve_as_for_one(stage: Stage) -> None:
    statements: list[str] = []
    # An engine of its own: the desk's one is also asked by the worker.
    database = Database(stage.database.url)
    event.listen(
        database.engine.sync_engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: statements.append(statement),
    )
    counts = []
    for more in (1, 11):
        for _ in range(more):
            await stage.escalated()
        async with database.reading() as session:
            await session.connection()
            statements.clear()
            found = await rows(session, await queue(session, LIVE_STATES), stage.app[keys.WORDING])
            counts.append(len(statements))
    await database.close()
    assert len(found) == 12
    assert counts[0] == counts[1]
