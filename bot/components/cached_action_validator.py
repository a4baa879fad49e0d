"""Rasa's check of an action server's reply, with the validator built once.

Rasa checks and compiles the same JSON schema anew for every reply, which took more than half of a turn's
time.
"""

from __future__ import annotations

from typing import Any

from jsonschema import ValidationError
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction

_SCHEMA = RemoteAction.action_response_format_spec()
_VALIDATOR = validator_for(_SCHEMA)(_SCHEMA)


def is_valid(action: RemoteAction, result: dict[str, Any]) -> bool:
    """True, or a ValidationError that says which action's reply breaks the schema where; it does not quote
    the reply.
    """
    error = next(_VALIDATOR.iter_errors(result), None)
    if error is None:
        return True
    place = "/".join(str(step) for step in error.absolute_path) or "the reply itself"
    raise ValidationError(
        f"The reply of action {action.name()} is not what Rasa expects: wrong {error.validator} at {place}."
    )


def install() -> None:
    """Makes every action call of this process use the cached validator."""
    RemoteAction._validate_action_result = is_valid
