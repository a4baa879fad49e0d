"""Tuning draws texts of one label together, and goes on where it was ended."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from knowledge.tuning import training
from knowledge.tuning.labelled import LabelledSet, Recipe, TuningFailed
from knowledge.tuning.low_rank import apply_low_rank, low_rank, read_change, write_change
from knowledge.tuning.training import tune
from tests.knowledge.tuning.models import small_model

WISHES = LabelledSet(
    [
        f"{words} {thing}"
        for words in ("where is", "I miss", "please find")
        for thing in ["my parcel", "the box", "it"]
    ]
    + [
        f"{words} {thing}"
        for words in ("refund", "money for", "pay back")
        for thing in ["my parcel", "the box", "it"]
    ],
    ["lost"] * 9 + ["refund"] * 9,
)
MOODS = LabelledSet(["great", "lovely", "awful", "bad"], ["good", "good", "bad", "bad"])
PAIRS = [("how long does it take", "Delivery. Two days."), ("can I pay by card", "Payment. By card.")]
RECIPE = Recipe(epochs=10, batch=6, learning_rate=5e-3, anchor=0.0)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> SentenceTransformer:
    return small_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def tuned(model: SentenceTransformer) -> SentenceTransformer:
    return tune(model, [WISHES, MOODS], PAIRS, RECIPE)


def vectors(model: SentenceTransformer) -> np.ndarray:
    return np.asarray(model.encode(list(WISHES.texts), normalize_embeddings=True, show_progress_bar=False))


def margin(model: SentenceTransformer) -> float:
    """How much nearer texts of one label are than others, as a mean cosine."""
    found = vectors(model)
    same = np.equal.outer(np.array(WISHES.labels), np.array(WISHES.labels))
    cosines = found @ found.T
    return float(cosines[same].mean() - cosines[~same].mean())


def test_texts_of_one_label_come_nearer_and_the_model_itself_stays_as_it_was(
    model: SentenceTransformer, tuned: SentenceTransformer
) -> None:
    before = vectors(model)
    assert margin(tuned) > margin(model) + 0.05
    assert np.array_equal(vectors(model), before)


def test_the_words_themselves_are_not_tuned(model: SentenceTransformer, tuned: SentenceTransformer) -> None:
    words = dict(model.named_parameters())
    for name, value in tuned.named_parameters():
        assert ("embeddings" not in name) or bool((value == words[name]).all())
        assert value.requires_grad


@pytest.mark.parametrize("prototypes", [False, True])
def test_a_killed_tuning_goes_on_and_ends_as_if_it_had_not_been(
    model: SentenceTransformer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prototypes: bool
) -> None:
    monkeypatch.setattr(training, "_STEPS_BETWEEN_CHECKPOINTS", 5)
    recipe = replace(RECIPE, epochs=4, prototypes=prototypes)

    class Killed(BaseException):
        pass

    def killed_at_eight(done: int, total: int) -> None:
        if done == 8:
            raise Killed

    with pytest.raises(Killed):
        tune(model, [WISHES, MOODS], PAIRS, recipe, checkpoints=tmp_path / "steps", progress=killed_at_eight)
    # A checkpoint that was being written is none.
    (tmp_path / "steps" / "checkpoint-10").mkdir()
    steps: list[int] = []
    again = tune(
        model,
        [WISHES, MOODS],
        PAIRS,
        recipe,
        checkpoints=tmp_path / "steps",
        progress=lambda done, total: steps.append(done),
    )

    at_once = tune(model, [WISHES, MOODS], PAIRS, recipe)
    assert steps[0] == 6
    assert np.sum(vectors(again) * vectors(at_once), axis=1).min() > 0.9999
    assert np.sum(vectors(again) * vectors(model), axis=1).min() < 0.999
    assert not (tmp_path / "steps").exists()


def test_where_no_checkpoint_can_be_written_a_sentence_says_so(
    model: SentenceTransformer, tmp_path: Path
) -> None:
    (tmp_path / "steps").write_text("a file is in the way")
    with pytest.raises(TuningFailed, match="The tuning broke off"):
        tune(model, [MOODS], recipe=RECIPE, checkpoints=tmp_path / "steps")


def test_with_nothing_to_tell_apart_there_is_nothing_to_tune(model: SentenceTransformer) -> None:
    with pytest.raises(ValueError, match="at least two different labels"):
        tune(model, [LabelledSet(["a", "b"], ["x", "x"])])


def test_a_change_is_kept_as_a_few_directions_and_added_again(
    model: SentenceTransformer, tuned: SentenceTransformer, tmp_path: Path
) -> None:
    few = low_rank(model, tuned, 2)
    write_change(tmp_path / "change.npz", low_rank(model, tuned, 64))
    whole = read_change(tmp_path / "change.npz")
    near, nearer = small_model(tmp_path / "near"), small_model(tmp_path / "nearer")
    apply_low_rank(near, few)
    apply_low_rank(nearer, whole)

    exact = np.sum(vectors(nearer) * vectors(tuned), axis=1).min()
    assert exact > 0.9999
    assert (
        np.sum(vectors(model) * vectors(tuned), axis=1).min()
        < np.sum(vectors(near) * vectors(tuned), axis=1).min()
    )
    assert sum(array.nbytes for array in few.values()) < sum(array.nbytes for array in whole.values()) / 4


def test_the_change_of_another_model_is_refused(
    model: SentenceTransformer, tuned: SentenceTransformer
) -> None:
    arrays = low_rank(model, tuned, 2)
    name = next(iter(arrays))
    renamed = {key.replace("layer.0", "layer.7"): value for key, value in arrays.items()}
    assert name
    with pytest.raises(ValueError, match="another model"):
        apply_low_rank(model, renamed)
