"""The wording of mails, one YAML file per language."""

from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml


@dataclass(frozen=True)
class MailText:
    """Subject and plain text of a mail, filled in."""

    subject: str
    body: str


def render(template: str, locale: str = "en", **values: str) -> MailText:
    """The template with its placeholders filled. Raises KeyError where template or value is missing."""
    texts = _texts(locale)[template]
    return MailText(texts["subject"].format_map(values), texts["body"].format_map(values))


@cache
def _texts(locale: str) -> dict[str, dict[str, str]]:
    text = resources.files(__package__).joinpath(f"{locale}.yml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, str]] = yaml.safe_load(text)
    return loaded
