"""Answers as the demo shop gave them, for the document; tests keep them true."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def example(name: str) -> Any:
    """The JSON of one answer."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
