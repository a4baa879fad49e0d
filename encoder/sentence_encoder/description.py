"""What an exported encoder says of itself: the `encoder.json` beside its weights."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

DESCRIPTION_FILE = "encoder.json"
PRECISIONS = ("fp32", "int8")
FORMAT = 2


class OldFormat(ValueError):
    """The folder was written by another version of Frontdesk; an export makes it anew."""


@dataclass(frozen=True)
class EncoderDescription:
    """What an exported network is, and what it wants to be fed.

    `name` is what it was exported by, `tuned` says what was made of it since; empty where it is as it came.
    `prompt` is put before every text, for models that were trained with one; `max_tokens` counts the special
    tokens. `answered_from` is the score from which the knowledge index answers, where tuning has moved it.
    `inner_layers` are the layers whose pooled vectors the network gives beside the sentence vector,
    0 being the embeddings. `precision` is that of the weights.
    """

    name: str
    dimension: int
    max_tokens: int
    pad_id: int
    prompt: str = ""
    inner_layers: tuple[int, ...] = ()
    precision: str = "fp32"
    tuned: str = ""
    answered_from: float | None = None

    @property
    def blocks(self) -> int:
        """How many vectors of a text there are: the sentence vector and one for each inner layer."""
        return 1 + len(self.inner_layers)

    def write(self, folder: Path) -> None:
        text = json.dumps({"format": FORMAT, **asdict(self)}, indent=2)
        (folder / DESCRIPTION_FILE).write_text(text + "\n", encoding="utf-8")


def read_description(folder: Path) -> EncoderDescription:
    """The description in `folder`; raises OSError where there is none, ValueError where it is unusable,
    OldFormat where it only is of another version.
    """
    data = json.loads((folder / DESCRIPTION_FILE).read_text(encoding="utf-8"))
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise OldFormat(f"{DESCRIPTION_FILE} is not of format {FORMAT}")
    try:
        description = EncoderDescription(
            name=str(data["name"]),
            dimension=int(data["dimension"]),
            max_tokens=int(data["max_tokens"]),
            pad_id=int(data["pad_id"]),
            prompt=str(data["prompt"]),
            inner_layers=tuple(int(layer) for layer in data["inner_layers"]),
            precision=str(data["precision"]),
            tuned=str(data["tuned"]),
            answered_from=_number_or_none(data.get("answered_from")),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"{DESCRIPTION_FILE} lacks a usable value: {error}") from error
    if description.precision not in PRECISIONS:
        raise ValueError(f"{DESCRIPTION_FILE} names an unknown precision: {description.precision}")
    return description


def _number_or_none(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None
