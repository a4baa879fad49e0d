"""What of an article is said: what comes nearest to the question and to what others asked in such words."""

from pathlib import Path

import pytest
from sentence_encoder import SentenceEncoder

from knowledge.index import build_index
from knowledge.index_file import StoredIndex, read_index
from knowledge.passage_choice import PassageChoice
from tests.knowledge.factories import RETURNS, RETURNS_BODY, write_article

KNOWN = ("How long do I have to send something back?", "Who pays for sending it back?", "Is there a label?")


def stored(folder: Path, encoder: SentenceEncoder, questions: tuple[str, ...], body: str) -> StoredIndex:
    write_article(folder / "articles", "returns", {**RETURNS, "questions": list(questions)}, body)
    build_index(folder / "articles", folder / "index", encoder)
    return read_index(folder / "index")


def said(index: StoredIndex, encoder: SentenceEncoder, question: str) -> str:
    cosines = index.vectors @ encoder.encode([question])[0]
    return PassageChoice(index).text("returns", cosines)


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        ("how long do i have to send something back and who pays", "You have 30 days"),
        ("is there a label to print", "1. Print the free label"),
    ],
)
def test_the_passage_that_answers_is_said(
    question: str, begins: str, tmp_path: Path, encoder: SentenceEncoder
) -> None:
    index = stored(tmp_path, encoder, KNOWN, RETURNS_BODY)
    assert said(index, encoder, question).startswith(begins)


def test_a_question_like_a_known_one_is_answered_as_that_one_would_be(
    tmp_path: Path, encoder: SentenceEncoder
) -> None:
    body = "Parcels go back within 30 days.\n\nThe carrier takes boxes up to 20 kilos, pallets never."
    index = stored(tmp_path, encoder, ("How heavy may the thing be?", *KNOWN[:2]), body)
    assert said(index, encoder, "how heavy can it be at most").startswith("The carrier takes boxes")
    assert said(index, encoder, "how long can i wait to send it back").startswith("Parcels go back")


def test_an_article_of_one_passage_says_it(tmp_path: Path, encoder: SentenceEncoder) -> None:
    index = stored(tmp_path, encoder, KNOWN, "Thirty days.")
    assert said(index, encoder, "how long").startswith("Thirty days.")
