import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge.confidence import Calibration, evidence


def directions(count: int, alike: int = 0) -> NDArray[np.float32]:
    """Titles and wholes of articles that say different things; the first `alike` and one more the same."""
    own = np.repeat(np.eye(count, dtype=np.float32)[:, None], 2, axis=1)
    own[1 : 1 + alike] = own[0]
    return own


def test_what_stands_out_is_surer_than_one_among_equals() -> None:
    lonely = np.array([0.6, *[0.2] * 12], dtype=np.float32)
    crowded = np.array([0.6, *[0.55] * 12], dtype=np.float32)

    assert evidence(lonely, directions(13)) > evidence(crowded, directions(13))


def test_near_duplicates_do_not_hide_that_it_stands_out() -> None:
    likeness = np.array([0.6, 0.6, 0.59, *[0.2] * 12], dtype=np.float32)

    assert evidence(likeness, directions(15, alike=2)) == pytest.approx(0.6 + 2 * (0.6 - 0.2), abs=1e-4)


def test_a_corpus_of_one_article_can_be_sure_too() -> None:
    near, far = (np.array([likeness], dtype=np.float32) for likeness in (0.7, 0.1))

    assert evidence(near, directions(1)) > 1 > evidence(far, directions(1))


def test_the_chance_rises_with_the_evidence() -> None:
    calibration = Calibration(slope=5.0, middle=1.0)

    assert calibration.chance(1.0) == 0.5
    assert calibration.chance(0.5) < 0.1 < 0.9 < calibration.chance(1.5)
