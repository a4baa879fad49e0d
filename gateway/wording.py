"""The gateway's own sentences, read once from gateway/texts/<locale>.yml."""

from pathlib import Path
from typing import Any

import yaml

from crm.conversations.services import Choice

TEXTS_DIR = Path(__file__).parent / "texts"
# A choice whose payload begins so is carried out by the gateway; any other goes to the bot.
COMMAND = "gateway:"


class MissingText(KeyError):
    """A sentence that code asks for is not in the locale's file."""


class Wording:
    """Sentences by dotted key. `wording("waiting.later", place=2, minutes=8)`."""

    def __init__(self, locale: str, *, shop: str) -> None:
        self._path = TEXTS_DIR / f"{locale}.yml"
        self._texts: dict[str, Any] = yaml.safe_load(self._path.read_text(encoding="utf-8"))
        self._shop = shop

    def __call__(self, key: str, **values: Any) -> str:
        """The sentence with its placeholders filled. Raises MissingText."""
        found = self._find(key)
        if not isinstance(found, str):
            raise MissingText(f"{key} in {self._path.name} is not a sentence")
        return found.format(shop=self._shop, **values).strip()

    def has(self, key: str) -> bool:
        """Whether the locale knows this sentence."""
        try:
            return isinstance(self._find(key), str)
        except MissingText:
            return False

    def choices(self, key: str) -> list[Choice]:
        """Quick replies: `say` is sent as the customer's words, `command` is the gateway's own."""
        return [
            Choice(entry["title"], entry["say"] if "say" in entry else COMMAND + entry["command"])
            for entry in self._find(key)
        ]

    def _find(self, key: str) -> Any:
        found: Any = self._texts
        for part in key.split("."):
            if not isinstance(found, dict) or part not in found:
                raise MissingText(f"{key} is missing in {self._path.name}")
            found = found[part]
        return found
