"""What trainers see of open questions, and corrections sent from the command line."""

import asyncio
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sentence_encoder import SentenceEncoder
from typer.testing import CliRunner, Result

from crm.conversations.services import transcript
from crm.database import Database
from crm.questions.models import Outcome
from crm.questions.services import keep_question
from frontdesk.errors import OperatorError
from frontdesk.knowledge_commands import knowledge
from frontdesk.settings import Settings
from frontdesk.store import migrate_store
from knowledge.index import build_index
from tests.crm.factories import stored_conversation
from tests.knowledge.factories import RETURNS, write_article, write_two_articles

HOSTILE = "<script>alert('tents')</script> do you rent\x1b[31m tents?"


@pytest.fixture
def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoder_folder: Path) -> Settings:
    """An installation with two articles and no database yet."""
    for name in ("DATABASE_URL", "FRONTDESK_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    state = tmp_path / "state"
    state.mkdir()
    monkeypatch.setenv("FRONTDESK_STATE_DIR", str(state))
    (state / "encoder").symlink_to(encoder_folder, target_is_directory=True)
    build_index(
        write_two_articles(tmp_path / "articles"), state / "knowledge", SentenceEncoder(encoder_folder)
    )
    return Settings()


@pytest.fixture
def conversation_id(new: Settings) -> str:
    """A customer who asked three things: two had an answer, one of which is not in the article any more."""

    async def ask() -> str:
        await migrate_store(new)
        database = Database(new.store_url)
        conversation_id = await stored_conversation(database)
        for number, (question, slug, passage) in enumerate(
            (
                ("how long does it take?", "delivery-times", "Standard delivery takes 2–4 working days."),
                ("can I send it back?", "returns", "You have 14 days from delivery to send things back."),
                (HOSTILE, None, ""),
            )
        ):
            async with database.transaction() as session:
                await keep_question(
                    session,
                    conversation_id=conversation_id,
                    turn_id=f"turn {number}",
                    question=question,
                    outcome=Outcome.ANSWERED if passage else Outcome.UNANSWERED,
                    slug=slug,
                    passage=passage,
                    score=0.7,
                    now=datetime.now(UTC),
                )
        await database.close()
        return conversation_id

    return asyncio.run(ask())


def run(*arguments: str) -> Result:
    return CliRunner().invoke(knowledge, list(arguments))


def said(settings: Settings, conversation_id: str) -> list[str]:
    async def read() -> list[str]:
        database = Database(settings.store_url)
        async with database.reading() as session:
            texts = [message.text for message in await transcript(session, conversation_id)]
        await database.close()
        return texts

    return asyncio.run(read())


@pytest.mark.usefixtures("conversation_id")
def test_gaps_are_shown_as_a_table_json_and_a_page(tmp_path: Path) -> None:
    result = run("gaps", "--json", str(tmp_path / "gaps.json"), "--html", str(tmp_path / "gaps.html"))
    assert result.exit_code == 0, result.output
    assert "Of 3 questions 1 had no answer" in result.output
    assert "\x1b" not in result.output
    report = json.loads((tmp_path / "gaps.json").read_text())
    assert [gap["question"] for gap in report["gaps"]] == [HOSTILE]
    assert report["asked"] == {"answered": 2, "possible": 0, "unanswered": 1}
    assert {each["slug"] for each in report["articles"]} == {"delivery-times", "returns"}
    page = (tmp_path / "gaps.html").read_text()
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "<circle" in page


def test_without_a_question_the_report_says_so(new: Settings, tmp_path: Path) -> None:
    asyncio.run(migrate_store(new))
    result = run("gaps", "--html", str(tmp_path / "gaps.html"))
    assert "Nobody asked the articles anything" in result.output
    assert "Never used: delivery-times, returns." in result.output
    assert "Nothing was left open" in (tmp_path / "gaps.html").read_text()


def test_an_expired_article_is_listed_and_not_called_unused(
    new: Settings, tmp_path: Path, encoder_folder: Path
) -> None:
    asyncio.run(migrate_store(new))
    over = RETURNS | {
        "title": "Returns in 2020",
        "questions": ["a", "b", "c"],
        "valid_until": date(2020, 12, 31),
    }
    write_article(tmp_path / "articles", "returns-in-2020", over, "You have 10 days.")
    build_index(tmp_path / "articles", new.index_dir, SentenceEncoder(encoder_folder))
    output = run("gaps").output
    assert "returns-in-2020: valid until 31 Dec 2020" in output
    assert "Never used: delivery-times, returns." in output


@pytest.mark.usefixtures("new")
def test_without_a_database_one_sentence_says_what_to_do() -> None:
    assert isinstance(run("gaps").exception, OperatorError)


def test_a_correction_reaches_who_was_told_the_old_text_once(new: Settings, conversation_id: str) -> None:
    listed = run("recall", "returns")
    assert "told what returns no longer says: 1. Still within reach: 1." in listed.output
    assert "You have 14 days" in listed.output
    assert said(new, conversation_id) == []
    words = "You have 30 days, not 14."
    for expected in (
        "1 in the chat, 0 by mail; 0 had it already",
        "0 in the chat, 0 by mail; 1 had it already",
    ):
        sent = run("recall", "returns", "--send", words, "--by", "Robin", "--yes")
        assert expected in sent.output
    (message,) = said(new, conversation_id)
    assert words in message


@pytest.mark.usefixtures("conversation_id")
def test_what_the_article_still_says_is_not_recalled() -> None:
    assert "no longer says: 0." in run("recall", "delivery-times").output


@pytest.mark.usefixtures("conversation_id")
@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["recall", "no-such-article"], "There is no article 'no-such-article'"),
        (["recall", "returns", "--send", "Sorry!"], "--by NAME"),
        (["recall", "returns", "--send", "  ", "--by", "Robin", "--yes"], "1 to 2,000 characters"),
        (["recall", "returns", "--send", "x" * 2_001, "--by", "Robin", "--yes"], "1 to 2,000 characters"),
    ],
)
def test_what_cannot_be_sent_is_said_in_one_sentence(arguments: list[str], problem: str) -> None:
    error = run(*arguments).exception
    assert isinstance(error, OperatorError)
    assert problem in str(error)


def test_nothing_is_sent_without_a_yes(new: Settings, conversation_id: str) -> None:
    result = CliRunner().invoke(
        knowledge, ["recall", "returns", "--send", "Really.", "--by", "Robin"], input="n\n"
    )
    assert result.exit_code == 1
    assert said(new, conversation_id) == []
