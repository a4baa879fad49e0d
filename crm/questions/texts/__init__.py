"""The wording around a correction, one YAML file per language."""

from functools import cache
from importlib import resources

import yaml


def worded(name: str, locale: str = "en", **values: str) -> str:
    """The text with its placeholders filled. Raises KeyError where text or value is missing."""
    return _texts(locale)[name].format_map(values).strip()


@cache
def _texts(locale: str) -> dict[str, str]:
    text = resources.files(__package__).joinpath(f"{locale}.yml").read_text(encoding="utf-8")
    loaded: dict[str, str] = yaml.safe_load(text)
    return loaded
