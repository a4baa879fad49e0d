import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sentence_encoder import SentenceEncoder

from knowledge.articles_watch import ArticlesWatch
from knowledge.gaps import GAPS_FILE
from knowledge.index import build_index
from knowledge.index_file import INDEX_FILE, read_index
from knowledge.watched_index import WatchedIndex
from tests.knowledge.factories import DELIVERY, write_article, write_two_articles

SOON_S = 2.0
NEW = "A courier brings parcels between ten and two, for £8."
SUNDAY = DELIVERY | {
    "title": "The Sunday courier",
    "questions": ["does a courier come on sunday", "sunday courier price", "parcels on sundays"],
}
KILLED_WHILE_INDEXING = """
import sys
from pathlib import Path
from sentence_encoder import SentenceEncoder
import knowledge.index
articles, index, encoder, moment = sys.argv[1:]

def wait(*_: object) -> None:
    print("now", flush=True)
    sys.stdin.read()

if moment == "embedding":
    progress = wait
else:
    progress = None
    knowledge.index.write_index = wait
knowledge.index.build_index(Path(articles), Path(index), SentenceEncoder(Path(encoder)), progress)
"""


@pytest.fixture
def folders(encoder: SentenceEncoder, tmp_path: Path) -> tuple[Path, Path]:
    articles = write_two_articles(tmp_path / "articles")
    (articles / GAPS_FILE).write_text("hiring:\n  - do you rent out tents\n")
    build_index(articles, tmp_path / "index", encoder)
    return articles, tmp_path / "index"


@pytest.fixture
def watched(folders: tuple[Path, Path], encoder_folder: Path) -> Iterator[WatchedIndex]:
    articles, index_dir = folders
    index = WatchedIndex(index_dir, encoder_folder)
    watch = ArticlesWatch(articles, index_dir, index)
    watch.start()
    yield index
    watch.stop()


def soon(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + SOON_S
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False


def test_a_saved_article_answers_within_two_seconds(
    watched: WatchedIndex, folders: tuple[Path, Path]
) -> None:
    write_article(folders[0], "sunday", SUNDAY, NEW)

    assert soon(lambda: watched.search("does a courier come on sunday")[0].passage == NEW)


def test_a_changed_and_a_removed_article_are_taken_up(
    watched: WatchedIndex, folders: tuple[Path, Path]
) -> None:
    write_article(folders[0], "delivery-times", DELIVERY, NEW)

    assert soon(lambda: watched.search("how long does delivery take")[0].passage == NEW)
    (folders[0] / "delivery-times.md").unlink()
    assert soon(lambda: watched.article("delivery-times") is None)


def test_an_article_that_is_broken_just_now_stays_as_it_was(
    watched: WatchedIndex, folders: tuple[Path, Path]
) -> None:
    before = watched.article("returns")
    (folders[0] / "returns.md").write_text("---\ntitle: half\n")
    write_article(folders[0], "sunday", SUNDAY, NEW)

    assert soon(lambda: watched.article("sunday") is not None)
    assert watched.article("returns") == before


@pytest.mark.parametrize("moment", ["embedding", "writing"])
def test_a_killed_build_leaves_the_old_index_and_the_next_one_succeeds(
    folders: tuple[Path, Path], encoder: SentenceEncoder, encoder_folder: Path, moment: str
) -> None:
    articles, index_dir = folders
    before = (index_dir / INDEX_FILE).read_bytes()
    write_article(articles, "delivery-times", DELIVERY, NEW)
    arguments = [str(articles), str(index_dir), str(encoder_folder), moment]
    with subprocess.Popen(
        [sys.executable, "-c", KILLED_WHILE_INDEXING, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as build:
        assert build.stdout is not None
        assert build.stdout.readline() == b"now\n"
        (index_dir / ".index-unfinished").write_bytes(b"half")
        os.kill(build.pid, signal.SIGKILL)

    assert (index_dir / INDEX_FILE).read_bytes() == before
    assert len(read_index(index_dir, encoder.fingerprint).articles) == 2
    assert build_index(articles, index_dir, encoder).embedded > 0
    assert [file.name for file in index_dir.iterdir()] == [INDEX_FILE]
    assert NEW in read_index(index_dir).articles[0].body
