"""`frontdesk train --tune`: judged on what was unseen, taken up only where it is better."""

import fcntl
from pathlib import Path

import pytest
from sentence_encoder.description import read_description

from frontdesk.encoder_folders import CHANGE_FILE, in_use
from frontdesk.errors import OperatorError
from frontdesk.settings import Settings
from frontdesk.trainer import tuning
from frontdesk.trainer.tuning import FOLDER, tune_encoder
from knowledge.tuning.labelled import Recipe
from knowledge.tuning.verdict import Shares, Verdict
from tests.knowledge.factories import write_two_articles
from tests.knowledge.test_encoder_export import save_small_model

EXAMPLES = """
nlu:
- intent: lost
  examples: |
    - where is my parcel
    - my box never came
    - I miss my order
    - please find my parcel
- intent: refund
  examples: |
    - I want my money back
    - refund me please
    - pay me back
    - give back what I paid
"""
BETTER = Verdict(
    intents=Shares(400, 0.8, 0.86, 0.001),
    first=Shares(300, 0.7, 0.72, 0.2),
    mrr_before=0.8,
    mrr_after=0.81,
    answered=Shares(300, 0.6, 0.61, 0.4),
    refused=Shares(70, 0.8, 0.8, 1.0),
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_small_model(tmp_path_factory.mktemp("model"), "mean")


@pytest.fixture
def exchanged(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The encoders that would have gone live; tests/frontdesk/test_encoder_exchange.py is about that."""
    folders: list[Path] = []

    def exchange(settings: Settings, folder: Path, say: tuning.Say) -> str:
        assert (folder / CHANGE_FILE).is_file()
        folders.append(folder)
        return f"exchanged for {read_description(folder).tuned}"

    monkeypatch.setattr(tuning, "exchange_encoder", exchange)
    return folders


@pytest.fixture
def settings(tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A shop of eight examples and two articles, and a recipe that takes no time."""
    project = tmp_path / "project"
    (project / "nlu_data" / "intents").mkdir(parents=True)
    (project / "nlu_data" / "intents" / "orders.yml").write_text(EXAMPLES)
    articles = write_two_articles(tmp_path / "articles")
    monkeypatch.setattr(Settings, "articles_dir", property(lambda self: articles))
    monkeypatch.setattr(tuning, "PROJECT_ROOT", project)
    monkeypatch.setattr(tuning, "stop_at_errors", lambda settings, say: None)
    monkeypatch.setattr(tuning, "Recipe", lambda: Recipe(epochs=1, batch=8, rank=2))
    return Settings(state_dir=tmp_path / "var", encoder=str(model))


def work_folder(settings: Settings) -> Path:
    return settings.state_dir / FOLDER / tuning._key(settings, tuning._material(settings))


def test_what_is_not_better_is_not_taken_up_and_a_killed_run_keeps_the_folds_it_has_judged(
    settings: Settings, exchanged: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    # So small a model may learn nothing, which would be the end after the first fold.
    monkeypatch.setattr(Verdict, "hopeless", False)

    def killed_in_the_second_fold(line: str) -> None:
        if line.startswith("fold 2 of 3: judging"):
            raise Killed

    with pytest.raises(Killed):
        tune_encoder(settings, killed_in_the_second_fold)
    said: list[str] = []
    done = tune_encoder(settings, said.append)

    assert done.startswith("not tuned, since ")
    assert exchanged == []
    assert read_description(in_use(settings.state_dir)).tuned == ""
    assert any(line.startswith("intents understood: ") for line in said)
    assert not any(line.startswith("fold 1 of 3") for line in said)
    assert not any(line.startswith("fold 2 of 3: tuning") for line in said)
    assert "fold 3 of 3: tuning: 100%" in said


def test_what_is_better_is_tuned_on_everything_and_taken_up(
    settings: Settings, exchanged: list[Path]
) -> None:
    key = work_folder(settings).name
    work_folder(settings).mkdir(parents=True)
    BETTER.write(work_folder(settings) / "verdict.json")
    done = tune_encoder(settings, lambda line: None)

    assert done == (
        f"encoder tuned, +6.0% of intents understood; exchanged for {key}: 8 examples, 6 questions"
    )
    assert len(exchanged) == 1
    assert not work_folder(settings).exists()


def test_two_at_once_are_refused(settings: Settings) -> None:
    folder = settings.state_dir / FOLDER
    folder.mkdir(parents=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(OperatorError, match="Another tuning is going on"):
            tune_encoder(settings, lambda line: None)
