"""Every action there is, found by being there: a topic's file needs no entry in a list."""

import importlib
import inspect
import pkgutil

import actions
from actions.support_action import SupportAction


def all_actions() -> list[type[SupportAction]]:
    """The actions of every module in this package, by name. Raises ValueError where two share a name."""
    found: dict[str, type[SupportAction]] = {}
    for module in pkgutil.walk_packages(actions.__path__, f"{actions.__name__}."):
        for _, each in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if not issubclass(each, SupportAction) or not hasattr(each, "action_name"):
                continue
            if inspect.isabstract(each):
                continue
            if found.setdefault(each.action_name, each) is not each:
                raise ValueError(
                    f"two actions are called {each.action_name}: {found[each.action_name]}, {each}"
                )
    return [found[name] for name in sorted(found)]
