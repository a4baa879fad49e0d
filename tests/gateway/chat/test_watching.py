"""What a customer writes can call a person before the bot is asked, and without it."""

from pathlib import Path

from sqlalchemy import select

from crm.conversations.models import Turn, TurnState
from crm.escalations.models import Escalation
from gateway.chat.watching import WatchwordsFile
from gateway.options import SHOPS_WATCHWORDS
from gateway.wording import Wording
from tests.gateway.conftest import RunningGateway, StartGateway


async def escalations_of(gateway: RunningGateway) -> list[Escalation]:
    async with gateway.database.reading() as session:
        return list(await session.scalars(select(Escalation).order_by(Escalation.created_at)))


async def test_urgent_words_bring_a_person_and_the_bot_is_not_asked(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        await customer.say("the wedding is tomorrow and my jacket is not here")
        await customer.until(lambda frame: frame.get("handover") == "WAITING")
        await customer.until_said("let's not lose any time")
        await customer.until_said("keep your place")
    assert gateway.bot.received == []
    (escalation,) = await escalations_of(gateway)
    assert (escalation.reason, escalation.urgency) == ("urgent", "high")
    assert escalation.document["matched"] == "wedding is tomorrow"
    assert "wedding is tomorrow" in escalation.document["summary"]
    async with gateway.database.reading() as session:
        (turn,) = (await session.scalars(select(Turn))).all()
    assert (turn.state, turn.failure) == (TurnState.ESCALATED, "watch_deadline")


async def test_it_works_while_the_bot_is_down(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(rasa_urls=("http://127.0.0.1:9",))
    async with gateway.client() as customer:
        await customer.say("I want to die")
        await customer.until_said("Samaritans")
        await customer.until(lambda frame: frame.get("handover") == "WAITING")


async def test_two_angry_messages_in_a_row_bring_a_person_once(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        await customer.say("this is a disgrace, I am furious")
        await customer.until_said("bot heard this is a disgrace")
        await customer.say("you people are useless and rude")
        await customer.until_said("this has been frustrating")
        await customer.say("absolutely disgraceful and pathetic service")
        await customer.until_said("kept that for my colleague")
    (escalation,) = await escalations_of(gateway)
    assert escalation.reason == "upset"


async def test_back_with_the_bot_the_old_words_call_nobody(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        await customer.say("this is a disgrace, I am furious")
        await customer.until_said("bot heard this is a disgrace")
        await customer.say("you people are useless and rude")
        await customer.until_said("keep your place")
        await customer.choose("Back to the assistant")
        await customer.until_said("You're back with me")
        await customer.say("still, what a disgrace it was")
        await customer.until_said("bot heard still, what a disgrace")
    assert len(await escalations_of(gateway)) == 1
    (conversation_id,) = gateway.bot.appended
    told = [event["text"] for event in gateway.bot.appended[conversation_id] if event["event"] == "user"]
    assert told[0] == "you people are useless and rude", "the bot is told what it was not asked"


async def test_a_tapped_choice_is_not_watched(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        await customer.until_said("Hello")
        await customer.choose("Delivery times")
        await customer.until_said("bot heard How long does delivery take?")
    assert await escalations_of(gateway) == []


def test_every_group_of_the_shop_has_words_for_the_customer() -> None:
    wording = Wording("en", shop="Maple & Moor")
    words = WatchwordsFile(SHOPS_WATCHWORDS).current()
    for patterns in words.groups:
        group = patterns.group
        assert wording.has(f"watch.{group.group}") or wording.has(f"watch.{group.reason}")
    assert wording.has("watch.upset")


def test_a_changed_file_counts_at_once_and_a_spoilt_one_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "watchwords.yml"
    shops = SHOPS_WATCHWORDS.read_text(encoding="utf-8")
    path.write_text(shops, encoding="utf-8")
    words = WatchwordsFile(path)
    before = words.current()
    path.write_text(shops.replace("- caught fire", "- fell from the sky"), encoding="utf-8")
    after = words.current()
    assert [p.find("it fell from the sky") for p in before.groups if p.group.group == "safety"] == [None]
    assert [p.find("it fell from the sky") for p in after.groups if p.group.group == "safety"] == [
        "fell from the sky"
    ]
    path.write_text("groups: [", encoding="utf-8")
    assert words.current() is after
    path.unlink()
    assert words.current() is after
