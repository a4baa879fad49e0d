"""Reports as one HTML file that needs nothing else: no script, no network, every text escaped."""

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_LONGEST_SHOWN = 200
# No HTML may hold them; a message that somebody pasted can.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def rendered(template: Path, **values: Any) -> str:
    """The template filled in; it has the filter `said`. Raises UndefinedError where a value is missing."""
    environment = Environment(
        loader=FileSystemLoader(template.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["said"] = said
    return environment.get_template(template.name).render(**values)


def said(text: str) -> str:
    """A customer's words on one line, no longer than anybody reads."""
    shown = _CONTROL.sub("\ufffd", " ".join(text.split()))
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"
