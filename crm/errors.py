"""What can go wrong in a way the customer may be told about."""

from typing import Any


class SupportError(Exception):
    """A refusal or failure that knows its HTTP status and the response that words it.

    `response` names a Rasa response in nlu_data/responses; `values` fill its placeholders.
    Where `keeps_changes` is set, what was flushed before the error is part of the outcome (a counted
    wrong try) and the edge commits it; otherwise an error rolls its unit of work back.
    """

    status: int = 400
    response: str = "utter_action_failed"
    keeps_changes: bool = False

    def __init__(self, message: str = "", **values: Any) -> None:
        super().__init__(message or self.__class__.__name__)
        self.values = values
