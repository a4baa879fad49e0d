"""A message that was tried, and what the pipeline made of it."""

from dataclasses import dataclass

from frontdesk.trainer.problem import Place
from frontdesk.understanding.sentences import OUT_OF_SCOPE


@dataclass(frozen=True)
class Verdict:
    """`intent` is what the bot would act on, `nlu_fallback` where it asks back; `ranking` has the likeliest
    intents, best first; `score` is larger the further out of scope.
    """

    intent: str | None
    ranking: tuple[tuple[str, float], ...]
    score: float
    rejected: bool
    latency_ms: float


@dataclass(frozen=True)
class Case:
    """`intent` is the right one, None for a message out of scope; `fold` says which model was asked."""

    text: str
    intent: str | None
    place: Place
    verdict: Verdict
    fold: int = 0

    @property
    def first(self) -> str | None:
        """The likeliest intent, whatever the threshold says; None for a message without words."""
        return self.verdict.ranking[0][0] if self.verdict.ranking else None

    @property
    def confidence(self) -> float:
        return self.verdict.ranking[0][1] if self.verdict.ranking else 0.0

    @property
    def rejected(self) -> bool:
        """By the threshold, or because it is likest to the counter-examples."""
        return self.verdict.rejected or self.first in (None, OUT_OF_SCOPE)

    @property
    def likeliest_is_right(self) -> bool:
        return self.intent is not None and self.first == self.intent

    @property
    def handled_rightly(self) -> bool:
        """What the customer gets: the right intent, or for a message that is out of scope none at all."""
        return self.rejected if self.intent is None else self.likeliest_is_right and not self.rejected
