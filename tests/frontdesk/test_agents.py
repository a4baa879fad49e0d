"""Adding the people at the desk from the command line."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from crm.agents.passwords import Passwords
from crm.agents.services import log_in
from crm.database import Database
from frontdesk.agents import AgentRefused
from frontdesk.cli import app
from frontdesk.errors import OperatorError
from frontdesk.settings import Settings
from frontdesk.store import migrate_store

PASSWORD = "a quiet maple"
ADD = ("add", "Ada Moor", "Ada@Shop.example")


@pytest.fixture
def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of an installation that has no database yet."""
    for name in ("DATABASE_URL", "FRONTDESK_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FRONTDESK_STATE_DIR", str(tmp_path / "state"))
    return Settings()


@pytest.fixture
def migrated(new: Settings) -> Settings:
    asyncio.run(migrate_store(new))
    return new


def agents(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, ["agents", *arguments], input=typed)


def signs_in(settings: Settings, email: str, password: str) -> str:
    """The name of who signs in. Raises LoginRefused."""

    async def name() -> str:
        database = Database(settings.store_url)
        try:
            signed_in = await log_in(
                database,
                Passwords(),
                email=email,
                password=password,
                address="198.51.100.7",
                user_agent="",
                now=datetime.now(UTC),
            )
            return signed_in.agent.name
        finally:
            await database.close()

    return asyncio.run(name())


def test_an_agent_with_a_typed_password_can_sign_in_and_is_listed(migrated: Settings) -> None:
    result = agents(*ADD, typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0
    assert "ada@shop.example can sign in at" in result.output
    assert PASSWORD not in result.output
    assert signs_in(migrated, "ada@shop.example", PASSWORD) == "Ada Moor"
    assert agents("list").output == "Ada Moor  ada@shop.example\n"


def test_a_password_that_is_typed_differently_is_asked_for_again(migrated: Settings) -> None:
    result = agents(*ADD, typed=f"{PASSWORD}\nanother one\n{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0
    assert signs_in(migrated, "ada@shop.example", PASSWORD) == "Ada Moor"


def test_a_script_gives_the_password_on_standard_input(migrated: Settings) -> None:
    assert agents(*ADD, "--password-stdin", typed=f"{PASSWORD}\n").exit_code == 0
    assert signs_in(migrated, "ada@shop.example", PASSWORD) == "Ada Moor"


@pytest.mark.parametrize(
    ("arguments", "password", "said"),
    [
        (("add", "Ada", "ADA@shop.example"), PASSWORD, "There is an agent with the e-mail ADA@shop.example"),
        (("add", "Bo", "bo@shop.example"), "eleven char", "The password has 11 characters"),
        (("add", "Bo", "bo@shop.example"), "", "The password has 0 characters"),
        (("add", "Bo", "<bo@shop.example>"), PASSWORD, "no e-mail address"),
        (("add", " ", "bo@shop.example"), PASSWORD, "needs a name"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(
    migrated: Settings, arguments: tuple[str, ...], password: str, said: str
) -> None:
    agents(*ADD, "--password-stdin", typed=PASSWORD)
    result = agents(*arguments, "--password-stdin", typed=password)
    assert isinstance(result.exception, AgentRefused)
    assert said in str(result.exception)
    assert len(str(result.exception).splitlines()) == 1
    assert agents("list").output == "Ada Moor  ada@shop.example\n"


def test_a_database_that_is_not_migrated_is_named_and_not_created(new: Settings) -> None:
    for arguments in ((*ADD, "--password-stdin"), ("list",)):
        result = agents(*arguments, typed=PASSWORD)
        assert isinstance(result.exception, OperatorError)
        assert "frontdesk db migrate" in str(result.exception)
    assert not new.state_dir.exists()
