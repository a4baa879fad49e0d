import numpy as np
import pytest

from components.calibration import fitted_sharpness, log_softmax, sharpened

RANDOM = np.random.default_rng(0)
TRUTH = log_softmax(RANDOM.normal(scale=2, size=(4000, 5)))
RIGHT = np.array([RANDOM.choice(5, p=row) for row in np.exp(TRUTH)])


@pytest.mark.parametrize("sharpness", [0.7, 1.0, 2.0])
def test_a_model_that_is_too_sure_or_too_shy_is_corrected(sharpness):
    given = log_softmax(TRUTH / sharpness)
    assert fitted_sharpness(given, RIGHT) == pytest.approx(sharpness, rel=0.1)


def test_what_is_sharpened_sums_to_one_and_keeps_its_order():
    probabilities = sharpened(TRUTH, 1.4)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert (probabilities.argmax(axis=1) == TRUTH.argmax(axis=1)).all()


def test_a_model_that_is_always_right_does_not_become_infinitely_sure():
    sure = log_softmax(np.eye(3) * 5)
    assert sharpened(sure, fitted_sharpness(sure, np.arange(3))).max() < 1
