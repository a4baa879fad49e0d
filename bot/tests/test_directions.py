import numpy as np
import pytest

from components.directions import main_directions

VECTORS = np.random.default_rng(0).normal(size=(50, 8)).astype(np.float32) * np.float32(
    [9, 5, 1, 1, 1, 1, 1, 0]
)


def test_what_differs_most_is_seen_first():
    seen = main_directions(VECTORS, 3).seen(VECTORS)
    assert seen.shape == (50, 3)
    assert list(seen.std(axis=0)) == sorted(seen.std(axis=0), reverse=True)


def test_the_columns_are_about_one_in_size():
    seen = main_directions(VECTORS, 3).seen(VECTORS)
    assert np.sqrt((seen**2).mean()) == pytest.approx(1, abs=0.01)


def test_there_are_no_more_directions_than_vectors():
    assert main_directions(VECTORS[:2], 5).seen(VECTORS).shape == (50, 2)


def test_vectors_that_are_all_the_same_are_no_error():
    assert np.isfinite(main_directions(np.ones((3, 4), dtype=np.float32), 2).seen(VECTORS[:, :4])).all()
