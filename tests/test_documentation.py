"""The documentation is true: its commands exist, its links lead somewhere, its settings are settings."""

import re
from pathlib import Path

import click
import pytest
import typer.main

from frontdesk.cli import app
from frontdesk.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMANDS = "nlu|up|serve|chat|doctor|check|train|test|new|db|knowledge|demo|agents"
COMMAND = re.compile(rf"\bfrontdesk ((?:(?:{COMMANDS})\b *)(?:[a-z-]+)?)")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
SETTING = re.compile(r"\bFRONTDESK_[A-Z_]+\b")
# Set by `up` and by tests for child processes; nobody configures them.
INTERNAL = frozenset({"FRONTDESK_TEST_STATE"})


def page_id(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def test_the_two_commands_of_the_readme_are_the_whole_set_up() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "uv run frontdesk up" in readme
    assert "uv run pytest" in readme


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_command_on_the_page_exists(page: Path) -> None:
    root = typer.main.get_command(app)
    for written in COMMAND.findall(page.read_text(encoding="utf-8")):
        command: click.Command | None = root
        for word in written.split():
            if not isinstance(command, click.Group):
                break
            command = command.get_command(click.Context(command), word)
        assert command is not None, f"frontdesk {written} is no command"


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_link_on_the_page_leads_to_a_file(page: Path) -> None:
    broken = [
        link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()
    ]
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_setting_on_the_page_is_read_somewhere(page: Path) -> None:
    known = {f"FRONTDESK_{name.upper()}" for name in Settings.model_fields} | INTERNAL
    bot = {name for file in (ROOT / "frontdesk").glob("*.py") for name in SETTING.findall(file.read_text())}
    unknown = set(SETTING.findall(page.read_text(encoding="utf-8"))) - known - bot
    assert unknown - {"FRONTDESK_"} == set()
