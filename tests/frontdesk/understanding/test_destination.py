"""A report is written whole or not at all, and what stands in its way is known before the training."""

import os
import resource
from pathlib import Path

import pytest

from frontdesk.errors import OperatorError
from frontdesk.understanding.destination import check_writable, write_whole


def test_the_file_appears_whole_and_for_everybody_that_may(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    check_writable(file)
    assert list(tmp_path.iterdir()) == []
    write_whole(file, "figures, half a \ud83d")
    assert file.read_text(encoding="utf-8") == "figures, half a ?"
    umask = os.umask(0)
    os.umask(umask)
    assert file.stat().st_mode & 0o777 == 0o666 & ~umask
    assert list(tmp_path.iterdir()) == [file]


def test_a_full_disk_leaves_the_report_before_it(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text("old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, before[1]))
    try:
        with pytest.raises(OperatorError, match=r"report\.json cannot be written: File too large"):
            write_whole(file, "x" * 10_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("name", "said"),
    [("", "is a folder"), ("none/report.json", "There is no folder"), ("x" * 300, "cannot be written")],
)
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(OperatorError, match=said):
        check_writable(tmp_path / name)


def test_a_pipe_is_written_to_and_a_link_leads_to_its_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    check_writable(pipe)
    write_whole(pipe, "figures")
    assert os.read(reader, 100) == b"figures"
    os.close(reader)
    assert pipe.is_fifo()
    link, real = tmp_path / "link.json", tmp_path / "real.json"
    link.symlink_to(real)
    check_writable(link)
    write_whole(link, "figures")
    assert link.is_symlink()
    assert real.read_text() == "figures"


def test_no_destination_is_nothing_to_check() -> None:
    check_writable(None)
