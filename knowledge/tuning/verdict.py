"""Whether a tuned encoder is better than the one before it, beyond chance, and worse at nothing."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.tuning.judging import Outcomes

SIGNIFICANT = 0.05

BETTER_AT_A_LOOK = 0.022
"""How unlikely a gain must be by chance to be believed, where it is looked at after each of three folds:
Pocock's boundary, which keeps the chance of believing in nothing at .05 over all looks (Biometrika 1977).
"""


@dataclass(frozen=True)
class Shares:
    """The share of right ones before and after, of `cases`; `p` is how likely chance alone does so much."""

    cases: int
    before: float
    after: float
    p: float

    @property
    def better(self) -> bool:
        return self.after > self.before and self.p < BETTER_AT_A_LOOK

    @property
    def worse(self) -> bool:
        return self.after < self.before and self.p < SIGNIFICANT


@dataclass(frozen=True)
class Verdict:
    """Of everything that was unseen once.

    `intents` understood; `first` questions whose article came first, with the mean reciprocal ranks beside
    it; `answered` those of them that were answered as well; `refused` gaps. From a score of `answered_from`
    the tuned encoder would answer, so that it refuses as many gaps as the one before; None where there are
    no gaps to tell.
    """

    intents: Shares
    first: Shares
    mrr_before: float
    mrr_after: float
    answered: Shares
    refused: Shares
    answered_from: float | None = None

    @property
    def hopeless(self) -> bool:
        """Whether more folds are not worth their time."""
        return self.intents.after <= self.intents.before

    @property
    def objection(self) -> str:
        """Why the tuned encoder is not kept, or "" where it is: more intents understood, beyond noise, and
        nothing of the articles lost.
        """
        if self.hopeless:
            return "it understands no more than the one in use"
        if not self.intents.better:
            return f"the gain may be chance (p = {self.intents.p:.2f})"
        if self.first.after < self.first.before or self.mrr_after < self.mrr_before:
            return "fewer questions find their article"
        if self.answered.worse:
            return "fewer questions would be answered"
        if self.refused.worse:
            return "more questions that no article answers would be answered"
        return ""

    def sentences(self) -> list[str]:
        """What was measured, for a trainer."""
        said = [
            f"intents understood: {self.intents.before:.1%} before, {self.intents.after:.1%} tuned "
            f"({self.intents.cases} examples, each unseen when it was asked; p = {self.intents.p:.2g})"
        ]
        if self.first.cases:
            said.append(
                f"article first: {self.first.before:.1%} before, {self.first.after:.1%} tuned, "
                f"mean reciprocal rank {self.mrr_before:.3f} and {self.mrr_after:.3f} "
                f"({self.first.cases} known questions)"
            )
        if self.refused.cases:
            said.append(
                f"rightly answered: {self.answered.before:.1%} and {self.answered.after:.1%}, "
                f"known gaps refused: {self.refused.before:.1%} and {self.refused.after:.1%}"
            )
        return said

    def write(self, file: Path) -> None:
        """Complete or not at all. Raises OSError."""
        fresh = file.with_name(f".{file.name}")
        fresh.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        fresh.replace(file)


def read_verdict(file: Path) -> Verdict | None:
    """What was written, or None where there is nothing usable."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        shares = {name: Shares(**data.pop(name)) for name in ("intents", "first", "answered", "refused")}
        answered_from = data["answered_from"]
        return Verdict(
            **shares,
            mrr_before=float(data["mrr_before"]),
            mrr_after=float(data["mrr_after"]),
            answered_from=None if answered_from is None else float(answered_from),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def verdict(before: Sequence[Outcomes], after: Sequence[Outcomes]) -> Verdict:
    """Over all folds, which are in the same order in both.

    Tuning moves all scores. So that the two are compared at what a shop would see, the tuned encoder answers
    from the score at which it refuses as many of the known gaps as the one before.
    """
    threshold = before[0].threshold
    gaps_before, gaps_after = _all(before, "gaps"), _all(after, "gaps")
    refused_before = gaps_before < threshold
    answered_from = _refusing(int(refused_before.sum()), gaps_after) if len(gaps_after) else None
    line = threshold if answered_from is None else answered_from
    ranks_before, ranks_after = _all(before, "ranks"), _all(after, "ranks")
    first_before, first_after = ranks_before == 1, ranks_after == 1
    return Verdict(
        intents=_compared(_all(before, "intents"), _all(after, "intents")),
        first=_compared(first_before, first_after),
        mrr_before=_mean(1 / ranks_before),
        mrr_after=_mean(1 / ranks_after),
        answered=_compared(
            first_before & (_all(before, "asked") >= threshold), first_after & (_all(after, "asked") >= line)
        ),
        refused=_compared(refused_before, gaps_after < line),
        answered_from=answered_from,
    )


def mcnemar(better: int, worse: int) -> float:
    """How likely so uneven a split of the cases that changed is by chance: McNemar's test, exact, two-sided.

    Only what one encoder gets right and the other wrong says which is better.
    """
    changed = better + worse
    tail = sum(comb(changed, count) for count in range(min(better, worse) + 1))
    # Integers, since two to the power of some thousand cases is no float.
    return min(1.0, float(2 * tail * 10**9 // 2**changed) / 10**9)


def _compared(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> Shares:
    return Shares(
        cases=len(before),
        before=_mean(before),
        after=_mean(after),
        p=mcnemar(int((after & ~before).sum()), int((before & ~after).sum())),
    )


def _refusing(count: int, scores: NDArray[Any]) -> float:
    """The least threshold under which so many of the scores are, half way to the next one."""
    ordered = np.sort(scores)
    if count == 0:
        return float(ordered[0])
    if count == len(ordered):
        return float((ordered[-1] + 1) / 2)
    return float((ordered[count - 1] + ordered[count]) / 2)


def _all(outcomes: Sequence[Outcomes], name: str) -> NDArray[Any]:
    return np.concatenate([getattr(each, name) for each in outcomes])


def _mean(values: NDArray[Any]) -> float:
    return float(np.mean(values)) if len(values) else 0.0
