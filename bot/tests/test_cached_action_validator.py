import jsonschema
import pytest
from rasa.core.actions.action import RemoteAction

from components.cached_action_validator import install

REPLIES = [
    {"events": [], "responses": []},
    {"events": [{"event": "slot", "name": "a", "value": 1}], "responses": [{"response": "utter_x"}]},
    {"events": [{"event": "slot", "timestamp": None, "name": "a", "value": None}]},
    {"events": [{"event": "pause"}, {"event": "active_loop", "name": None}]},
    {},
    {"responses": ["text"]},
    {"events": {}},
    {"events": [{"name": "no event"}]},
    {"events": [{"event": "unknown"}]},
    [],
]


def verdict(action, reply):
    try:
        return action._validate_action_result(reply)
    except jsonschema.ValidationError:
        return False


@pytest.mark.parametrize("reply", REPLIES, ids=str)
def test_the_verdict_is_rasas_own(reply, restored_logging):
    action = RemoteAction("action_x", None)
    expected = verdict(action, reply)
    install()
    assert verdict(action, reply) == expected


def test_the_error_names_the_action_and_the_place_and_does_not_quote(restored_logging):
    install()
    with pytest.raises(jsonschema.ValidationError) as raised:
        RemoteAction("action_x", None)._validate_action_result({"responses": ["my name is Sam"]})
    assert "action_x" in raised.value.message
    assert "responses/0" in raised.value.message
    assert "Sam" not in str(raised.value)
