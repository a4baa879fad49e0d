import json
import logging
import warnings

import pytest

from components.errors import BotSetupError
from components.log_redaction import RedactingFormatter, install, redacted


def line_of(message, *, name="rasa.core", level=logging.ERROR, exc_info=None):
    record = logging.LogRecord(name, level, "file.py", 1, message, None, exc_info)
    return json.loads(RedactingFormatter().format(record))


def raised(error, cause=None):
    try:
        try:
            raise cause or ValueError("inner: sam@example.com")
        except Exception as inner:
            raise error from inner
    except Exception as outer:
        return (type(outer), outer, outer.__traceback__)


@pytest.mark.parametrize(
    "sentence",
    [
        "could not write to sam@example.com",
        "order MM-10432 is unknown",
        "code 482913 was wrong",
        "call 07700 900123",
        "lives in SW1A 1AA",
        'body=\'{"tracker": {"slots": {"name": "Sam"}}}\'',
        "first line\nMy name is Sam",
    ],
)
def test_nothing_personal_is_left_of_a_free_sentence(sentence):
    left = redacted(sentence)
    assert not any(secret in left for secret in ("sam@", "Sam", "10432", "482913", "900123", "1AA"))


def test_an_ordinary_sentence_stays_as_it_is():
    sentence = "Failed to run custom action 'action_stop'. Couldn't connect to the server at 'http://127.0.0.1:5055/webhook'."
    assert redacted(sentence) == sentence


def test_a_structured_event_keeps_its_harmless_fields_only():
    line = line_of(
        json.dumps(
            {"event": "rest.message.received.failure", "level": "error", "text": "I am Sam", "turn_id": "t1"}
        )
    )
    assert line["event"] == "rest.message.received.failure"
    assert line["turn_id"] == "t1"
    assert "Sam" not in json.dumps(line)


def test_of_exceptions_the_types_and_places_remain_but_not_the_messages():
    line = line_of(
        "Encountered an exception while running action 'x'.", exc_info=raised(RuntimeError("Sam said no"))
    )
    assert [each["type"] for each in line["exception"]] == ["RuntimeError", "ValueError"]
    assert "test_log_redaction.py" in line["exception"][0]["frames"][-1]
    assert "am said" not in json.dumps(line)
    assert "sam@" not in json.dumps(line)


def test_our_own_set_up_errors_keep_their_sentence():
    line = line_of(
        "Could not load model",
        exc_info=raised(RuntimeError("x"), BotSetupError("Train again: `frontdesk train`.")),
    )
    assert line["exception"][1]["message"] == "Train again: `frontdesk train`."


def test_tracebacks_rendered_by_structlog_lose_messages_and_local_variables():
    rendered = {
        "event": "failure",
        "exception": [{"exc_type": "KeyError", "exc_value": "Sam", "frames": [{"locals": {"a": "Sam"}}]}],
    }
    line = line_of(json.dumps(rendered))
    assert line["exception"] == ["KeyError"]


def test_after_installing_everything_is_json_on_standard_output(capsys, restored_logging):
    install()
    logging.getLogger("sanic.error").error("Exception occurred")
    logging.getLogger("rasa.core.processor").error("I am sam@example.com")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("Failed to parse 'my name is Sam'", UserWarning, stacklevel=1)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["logger"] for line in lines] == ["sanic.error", "rasa.core.processor", "py.warnings"]
    assert "UserWarning" in lines[2]["event"]
    assert "Sam" not in lines[2]["event"]
    assert {"timestamp", "level", "process", "event"} <= set(lines[0])
