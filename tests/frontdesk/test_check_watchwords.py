"""`frontdesk check` reads the watch words as the gateway does."""

from pathlib import Path

from frontdesk.trainer.check.watchwords import watchword_problems

SHOPS = Path(__file__).parents[2]


def test_the_shops_words_are_sound() -> None:
    assert list(watchword_problems(SHOPS)) == []


def test_a_project_without_the_file_has_no_problem(tmp_path: Path) -> None:
    assert list(watchword_problems(tmp_path)) == []


def test_a_spoilt_entry_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "nlu_data" / "watchwords.yml"
    path.parent.mkdir()
    sound = (SHOPS / "nlu_data" / "watchwords.yml").read_text(encoding="utf-8")
    path.write_text(sound.replace("reason: vulnerable", "reason: sad", 1), encoding="utf-8")
    (problem,) = watchword_problems(tmp_path)
    line = sound.splitlines().index("  reason: vulnerable") + 1
    assert str(problem).startswith(f"nlu_data/watchwords.yml:{line}: error: `reason` Input should be")
