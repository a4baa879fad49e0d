"""What the figures mean and what to do next, in sentences for who writes the examples."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from frontdesk.trainer.check.examples import TOO_FEW
from frontdesk.understanding.cases import Case
from frontdesk.understanding.figures import Figures, IntentFigures

_WELL_CALIBRATED = 0.05
_FEW_TESTED = 5


@dataclass(frozen=True)
class ConfusedPair:
    """Two intents that are taken for each other `count` times, `one` for `other` no less often than back."""

    one: str
    other: str
    count: int
    cases: tuple[Case, ...]
    back: int
    """How many of the count were `other` taken for `one`."""


def headline(figures: Figures) -> str:
    """One sentence for everybody."""
    understood = figures.in_scope_accuracy_with_threshold
    turned_away = figures.in_scope_rejected
    mistaken = max(1 - understood - turned_away, 0.0)
    said = (
        f"Of 100 messages the bot should know, it gets {_of_100(understood)} right, takes "
        f"{_of_100(mistaken)} for something else and turns {_of_100(turned_away)} away"
    )
    if figures.out_of_scope:
        found = figures.out_of_scope.recall_with_threshold
        return f"{said}; of 100 that are none of its business it turns away {_of_100(found)}."
    return f"{said}."


def about_confidence(figures: Figures) -> str:
    """Whether a confidence means what it says."""
    stated = sum(each.confidence * each.count for each in figures.bins) / max(figures.tested, 1)
    if figures.ece <= _WELL_CALIBRATED:
        return (
            f"Its confidence can be believed: it is off by {figures.ece * 100:.0f} points of 100 on average."
        )
    way = "surer than it should be" if stated > figures.accuracy else "less sure than it could be"
    return f"It is {way}: its confidence is off by {figures.ece * 100:.0f} points of 100 on average."


def confused_pairs(cases: Sequence[Case]) -> list[ConfusedPair]:
    """Intents that stand for each other among the likeliest, most often confused first."""
    found: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in cases:
        if case.intent is not None and case.first is not None and not case.likeliest_is_right:
            found[min(case.intent, case.first), max(case.intent, case.first)].append(case)
    pairs = []
    for (first, second), own in found.items():
        forth = sum(case.intent == first for case in own)
        back = len(own) - forth
        one, other, less = (first, second, back) if forth >= back else (second, first, forth)
        own.sort(key=lambda case: (case.intent != one, -case.confidence))
        pairs.append(ConfusedPair(one, other, len(own), tuple(own), less))
    return sorted(pairs, key=lambda pair: (-pair.count, pair.one, pair.other))


def advice_for(each: IntentFigures) -> str:
    """What would help a weak intent most."""
    if not each.trained:
        return "It has no training examples: write some, or take it out of the test."
    if each.trained < TOO_FEW:
        return f"It has only {each.trained} training examples; write at least {TOO_FEW}, better 30."
    wrong = each.tested - each.right
    most, count = each.taken_for[0] if each.taken_for else ("", 0)
    if most and count > 1 and count * 2 > wrong:
        return f"Draw the border to {most}: give each of the two examples that only it could have."
    if wrong == 0:
        return "It takes messages of others: look for examples here that belong elsewhere."
    return "Add real messages like those it missed, in the customers' own words."


def cautions(figures: Figures) -> Iterator[str]:
    """What keeps the figures from saying much."""
    if figures.tested < 100:
        yield f"Only {figures.tested} messages were asked: a few more of them right would change much."
    untested = sum(not each.tested for each in figures.intents)
    if untested:
        yield f"{untested} of {len(figures.intents)} intents have no test message at all."
    few = sum(0 < each.tested < _FEW_TESTED for each in figures.intents)
    if few:
        yield f"{few} intents have fewer than {_FEW_TESTED} test messages; their rows say little."


def _of_100(share: float) -> str:
    return "fewer than 1" if 0 < share < 0.005 else f"{share * 100:.0f}"
