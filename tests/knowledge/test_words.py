import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knowledge.words import SharedWords, words_of


def test_words_are_compared_whatever_their_case_and_apostrophes() -> None:
    assert words_of("Don’t WASH at 30°, don't!") == {"dont", "wash", "at", "30"}


def test_a_rare_word_counts_for_more_than_a_common_one() -> None:
    documents = SharedWords(["wash the wool", "wash the tent", "wash the mug"])

    shares = documents.shares("how do I wash a tent")

    assert int(np.argmax(shares)) == 1
    assert shares[0] == shares[2] < shares[1]


def test_a_word_that_nobody_has_lowers_every_share() -> None:
    documents = SharedWords(["wash the wool", "dry the tent"])

    assert documents.shares("wash")[0] > documents.shares("wash helicopter")[0]


@given(st.text(max_size=60))
def test_a_share_is_never_outside_nought_and_one(question: str) -> None:
    shares = SharedWords(["wash the wool", "dry the tent", ""]).shares(question)

    assert shares.shape == (3,)
    assert ((shares >= 0) & (shares <= 1 + 1e-5)).all()
