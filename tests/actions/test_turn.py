"""What is read from the tracker."""

from actions.turn import (
    CustomerTurn,
    is_activation,
    is_first_look,
    slot_before_message,
    unhelped_in_a_row,
)
from escalation.story import HIDDEN_SLOTS
from tests.actions.rasa import action, bot, slot, tracker, user


def test_nothing_unhelped_before_the_first_message() -> None:
    assert unhelped_in_a_row([user("asdf")]) == 0


def test_counts_unhelped_messages_directly_before_the_latest_one() -> None:
    events = [user("a"), bot("utter_unsure"), user("b"), bot("utter_out_of_scope"), user("c")]
    assert unhelped_in_a_row(events) == 2


def test_a_helped_message_begins_the_count_anew() -> None:
    events = [user("a"), bot("utter_unsure"), user("b"), bot("utter_answer"), user("c")]
    assert unhelped_in_a_row(events) == 0


def test_a_form_asking_again_does_not_count_as_help() -> None:
    events = [user("a"), bot("utter_unsure"), bot("utter_ask_email"), user("b")]
    assert unhelped_in_a_row(events) == 1


def test_what_was_said_before_any_message_is_no_turn() -> None:
    assert unhelped_in_a_row([bot("utter_unsure"), user("a")]) == 0


def test_a_form_begins_with_the_message_after_which_it_became_active() -> None:
    begun = [user("cancel it"), {"event": "active_loop", "name": "cancel_order_form"}]
    assert is_activation(begun)
    assert not is_activation([*begun, user("MM-10432")])
    assert not is_activation([user("stop"), {"event": "active_loop", "name": None}])


def test_an_entity_is_the_first_of_its_kind() -> None:
    found = [{"entity": "email", "value": "a@example.com"}, {"entity": "email", "value": "b@example.com"}]
    turn = CustomerTurn.of(tracker("c1", [user("both", entities=found)]), {})
    assert turn.entity("email") == "a@example.com"
    assert turn.entity("order_number") is None


def test_a_form_looks_for_the_first_time_when_only_it_has_run() -> None:
    assert is_first_look([user("hm"), slot("requested_slot", "email"), action("order_status_form")])


def test_after_an_interruption_it_is_not_the_first_look() -> None:
    answered = [user("hi"), action("utter_greet"), bot("utter_greet"), action("order_status_form")]
    rejected = [user("hi"), {"event": "action_execution_rejected"}, action("order_status_form")]
    assert not is_first_look(answered)
    assert not is_first_look(rejected)


def test_a_slot_is_remembered_as_it_was_before_the_message() -> None:
    events = [slot("order_number", "MM-10001"), user("no, 10002"), slot("order_number", "MM-10002")]
    assert slot_before_message(events, "order_number") == "MM-10001"
    assert slot_before_message(events, "email") is None


def test_an_agent_is_told_no_slot_of_the_hidden_ones() -> None:
    slots = dict.fromkeys(HIDDEN_SLOTS, "something") | {"order_number": "MM-10432", "product": None}
    turn = CustomerTurn.of(tracker("c1", [user("hello")], **slots), {})
    assert turn.story == {"order_number": "MM-10432"}
