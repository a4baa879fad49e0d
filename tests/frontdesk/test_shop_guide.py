"""docs/shop.md is true: the columns it asks for are those that are wanted, and its commands are there."""

import csv
import io
import re
from pathlib import Path

import pytest
from typer.main import get_command

from crm.loading.folder import read_folder
from crm.loading.tables import ShopUnreadable
from frontdesk.cli import app
from tests.crm.loading.small_folder import FILES, small_folder

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "shop.md").read_text(encoding="utf-8")
COLUMNS = {
    name: re.findall(r"`(\w+)`", columns)
    for name, columns in re.findall(r"^\| `(\w+\.csv)` \| ([^|]+) \|", GUIDE, re.MULTILINE)
}


def with_columns(name: str, wanted: list[str]) -> str:
    """The small folder's file with these columns alone."""
    rows = list(csv.DictReader(io.StringIO(FILES[name])))
    written = io.StringIO()
    writer = csv.DictWriter(written, wanted, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


def test_a_folder_with_the_columns_of_the_guide_can_be_read(tmp_path: Path) -> None:
    assert set(COLUMNS) == set(FILES)
    texts = {name.removesuffix(".csv"): with_columns(name, columns) for name, columns in COLUMNS.items()}
    assert len(read_folder(small_folder(tmp_path, **texts)).orders) == 2


def test_each_column_of_the_guide_is_wanted(tmp_path: Path) -> None:
    for name, columns in COLUMNS.items():
        for left_out in columns:
            text = with_columns(name, [column for column in columns if column != left_out])
            folder = small_folder(tmp_path, **{name.removesuffix(".csv"): text})
            with pytest.raises(ShopUnreadable, match=rf"{name} has no column {left_out}\."):
                read_folder(folder)
        small_folder(tmp_path)


def test_its_commands_are_there() -> None:
    said = re.findall(r"^\$ uv run frontdesk (\w+) (\w+)", GUIDE, re.MULTILINE)
    commands = get_command(app).commands  # type: ignore[attr-defined]
    assert said
    assert all(name in commands[group].commands for group, name in said)
