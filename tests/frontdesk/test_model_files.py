"""Which model is in use: what a restart finds, what is kept, what is removed."""

from pathlib import Path

import pytest

from frontdesk.model_files import (
    candidate_file,
    current_model,
    live_link,
    make_current,
    previous_model,
    remove_old_models,
    results_file,
)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    return tmp_path


def trained(state: Path, fingerprint: str) -> Path:
    model = candidate_file(state, fingerprint)
    model.write_text(fingerprint)
    results_file(model).write_text("{}")
    return model


def test_nothing_is_in_use_before_the_first_model(state: Path) -> None:
    assert current_model(state) is previous_model(state) is live_link(state) is None


def test_a_restart_finds_the_model_of_today_under_the_same_name(state: Path) -> None:
    make_current(state, trained(state, "a"))
    link = live_link(state)
    make_current(state, trained(state, "b"))
    assert link is not None
    assert link == live_link(state)
    assert link.read_text() == "b"


def test_a_state_folder_of_an_older_version_gets_its_link(state: Path) -> None:
    trained(state, "a")
    (state / "models/current.json").write_text('{"fingerprint": "a", "file": "a.tar.gz"}')
    link = live_link(state)
    assert link is not None
    assert link.read_text() == "a"


def test_the_one_before_and_the_newest_candidate_are_kept_with_their_results(state: Path) -> None:
    for name in ("a", "b"):
        make_current(state, trained(state, name))
    oldest, candidate = trained(state, "c"), trained(state, "d")
    remove_old_models(state, keep=candidate)
    assert previous_model(state) == candidate_file(state, "a")
    assert not oldest.exists()
    assert not results_file(oldest).exists()
    assert sorted(path.name for path in (state / "models").glob("?.tar.gz")) == [
        "a.tar.gz",
        "b.tar.gz",
        "d.tar.gz",
    ]
    assert results_file(candidate).exists()


def test_making_the_model_in_use_current_again_keeps_the_one_before(state: Path) -> None:
    for name in ("a", "b", "b"):
        make_current(state, trained(state, name))
    assert previous_model(state) == candidate_file(state, "a")


def test_a_damaged_note_means_that_nothing_is_in_use(state: Path) -> None:
    (state / "models/current.json").write_text("[1")
    assert current_model(state) is None
