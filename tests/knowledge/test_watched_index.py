"""A running server answers from the articles as they are now, with the encoder they were embedded with."""

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog
from sentence_encoder import EncoderMissing, SentenceEncoder

from frontdesk.encoder_folders import keep_encoder, use_encoder
from knowledge.encoder_export import export_encoder
from knowledge.index import build_index
from knowledge.index_file import INDEX_FILE, IndexUnusable
from knowledge.watched_index import WatchedIndex
from tests.knowledge.factories import write_two_articles
from tests.small_models import save_small_model


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    return write_two_articles(tmp_path / "articles")


@pytest.fixture(scope="module")
def small_encoders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Folders of two encoders that know nothing of each other."""
    folder = tmp_path_factory.mktemp("encoders")
    for seed in (1, 2):
        export_encoder(str(save_small_model(folder / f"source{seed}", "mean", seed=seed)), folder / str(seed))
    return [folder / "1", folder / "2"]


@pytest.fixture
def two_encoders(small_encoders: list[Path], tmp_path: Path) -> tuple[Path, Path]:
    """Where both are kept in a state folder; the first is in use."""
    state = tmp_path / "state"
    first, second = (
        keep_encoder(state, lambda folder, source=source: copy(source, folder)) for source in small_encoders
    )
    use_encoder(state, first)
    return first, second


def copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_new_index_is_taken_up_without_a_restart(
    articles: Path, tmp_path: Path, encoder: SentenceEncoder, encoder_folder: Path
) -> None:
    build_index(articles, tmp_path / "index", encoder)
    watched = WatchedIndex(tmp_path / "index", encoder_folder)
    first = sorted(articles.glob("*.md"))[0]
    assert watched.article(first.stem) is not None
    first.unlink()
    build_index(articles, tmp_path / "index", encoder)
    assert watched.article(first.stem) is None
    assert len(watched.articles) == 1
    assert {answer.article.slug for answer in watched.search("anything at all", k=5)} == {
        watched.articles[0].slug
    }


def test_an_index_that_cannot_be_used_is_passed_over(
    articles: Path, tmp_path: Path, encoder: SentenceEncoder, encoder_folder: Path
) -> None:
    build_index(articles, tmp_path / "index", encoder)
    watched = WatchedIndex(tmp_path / "index", encoder_folder)
    (tmp_path / "index" / INDEX_FILE).write_bytes(b"broken")
    assert len(watched.articles) == 2
    (tmp_path / "index" / INDEX_FILE).unlink()
    assert len(watched.articles) == 2


def test_without_an_index_there_is_nothing_to_begin_with(tmp_path: Path, encoder_folder: Path) -> None:
    with pytest.raises(IndexUnusable):
        WatchedIndex(tmp_path, encoder_folder)


def test_without_the_indexs_encoder_there_is_nothing_to_begin_with(
    articles: Path, tmp_path: Path, two_encoders: tuple[Path, Path], encoder_folder: Path
) -> None:
    build_index(articles, tmp_path / "index", SentenceEncoder(two_encoders[0], threads=1))

    with pytest.raises(IndexUnusable, match="made with another sentence encoder than frontdesk-minilm"):
        WatchedIndex(tmp_path / "index", encoder_folder)
    with pytest.raises(EncoderMissing, match="frontdesk up"):
        WatchedIndex(tmp_path / "index", tmp_path / "nowhere")


def test_an_index_of_another_encoder_is_taken_up_together_with_it(
    articles: Path, tmp_path: Path, two_encoders: tuple[Path, Path]
) -> None:
    first, second = (SentenceEncoder(folder, threads=1) for folder in two_encoders)
    index, in_use = tmp_path / "index", tmp_path / "state" / "encoder"
    build_index(articles, index, first)
    watched = WatchedIndex(index, in_use)

    use_encoder(tmp_path / "state", two_encoders[1])
    assert watched.search("can I send this back") != []
    assert watched.encoder.fingerprint == first.fingerprint

    build_index(articles, index, second)
    watched.search("can I send this back")
    wait_for(lambda: watched.encoder.fingerprint == second.fingerprint)
    assert watched.stored.fingerprint == second.fingerprint
    assert watched.search("can I send this back")[0].score == pytest.approx(
        WatchedIndex(index, in_use).search("can I send this back")[0].score
    )


def test_an_index_whose_encoder_is_not_there_leaves_the_old_pair_and_says_so_once(
    articles: Path, tmp_path: Path, two_encoders: tuple[Path, Path]
) -> None:
    first, second = (SentenceEncoder(folder, threads=1) for folder in two_encoders)
    index, away = tmp_path / "index", tmp_path / "away"
    build_index(articles, index, first)
    watched = WatchedIndex(index, tmp_path / "state" / "encoder")
    two_encoders[1].rename(away)
    with structlog.testing.capture_logs() as logs:
        build_index(articles, index, second)
        for _ in range(5):
            assert len(watched.articles) == 2
            assert watched.search("can I send this back") != []
        wait_for(lambda: bool(logs))
        watched.search("can I send this back")
    assert [entry["log_level"] for entry in logs] == ["warning"]
    assert "made with another sentence encoder" in logs[0]["reason"]
    assert watched.encoder.fingerprint == first.fingerprint

    # It comes after all, and the next look finds it.
    away.rename(two_encoders[1])
    use_encoder(tmp_path / "state", two_encoders[1])
    watched.search("can I send this back")
    wait_for(lambda: watched.encoder.fingerprint == second.fingerprint)


def test_who_asks_while_encoders_change_never_meets_vectors_of_two(
    articles: Path, tmp_path: Path, two_encoders: tuple[Path, Path]
) -> None:
    encoders = [SentenceEncoder(folder, threads=1) for folder in two_encoders]
    indexes = [tmp_path / "one", tmp_path / "two"]
    for folder, encoder in zip(indexes, encoders, strict=True):
        build_index(articles, folder, encoder)
    index = tmp_path / "index"
    shutil.copytree(indexes[0], index)
    watched = WatchedIndex(index, tmp_path / "state" / "encoder")
    question = "can I send this back"
    right = {
        round(WatchedIndex(folder, tmp_path / "state" / "encoder").search(question)[0].score, 5)
        for folder in indexes
    }
    met: set[float] = set()
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            met.add(round(watched.search(question)[0].score, 5))

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for thread in asking:
        thread.start()
    for turn in (1, 0, 1):
        shutil.copy(indexes[turn] / INDEX_FILE, index / "fresh")
        (index / "fresh").replace(index / INDEX_FILE)
        wait_for(lambda turn=turn: watched.encoder.fingerprint == encoders[turn].fingerprint)
    done.set()
    for thread in asking:
        thread.join()
    assert met == right
