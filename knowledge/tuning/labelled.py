"""What an encoder is tuned on."""

from collections.abc import Sequence
from dataclasses import dataclass


class TuningFailed(RuntimeError):
    """A tuning broke off; the message says why, and a call with the same arguments goes on where it can."""


@dataclass(frozen=True)
class LabelledSet:
    """Texts with one label each. A set is a label space of its own: nothing is said about labels of others.

    Raises ValueError where the two differ in number.
    """

    texts: Sequence[str]
    labels: Sequence[str]

    def __post_init__(self) -> None:
        if len(self.texts) != len(self.labels):
            raise ValueError(f"{len(self.texts)} texts have {len(self.labels)} labels; each needs one.")


@dataclass(frozen=True)
class Recipe:
    """How an encoder is tuned; docs/decisions/0016-tuning.md says what was tried.

    With `prototypes` a text is compared with one learned vector of each label, else with the texts of its
    batch. `anchor` weighs how much a text's vector may leave the one it had before, `frozen` is the
    share of the layers, from the lowest, that stay as they are (the embeddings always do), `scale` sharpens
    cosines to logits, `rank` is that of the change that is kept.
    """

    prototypes: bool = False
    epochs: float = 3.0
    batch: int = 64
    learning_rate: float = 1e-4
    prototype_rate: float = 5e-3
    scale: float = 16.0
    label_smoothing: float = 0.05
    anchor: float = 1.0
    pair_scale: float = 20.0
    frozen: float = 0.34
    rank: int = 32
    seed: int = 0
