import numpy as np
import pytest
from scipy.sparse import csr_matrix

from components.intent_ensemble import IntentEnsemble, Sentences, Strengths, fit
from tests.clusters import clusters


def sentences(**options):
    features, labels = clusters(**options)
    return Sentences(features[:, :40], csr_matrix(features[:, 40:])), labels


def share_right(model, examples, labels):
    best = model.probabilities(examples).argmax(axis=1)
    return np.mean([model.classes[number] == label for number, label in zip(best, labels, strict=True)])


@pytest.fixture(scope="module")
def fitted():
    return fit(*sentences(each=80))


@pytest.fixture(scope="module")
def model(fitted):
    return fitted[0]


def test_unseen_examples_are_understood(model):
    assert share_right(model, *sentences(seed=1)) > 0.9


def test_its_confidence_is_about_how_often_it_is_right(model):
    examples, labels = sentences(each=300, seed=2)
    assert model.probabilities(examples).max(axis=1).mean() == pytest.approx(
        share_right(model, examples, labels), abs=0.05
    )


def test_the_same_data_gives_the_same_model(model):
    examples, labels = sentences(each=80)
    again, _ = fit(examples, labels)
    np.testing.assert_array_equal(again.probabilities(examples), model.probabilities(examples))


def test_it_comes_back_from_its_files_as_it_was(model, tmp_path):
    examples, _ = sentences(seed=1)
    model.write(tmp_path)
    again = IntentEnsemble.read(tmp_path)
    assert again.classes == model.classes
    np.testing.assert_array_equal(again.probabilities(examples), model.probabilities(examples))


def test_its_strength_is_one_of_those_to_choose_from():
    model, _ = fit(*sentences(each=20), Strengths(cs=(1, 3)))
    assert model.c in (1, 3)


def test_what_it_makes_of_its_own_examples_is_said_by_models_that_have_not_seen_them(fitted):
    """Else it would be surer of them than of what customers will write."""
    model, out_of_fold = fitted
    examples, labels = sentences(each=80)
    _, seen = model.judged(examples)
    _, unseen = model.judged(sentences(each=80, seed=3)[0])
    assert out_of_fold.judged.all()
    assert abs(out_of_fold.energy.mean() - unseen.mean()) < abs(out_of_fold.energy.mean() - seen.mean())
    right = [model.classes[number] == label for number, label in zip(out_of_fold.best, labels, strict=True)]
    assert np.mean(right) > 0.8


def test_one_example_of_each_intent_is_enough_to_learn_from_and_too_few_to_judge_by():
    model, out_of_fold = fit(*sentences(each=1))
    assert model.sharpness == 1
    assert not out_of_fold.judged.any()
    assert share_right(model, *sentences(seed=1)) > 0.5


def test_too_few_examples_leave_it_as_sure_as_its_members():
    assert fit(*sentences(each=3))[0].sharpness == 1


def test_an_intent_with_one_example_does_not_stop_the_others_from_being_calibrated():
    examples, labels = sentences(each=120)
    rare = np.arange(241)
    model, out_of_fold = fit(examples[rare], labels[:241])
    assert model.sharpness != 1
    assert len(model.classes) == 3
    assert list(np.flatnonzero(~out_of_fold.judged)) == [240]


def test_without_ngrams_the_vectors_decide():
    examples, labels = sentences()
    bare = Sentences(examples.vectors, csr_matrix((len(labels), 0), dtype=np.float32))
    assert share_right(fit(bare, labels)[0], bare, labels) > 0.9
