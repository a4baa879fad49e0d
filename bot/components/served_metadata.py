"""What Rasa reads of a model that is only served: not the graph it was trained with.

That graph names the classes that check a configuration, and they import TensorFlow. Nothing in a serving
process asks for it.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.storage.storage import ModelMetadata

_read_whole = ModelMetadata.from_dict


def read(serialized: dict[str, Any]) -> ModelMetadata:
    """The metadata with an empty training graph."""
    return _read_whole({**serialized, "train_schema": {"nodes": {}}})


def install() -> None:
    """Models that are loaded in this process from now on come without the graph they were trained with."""
    ModelMetadata.from_dict = staticmethod(read)
