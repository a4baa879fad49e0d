"""How a customer's messages sound, by the VADER lexicon (Hutto and Gilbert, 2014)."""

from collections.abc import Sequence
from functools import cache
from typing import Literal

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from escalation.document import Sentiment, SentimentPoint

# A change of the smoothed score by less than this is noise in messages of a few words.
STEADY_WITHIN = 0.2
LATEST_MESSAGES = 3
# What the angriest words of the lexicon are worth there.
ANGRY = -3.0


@cache
def _analyzer(
    neutral: frozenset[str] = frozenset(), angry: frozenset[str] = frozenset()
) -> SentimentIntensityAnalyzer:
    analyzer = SentimentIntensityAnalyzer()
    for word in neutral:
        analyzer.lexicon.pop(word, None)
    analyzer.lexicon.update(dict.fromkeys(angry, ANGRY))
    return analyzer


def tone_of(text: str, neutral: frozenset[str], angry: frozenset[str]) -> float:
    """How one message sounds, from -1 (furious) to 1 (delighted), with a shop's own words for both."""
    return float(_analyzer(neutral, angry).polarity_scores(text)["compound"])


def sentiment_of(messages: Sequence[tuple[int, str]]) -> Sentiment:
    """The trend over (sequence, text) pairs, oldest first; neutral where there are none."""
    points = [
        SentimentPoint(sequence=sequence, score=round(_analyzer().polarity_scores(text)["compound"], 3))
        for sequence, text in messages
    ]
    scores = [point.score for point in points]
    return Sentiment(points=points, latest=_mean(scores[-LATEST_MESSAGES:]), trend=_trend(scores))


def _trend(scores: Sequence[float]) -> Literal["falling", "steady", "rising"]:
    half = len(scores) // 2
    if half == 0:
        return "steady"
    change = _mean(scores[-half:]) - _mean(scores[:half])
    if abs(change) < STEADY_WITHIN:
        return "steady"
    return "falling" if change < 0 else "rising"


def _mean(scores: Sequence[float]) -> float:
    return round(sum(scores) / len(scores), 3) if scores else 0.0
