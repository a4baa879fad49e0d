"""The files the entity ruler reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from components.errors import BotSetupError

_INWARD_LENGTH = 3
_FIELDS = ("lower", "digits", "outward", "inward")


@dataclass(frozen=True)
class EntityPattern:
    """`matches` is a phrase or a list of spaCy token patterns; `value` a template, or None for the fixed text
    `name`.

    Without an `entity` the pattern only keeps shorter matches inside it from counting.
    """

    entity: str | None
    matches: str | list[dict[str, Any]]
    value: str

    def value_of(self, text: str) -> str:
        """What the slot receives for the matched text."""
        compact = re.sub(r"\s+", "", text).upper()
        values = {
            "lower": text.lower(),
            "digits": "".join(re.findall("[0-9]", text)),
            "outward": compact[:-_INWARD_LENGTH],
            "inward": compact[-_INWARD_LENGTH:],
        }
        return re.sub(r"\{(\w+)\}", lambda field: values[field.group(1)], self.value)


def read_patterns(path: Path) -> list[EntityPattern]:
    """The trainer's patterns; raises BotSetupError naming the file and the pattern that cannot be used."""
    patterns = []
    for position, entry in enumerate(_entries(path, "patterns"), start=1):
        where = f"{path}, pattern {position}"
        if "entity" not in entry or not isinstance(entry.get("tokens"), list) or not entry["tokens"]:
            raise BotSetupError(f"{where}: it needs `entity` and a list of `tokens`.")
        value = entry.get("value", "")
        unknown = set(re.findall(r"\{(\w+)\}", value)) - set(_FIELDS)
        if unknown or (entry["entity"] and not value):
            fields = ", ".join(f"{{{field}}}" for field in _FIELDS)
            raise BotSetupError(f"{where}: `value` must be a text built from {fields}.")
        patterns.append(EntityPattern(entry["entity"], entry["tokens"], value))
    return patterns


def read_products(path: Path) -> list[EntityPattern]:
    """A phrase for each product's name and synonyms, all with the name as value; raises BotSetupError for
    another shape.
    """
    patterns = []
    for position, entry in enumerate(_entries(path, "products"), start=1):
        name, synonyms = entry.get("name"), entry.get("synonyms") or []
        if not isinstance(name, str) or not isinstance(synonyms, list):
            raise BotSetupError(
                f"{path}, product {position}: it needs a `name`, and `synonyms` must be a list."
            )
        # Braces would be taken for a field of the template.
        fixed = name.replace("{", "(").replace("}", ")")
        patterns += [EntityPattern("product", phrase, fixed) for phrase in [name, *map(str, synonyms)]]
    return patterns


def _entries(path: Path, key: str) -> list[dict[str, Any]]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BotSetupError(f"{path} cannot be read: {error}") from error
    entries = content.get(key) if isinstance(content, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BotSetupError(f"{path}: a list named `{key}` is expected.")
    return entries
