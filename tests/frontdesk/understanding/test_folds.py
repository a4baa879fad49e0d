"""Each example is asked of a model that has seen neither it nor its twin."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from frontdesk.understanding.folds import ALWAYS_LEARNT, deal
from tests.frontdesk.understanding.builders import sentence

SENTENCES = st.lists(st.tuples(st.sampled_from(["a", "A!", "b", "c", "d", "e f"]), st.sampled_from("xyz")))


@given(SENTENCES, st.integers(min_value=2, max_value=6))
def test_twins_stay_together_and_a_lone_sentence_is_always_learnt(
    pairs: list[tuple[str, str]], folds: int
) -> None:
    dealt = deal([sentence(text, intent) for text, intent in pairs], folds)
    assert set(dealt) <= {ALWAYS_LEARNT, *range(folds)}
    where: dict[tuple[str, str], set[int]] = {}
    for (text, intent), fold in zip(pairs, dealt, strict=True):
        where.setdefault((intent, text.lower().strip("!")), set()).add(fold)
    assert all(len(found) == 1 for found in where.values())
    different = Counter(intent for intent, _ in where)
    for (_, intent), fold in zip(pairs, dealt, strict=True):
        assert (fold == ALWAYS_LEARNT) == (different[intent] == 1)


def test_intents_are_spread_evenly() -> None:
    sentences = [sentence(f"{intent} {n}", intent) for intent in "xyz" for n in range(10)]
    dealt = deal(sentences, 5)
    spread = Counter(zip((each.intent for each in sentences), dealt, strict=True))
    assert set(spread.values()) == {2}
    assert deal(sentences, 5) == dealt
    assert deal(sentences, 5, seed=1) != dealt
