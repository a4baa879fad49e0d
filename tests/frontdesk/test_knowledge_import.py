"""`frontdesk knowledge import`, as an operator calls it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from frontdesk.errors import OperatorError
from frontdesk.knowledge_commands import knowledge
from knowledge.importing.ledger import LEDGER_FILE


def test_what_was_written_and_what_was_left_alone_is_told(tmp_path: Path) -> None:
    source = tmp_path / "faq.csv"
    source.write_text("question,answer\nIs it free?,Yes.\n,No.\n", encoding="utf-8")

    done = CliRunner().invoke(knowledge, ["import", str(source), "--to", str(tmp_path / "articles")])

    assert done.exit_code == 0
    assert done.stdout == "Articles: written 1, updated 0, unchanged 0, kept 0. Problems: 1.\n"
    assert "WARNING faq.csv, line 3: has no title or question." in done.stderr
    assert (tmp_path / "articles" / "is-it-free.md").is_file()


def test_what_keeps_an_import_from_beginning_is_one_sentence(tmp_path: Path) -> None:
    source = tmp_path / "faq.csv"
    source.write_text("question,answer\nIs it free?,Yes.\n", encoding="utf-8")
    (tmp_path / LEDGER_FILE).write_text("{", encoding="utf-8")

    for arguments, words in (
        ([str(tmp_path / "nowhere.csv")], "is not there"),
        ([str(source), "--topic", "Two words"], "is no topic"),
        ([str(source)], "imported.json is damaged"),
        ([str(source), "--to", str(source)], "cannot be written to"),
    ):
        command = ["import", *arguments, *([] if "--to" in arguments else ["--to", str(tmp_path)])]
        with pytest.raises(OperatorError, match=words):
            CliRunner().invoke(knowledge, command, catch_exceptions=False)
