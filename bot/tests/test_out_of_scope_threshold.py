import numpy as np
import pytest

from components.out_of_scope_threshold import quantile, thresholds


def test_of_new_scores_of_the_same_kind_the_stated_share_is_kept():
    random = np.random.default_rng(0)
    kept = [np.mean(random.normal(size=400) <= quantile(random.normal(size=60), 0.9)) for _ in range(200)]
    assert 0.895 <= np.mean(kept) <= 0.925


def test_too_few_scores_give_the_largest():
    assert quantile(np.array([1.0, 3.0, 2.0]), 0.95) == 3.0


def test_an_intent_with_few_scores_has_no_threshold_of_its_own():
    scores = np.arange(100, dtype=float)
    found = thresholds(scores, ["often"] * 90 + ["seldom"] * 10, 0.9)
    assert found.by_intent.keys() == {"often"}
    assert found.of("seldom") == found.of(None) == found.overall


def test_an_intent_that_lies_further_out_has_a_higher_threshold():
    random = np.random.default_rng(0)
    scores = np.concatenate([random.normal(size=300), 2 + random.normal(size=300)])
    found = thresholds(scores, ["near"] * 300 + ["far"] * 300, 0.9)
    assert found.of("far") > found.of("near")
    passed = scores <= np.repeat([found.of("near"), found.of("far")], 300)
    assert passed.mean() == pytest.approx(0.9, abs=0.01)
