"""What an exported encoder says of itself: the `encoder.json` beside its weights."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

DESCRIPTION_FILE = "encoder.json"
POOLINGS = ("mean", "cls")
FORMAT = 1


@dataclass(frozen=True)
class EncoderDescription:
    """How token vectors of the network become a sentence vector.

    `prompt` is put before every text, for models that were trained with one; `max_tokens` counts the special
    tokens.
    """

    name: str
    dimension: int
    pooling: str
    max_tokens: int
    pad_id: int
    prompt: str = ""

    def write(self, folder: Path) -> None:
        text = json.dumps({"format": FORMAT, **asdict(self)}, indent=2)
        (folder / DESCRIPTION_FILE).write_text(text + "\n", encoding="utf-8")


def read_description(folder: Path) -> EncoderDescription:
    """The description in `folder`; raises OSError where there is none, ValueError where it is unusable."""
    data = json.loads((folder / DESCRIPTION_FILE).read_text(encoding="utf-8"))
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ValueError(f"{DESCRIPTION_FILE} is not of format {FORMAT}")
    try:
        description = EncoderDescription(
            name=str(data["name"]),
            dimension=int(data["dimension"]),
            pooling=str(data["pooling"]),
            max_tokens=int(data["max_tokens"]),
            pad_id=int(data["pad_id"]),
            prompt=str(data["prompt"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"{DESCRIPTION_FILE} lacks a usable value: {error}") from error
    if description.pooling not in POOLINGS:
        raise ValueError(f"{DESCRIPTION_FILE} asks for an unknown pooling: {description.pooling}")
    return description
