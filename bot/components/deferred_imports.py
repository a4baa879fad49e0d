"""Modules that Rasa imports and this bot never uses are loaded only when something is asked of them.

Serving it needs no TensorFlow and draws no figures. Rasa imports both all the same, and spaCy's thinc looks
for TensorFlow too; together they are two thirds of the process's memory and half of the time of its imports.
Nothing is taken away: a model with a component that does need them loads them, only later.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from threading import RLock
from types import ModuleType
from typing import Any

_DEFERRED = frozenset(
    {
        "rasa.utils.plotting",
        "rasa.utils.tensorflow.model_data_utils",
        "rasa.utils.train_utils",
    }
)
_LOADER = "__deferred_loader__"
_loading = RLock()


def install() -> None:
    """To be called before anything of Rasa or spaCy is imported; twice does nothing more."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        _import_thinc_without_tensorflow()
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in _DEFERRED:
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec is not None and spec.loader is not None:
            spec.loader = _DeferringLoader(spec.loader)
        return spec


class _DeferringLoader(Loader):
    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__[_LOADER] = self._loader
        module.__class__ = _Deferred


class _Deferred(ModuleType):
    """A module that is executed at the first question for a name of its own.

    importlib's LazyLoader is woken by every question, such as that of `inspect` for each module's file.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        with _loading:
            loader = self.__dict__.pop(_LOADER, None)
            if loader is not None:
                try:
                    loader.exec_module(self)
                except BaseException:
                    self.__dict__[_LOADER] = loader
                    raise
                self.__class__ = ModuleType  # type: ignore[assignment]
        if name in self.__dict__:
            return self.__dict__[name]
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")


def _import_thinc_without_tensorflow() -> None:
    """thinc, which spaCy is built on, imports TensorFlow where it finds it, to share arrays with it."""
    absent = object()
    before = sys.modules.get("tensorflow", absent)
    sys.modules["tensorflow"] = None  # type: ignore[assignment]
    try:
        importlib.import_module("thinc.compat")
    finally:
        if before is absent:
            del sys.modules["tensorflow"]
        else:
            sys.modules["tensorflow"] = before  # type: ignore[assignment]
