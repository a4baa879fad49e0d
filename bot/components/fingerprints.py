"""What Rasa's own fingerprint of a component leaves out: the modules that it leaves its work to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType


def fingerprint_of(modules: Iterable[ModuleType]) -> str:
    """SHA-256 over their source files, in their order."""
    digest = hashlib.sha256()
    for module in modules:
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.hexdigest()
