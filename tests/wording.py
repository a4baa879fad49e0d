"""How to recognise a response of the bot in what a customer sees, whatever variation was picked."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

RESPONSES = Path(__file__).resolve().parents[1] / "nlu_data" / "responses"


@cache
def _responses() -> dict[str, Any]:
    files = sorted(RESPONSES.glob("*.yml"))
    loaded = [yaml.safe_load(file.read_text(encoding="utf-8"))["responses"] for file in files]
    return {name: variations for responses in loaded for name, variations in responses.items()}


def pattern_of(response: str) -> re.Pattern[str]:
    """Matches every variation; placeholders match anything on the line."""
    variations = []
    for variation in _responses()[response]:
        parts = re.split(r"\{\w+\}", variation["text"].strip())
        variations.append(".*?".join(re.escape(part) for part in parts))
    return re.compile("|".join(variations))


def fixed_words() -> list[tuple[str, str]]:
    """Every variation of every response, with the name of its response."""
    return [(name, each["text"]) for name, variations in _responses().items() for each in variations]
