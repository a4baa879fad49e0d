import numpy as np
import pytest

from components import out_of_scope_density
from tests.clusters import clusters


def numbered(**kinds):
    vectors, names = clusters(**kinds)
    return vectors, np.unique(names, return_inverse=True)[1]


def test_the_distance_of_an_example_left_out_needs_no_second_fit():
    vectors, intents = numbered(intents=3, each=40, dimension=20)
    _, unseen = out_of_scope_density.fit(vectors, intents, 3)
    for row in (0, 57, 119):
        others = np.arange(len(vectors)) != row
        refitted, _ = out_of_scope_density.fit(vectors[others], intents[others], 3)
        assert refitted.distances(vectors[[row]])[0] == pytest.approx(unseen[row], rel=0.03, abs=0.3)


def test_the_own_intent_is_nearest():
    vectors, intents = numbered(intents=4, each=20)
    density, unseen = out_of_scope_density.fit(vectors, intents, 4)
    assert (density.distances(vectors).argmin(axis=1) == intents).mean() > 0.9
    assert (unseen.argmin(axis=1) == intents).mean() > 0.8


def test_an_only_example_is_infinitely_far_from_its_intent_without_it():
    vectors, intents = numbered(intents=3, each=1)
    _, unseen = out_of_scope_density.fit(vectors, intents, 3)
    assert np.isinf(np.diag(unseen)).all()
    assert np.isfinite(unseen[~np.eye(3, dtype=bool)]).all()


def test_directions_taken_together_change_little(monkeypatch):
    vectors, intents = numbered(intents=6, each=60)
    exact, _ = out_of_scope_density.fit(vectors, intents, 6)
    monkeypatch.setattr(out_of_scope_density, "_MOST_DIRECTIONS", 20)
    short, _ = out_of_scope_density.fit(vectors, intents, 6)
    assert short.directions.shape == (60, 20)
    found = np.corrcoef(exact.distances(vectors).min(axis=1), short.distances(vectors).min(axis=1))
    assert found[0, 1] > 0.95
