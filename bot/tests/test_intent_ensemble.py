import numpy as np
import pytest
from scipy.sparse import csr_matrix

from components.intent_ensemble import IntentEnsemble, Sentences, fit
from tests.clusters import clusters

C, NETWORKS, DIMENSIONS = 20, 2, 10


def sentences(**options):
    features, labels = clusters(**options)
    return Sentences(features[:, :40], csr_matrix(features[:, 40:])), labels


def share_right(model, examples, labels):
    best = model.probabilities(examples).argmax(axis=1)
    return np.mean([model.classes[number] == label for number, label in zip(best, labels, strict=True)])


@pytest.fixture(scope="module")
def model():
    return fit(*sentences(each=80), C, NETWORKS, DIMENSIONS)


def test_unseen_examples_are_understood(model):
    assert share_right(model, *sentences(seed=1)) > 0.9


def test_its_confidence_is_about_how_often_it_is_right(model):
    examples, labels = sentences(each=300, seed=2)
    assert model.probabilities(examples).max(axis=1).mean() == pytest.approx(
        share_right(model, examples, labels), abs=0.05
    )


def test_the_same_data_gives_the_same_model(model):
    examples, labels = sentences(each=80)
    again = fit(examples, labels, C, NETWORKS, DIMENSIONS)
    np.testing.assert_array_equal(again.probabilities(examples), model.probabilities(examples))


def test_it_comes_back_from_its_files_as_it_was(model, tmp_path):
    examples, _ = sentences(seed=1)
    model.write(tmp_path)
    again = IntentEnsemble.read(tmp_path)
    assert again.classes == model.classes
    np.testing.assert_array_equal(again.probabilities(examples), model.probabilities(examples))


def test_too_few_examples_leave_it_as_sure_as_its_members():
    assert fit(*sentences(each=3), C, NETWORKS, DIMENSIONS).sharpness == 1


def test_an_intent_with_one_example_does_not_stop_the_others_from_being_calibrated():
    examples, labels = sentences(each=120)
    rare = np.arange(241)
    model = fit(examples[rare], labels[:241], C, NETWORKS, DIMENSIONS)
    assert model.sharpness != 1
    assert len(model.classes) == 3


def test_without_ngrams_the_vectors_decide():
    examples, labels = sentences()
    bare = Sentences(examples.vectors, csr_matrix((len(labels), 0), dtype=np.float32))
    assert share_right(fit(bare, labels, C, NETWORKS, DIMENSIONS), bare, labels) > 0.9
