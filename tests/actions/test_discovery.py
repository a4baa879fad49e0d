"""Actions are found by being there."""

import inspect

from actions.discovery import all_actions
from actions.forms.form import Form


def test_every_action_is_found_once_and_none_is_abstract() -> None:
    names = [action.action_name for action in all_actions()]
    assert len(names) == len(set(names)) > 10
    assert not [action for action in all_actions() if inspect.isabstract(action)]


def test_a_forms_action_is_named_after_its_form() -> None:
    forms = [action for action in all_actions() if issubclass(action, Form)]
    assert forms
    assert all(action.action_name.startswith("validate_") for action in forms)
