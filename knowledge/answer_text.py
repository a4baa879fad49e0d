"""What to say of a passage: of the points of a list, those that were asked for."""

import numpy as np
from numpy.typing import NDArray
from sentence_encoder import SentenceEncoder

_MARGIN = 0.2
"""A point further from the question than the nearest by this cosine was not asked for."""

_TO_THE_POINT = 0.45
"""Where no point is as near as this cosine, the question is about all of them."""

_BULLET = "• "
_FEWEST = 3


def answer_text(passage: str, question: NDArray[np.float32], encoder: SentenceEncoder) -> str:
    """The passage without the points that were not asked for; nothing in it is worded anew.

    `question` is its vector by this encoder.

    Paragraphs, steps and tables stay whole. Sentences build on each other: without its neighbours one leaves
    out a condition, or half of what is to be done.
    """
    lines = passage.split("\n")
    points = [line for line in lines if line.startswith(_BULLET)]
    if len(points) < _FEWEST:
        return passage
    nearness = encoder.encode(points) @ question
    if nearness.max() < _TO_THE_POINT:
        return passage
    far = {point for point, near in zip(points, nearness, strict=True) if near < nearness.max() - _MARGIN}
    return "\n".join(line for line in lines if line not in far)
