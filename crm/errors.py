"""What can go wrong in a way the customer may be told about."""

from typing import Any


class SupportError(Exception):
    """A refusal or failure that knows its HTTP status and the response that words it.

    `response` names a Rasa response in nlu_data/responses; `values` fill its placeholders.
    """

    status: int = 400
    response: str = "utter_action_failed"

    def __init__(self, message: str = "", **values: Any) -> None:
        super().__init__(message or self.__class__.__name__)
        self.values = values
