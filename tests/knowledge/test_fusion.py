import numpy as np

from knowledge.fusion import PRIOR, fit_fusion, fused, likeness


def parts_of(questions: int, telling: int) -> tuple[np.ndarray, np.ndarray]:
    """Chance, but for one part that tells the right article."""
    draw = np.random.default_rng(0)
    parts = draw.uniform(0.2, 0.4, (questions, 8, 6)).astype(np.float32)
    right = draw.integers(0, 8, questions)
    parts[np.arange(questions), right, telling] += 0.3
    return parts, right


def test_what_tells_the_right_article_gains_weight() -> None:
    parts, right = parts_of(200, telling=4)
    learned = fit_fusion(parts, right)

    assert learned.words > PRIOR.words
    assert learned.title < PRIOR.title
    assert min(learned.array) >= 0
    assert (fused(parts[0], learned).argmax(), len(fused(parts[0], learned))) == (right[0], 8)


def test_few_questions_that_say_nothing_change_little() -> None:
    parts, right = parts_of(30, telling=4)
    parts[:] = 0.3

    assert fit_fusion(parts, right) == PRIOR


def test_likeness_is_a_mean_of_cosines_whatever_the_words() -> None:
    parts = np.full((2, 6), 0.5, dtype=np.float32)
    parts[:, 4:] = 1.0

    assert np.allclose(likeness(parts, PRIOR), 0.5)
