"""What counts as an answer to which question."""

from typing import Any

import pytest

from actions.forms.questions import Confirmation, FreeText, OneOf, OneTimeCode, OrderNumber
from actions.turn import CustomerTurn
from tests.actions.rasa import tracker, user

REASON = OneOf("return_reason", {"too_small": ("too small", "tight"), "changed_mind": ()})


def said(text: str, intent: str = "inform", **entities: Any) -> CustomerTurn:
    found = [{"entity": name, "value": value} for name, value in entities.items()]
    return CustomerTurn.of(tracker("c1", [user(text, intent, entities=found)]), {})


def test_an_order_number_is_read_from_words_only_where_it_is_asked_for() -> None:
    assert OrderNumber().read(said("nr:10432!"), asked=True) == "MM-10432"
    assert OrderNumber().read(said("nr:10432!"), asked=False) is None
    assert OrderNumber().read(said("it", order_number="MM-10001"), asked=False) == "MM-10001"


@pytest.mark.parametrize("text", ["123456", "123 456", "12-34-56"])
def test_a_code_is_read_in_any_grouping_where_it_is_asked_for(text: str) -> None:
    assert OneTimeCode().read(said(text), asked=True) == "123456"
    assert OneTimeCode().read(said(text), asked=False) is None


def test_only_a_yes_or_a_no_confirms() -> None:
    assert Confirmation().read(said("go on", "affirm"), asked=True) is True
    assert Confirmation().read(said("no", "deny"), asked=True) is False
    assert Confirmation().read(said("hm", "inform"), asked=True) is None
    assert Confirmation().read(said("yes", "affirm"), asked=False) is None


@pytest.mark.parametrize(
    ("text", "intent", "answer"),
    [
        ("yes, cancel it", "cancel_order", True),
        ("ok, please go ahead", "nlu_fallback", True),
        ("Sure, return the hat", "product_details", True),
        ("yes but not the hat", "cancel_order", None),
        ("ok, where is it", "order_status", None),
        ("ok i want to return it", "start_return", None),
        ("ok don't", "stop", None),
        ("ok thanks", "thank", None),
        ("yes no", "deny", False),
        ("surely cancel it", "cancel_order", None),
    ],
)
def test_a_yes_may_repeat_the_wish_but_add_nothing_to_it(text: str, intent: str, answer: bool | None) -> None:
    assert Confirmation(cancelling=True).read(said(text, intent), asked=True) is answer


@pytest.mark.parametrize(
    "text",
    [
        "ok forget it",
        "sure, leave it",
        "ok keep my order",
        "yes, another address",
        "okay hang on",
        "yeah nah",
    ],
)
def test_who_drops_it_or_wants_something_else_has_not_said_yes(text: str) -> None:
    assert Confirmation(cancelling=True).read(said(text, "nlu_fallback"), asked=True) is None


@pytest.mark.parametrize("intent", ["cancel_order", "stop", "nlu_fallback", "affirm"])
def test_cancel_is_a_yes_to_cancelling_alone(intent: str) -> None:
    assert Confirmation().read(said("ok, cancel", intent), asked=True) is None
    assert Confirmation(cancelling=True).read(said("ok, cancel", intent), asked=True) is True


@pytest.mark.parametrize(
    ("text", "intent", "taken"),
    [
        ("the zip came off at once", "report_damaged", True),
        ("how long does a refund take?", "refund_policy", False),
        ("thanks", "thank", False),
        ("thanks to the rain the box was soaked through", "thank", True),
    ],
)
def test_own_words_are_taken_unless_they_ask_something(text: str, intent: str, taken: bool) -> None:
    assert FreeText("problem_text").is_passed_over(said(text, intent)) is not taken


def test_own_words_are_cut_at_their_length_and_never_blank() -> None:
    assert FreeText("problem_text", most=4).read(said("abcdefg"), asked=True) == "abcd"
    assert FreeText("problem_text").read(said("..."), asked=True) is None
    assert FreeText("problem_text").read(said("yes", "affirm"), asked=True) is None


def test_an_option_is_tapped_or_named() -> None:
    assert REASON.read(said("/inform", return_reason="changed_mind"), asked=False) == "changed_mind"
    assert REASON.read(said("/inform", return_reason="nonsense"), asked=True) is None
    assert REASON.read(said("a bit too small for me"), asked=True) == "too_small"
    assert REASON.read(said("a bit too small for me"), asked=False) is None
    assert REASON.read(said("fine"), asked=True) is None
