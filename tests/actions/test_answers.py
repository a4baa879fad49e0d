"""Answering questions from the articles."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sentence_encoder import SentenceEncoder

from actions.answers import AnswerQuestion
from actions.fallback import Unsure
from actions.support_action import Dependencies, SupportAction
from crm.conversations.ledger import entries_of
from crm.database import Database
from crm.escalations.services import live_escalation
from crm.questions.models import Outcome
from crm.questions.services import answers_from, left_open
from knowledge.search import KnowledgeIndex
from tests.actions.rasa import bot, run, tracker, user
from tests.crm.factories import stored_conversation

BEGINNING, END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
UNANSWERABLE = "which planet has the most moons"


async def test_answers_with_the_article_it_rests_on(dependencies: Dependencies, database: Database) -> None:
    conversation_id = await stored_conversation(database)
    question = user("how long does delivery take", "ask_missed_delivery")
    outcome = await run(AnswerQuestion(dependencies), tracker(conversation_id, [question]))
    assert outcome.responses == ["utter_answer"]
    assert "2–4 working days" in outcome.texts[0]
    assert outcome.attachment["kind"] == "article"
    assert outcome.attachment["url"] == "https://shop.example/help/delivery-times"
    assert 0.5 < outcome.attachment["score"] <= 1
    async with database.reading() as session:
        offered = [
            entry.data for entry in await entries_of(session, conversation_id) if entry.kind == "article"
        ]
    assert [article["slug"] for article in offered] == ["delivery-times"]


async def test_an_article_that_only_may_answer_is_shown_with_a_caveat_and_a_person(
    dependencies: Dependencies, database: Database, encoder: SentenceEncoder
) -> None:
    doubtful = KnowledgeIndex(dependencies.index.stored, encoder, threshold=0.99)
    question = user("how many days until my parcel is here", "ask_missed_delivery")
    outcome = await run(
        AnswerQuestion(replace(dependencies, index=doubtful)),
        tracker(await stored_conversation(database), [question]),
    )
    assert outcome.responses == ["utter_possible_answer"]
    assert outcome.attachment["title"] == "How long delivery takes"


async def test_links_of_what_is_said_and_articles_that_may_be_meant_come_along(
    dependencies: Dependencies, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actions.answers._WORTH_NAMING", 0.0)
    question = user("print the free label and take the parcel to a Royal Mail shop", "ask_missed_delivery")

    outcome = await run(
        AnswerQuestion(dependencies), tracker(await stored_conversation(database), [question])
    )

    assert "free label" in outcome.texts[0]
    assert outcome.attachment["links"] == [{"title": "free label", "url": "https://shop.example/help/label"}]
    assert outcome.attachment["others"] == [
        {"title": "How long delivery takes", "url": "https://shop.example/help/delivery-times"}
    ]


async def test_says_once_that_it_does_not_know(dependencies: Dependencies, database: Database) -> None:
    question = user(UNANSWERABLE, "ask_care")
    outcome = await run(
        AnswerQuestion(dependencies), tracker(await stored_conversation(database), [question])
    )
    assert outcome.responses == ["utter_no_answer"]
    assert not outcome.paused


async def test_the_second_unanswered_question_in_a_row_goes_to_a_person(
    dependencies: Dependencies, database: Database
) -> None:
    conversation_id = await stored_conversation(database)
    events = [user(UNANSWERABLE), bot("utter_no_answer"), user(UNANSWERABLE, "ask_care", "turn-2")]
    outcome = await run(AnswerQuestion(dependencies), tracker(conversation_id, events))
    assert outcome.responses == ["utter_handover_out_of_scope"]
    assert outcome.paused
    async with database.reading() as session:
        escalation = await live_escalation(session, conversation_id)
    assert escalation is not None
    assert escalation.reason == "out_of_scope"


async def test_a_tapped_choice_asks_in_the_words_of_its_title(
    dependencies: Dependencies, database: Database
) -> None:
    tapped = user("/ask_missed_delivery", "ask_missed_delivery")
    outcome = await run(AnswerQuestion(dependencies), tracker(await stored_conversation(database), [tapped]))
    assert outcome.attachment["title"] == "How long delivery takes"


async def test_what_was_asked_and_said_is_written_down_once_a_turn(
    dependencies: Dependencies, database: Database
) -> None:
    conversation_id = await stored_conversation(database)
    question = user("how long does delivery take", "ask_missed_delivery")
    for _ in range(2):
        outcome = await run(AnswerQuestion(dependencies), tracker(conversation_id, [question]))
    assert outcome.attachment["helped"] is None
    async with database.reading() as session:
        (asked,) = await answers_from(session, "delivery-times", BEGINNING)
    assert asked.question == "how long does delivery take"
    assert asked.outcome is Outcome.ANSWERED
    assert asked.passage in outcome.texts[0]


@pytest.mark.parametrize(("action", "intent"), [(AnswerQuestion, "ask_care"), (Unsure, "nlu_fallback")])
async def test_what_no_article_answers_is_kept_with_the_nearest_for_the_trainers(
    action: type[SupportAction], intent: str, dependencies: Dependencies, database: Database
) -> None:
    conversation_id = await stored_conversation(database)
    await run(action(dependencies), tracker(conversation_id, [user(UNANSWERABLE, intent)]))
    async with database.reading() as session:
        (asked,) = await left_open(session, BEGINNING, END)
    assert (asked.question, asked.outcome, asked.passage) == (UNANSWERABLE, Outcome.UNANSWERED, "")
    assert asked.slug in {article.slug for article in dependencies.index.articles}
