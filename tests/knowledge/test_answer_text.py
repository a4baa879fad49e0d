import numpy as np
from numpy.typing import NDArray
from sentence_encoder import SentenceEncoder

from knowledge.answer_text import answer_text

CARE = """How to wash what is not clothing:
• Fleece blankets: inside out; hang them up, they dry overnight. No tumble dryer.
• Cushion covers: take the inner cushion out, wash at 30 degrees and close the zip first.
• Mugs and plates: fine in the dishwasher, except those with a gold rim.
Nothing of ours may be bleached."""


def test_of_a_list_the_point_that_was_asked_for_is_said(encoder: SentenceEncoder) -> None:
    assert answer_text(CARE, asked("are the mugs dishwasher safe?", encoder), encoder).split("\n") == [
        "How to wash what is not clothing:",
        "• Mugs and plates: fine in the dishwasher, except those with a gold rim.",
        "Nothing of ours may be bleached.",
    ]


def test_a_question_about_none_of_the_points_gets_all_of_them(encoder: SentenceEncoder) -> None:
    assert answer_text(CARE, asked("hello, can you help me", encoder), encoder) == CARE


def test_steps_tables_and_paragraphs_stay_whole(encoder: SentenceEncoder) -> None:
    for whole in (
        "1. Print the label.\n2. Pack the boots.\n3. Take the parcel to the post office.",
        "UK 5: EU 38\nUK 6: EU 39\nUK 7: EU 41",
        "Express costs £7.95. It comes the next day. Order before 2 pm. Not on Sundays.",
    ):
        assert (
            answer_text(whole, asked("how do I pack boots of size 6 before 2 pm", encoder), encoder) == whole
        )


def asked(question: str, encoder: SentenceEncoder) -> NDArray[np.float32]:
    return encoder.encode([question])[0]
