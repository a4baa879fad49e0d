"""A list of messages is one a line, whoever wrote it."""

from pathlib import Path

import pytest

from frontdesk.errors import OperatorError
from frontdesk.understanding.messages import read_messages
from frontdesk.understanding.remarks import Remarks


def test_each_line_with_words_is_a_message(tmp_path: Path) -> None:
    file = tmp_path / "oos.txt"
    file.write_bytes("\ufeffhello\r\n\r\n  two words \r\n\u2028\n".encode() + b"x" * 10_000)
    remarks = Remarks()
    found = read_messages(file, remarks)
    assert [(each.text, each.place.line) for each in found] == [
        ("hello", 1),
        ("two words", 3),
        ("x" * 10_000, 5),
    ]
    assert list(remarks) == [
        f"{file}, line 2: a line without words is left out (and 1 more like this).",
        f"{file}, line 5: of these 10,000 characters only the beginning is read.",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "oos.txt has no messages"),
        (b"\n \n", "oos.txt has no messages"),
        (b"fine\n\xed\xa0\x80\n", "oos.txt, line 2: the file is not UTF-8 text"),
        (b"fine\n" + b"x" * 100_001, "oos.txt, line 2: this message has 100,001 characters"),
    ],
    ids=["empty", "blank", "half a character", "endless"],
)
def test_a_list_that_cannot_be_used_is_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "oos.txt"
    file.write_bytes(content)
    with pytest.raises(OperatorError, match=said):
        read_messages(file, Remarks())


def test_a_list_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="There is no file"):
        read_messages(tmp_path / "oos.txt", Remarks())
    with pytest.raises(OperatorError, match="cannot be read"):
        read_messages(tmp_path, Remarks())
