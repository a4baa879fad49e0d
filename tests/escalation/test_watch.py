"""When a customer's words or their tone call a person, and when once is enough."""

from pathlib import Path

import pytest

from crm.escalations.models import Reason
from escalation.watch import alarm
from escalation.watchwords import Watchwords, read_watchwords

ANGRY = "this is a disgrace, I am furious"
ANGRIER = "you people are useless and rude"
FRIENDLY = "hello, you were so lovely and helpful last time, thank you"


@pytest.fixture(scope="module")
def words() -> Watchwords:
    return read_watchwords(Path(__file__).parents[2] / "nlu_data" / "watchwords.yml")


def reason(words: Watchwords, *messages: str, already: frozenset[Reason] = frozenset()) -> Reason | None:
    found = alarm(messages, words, already)
    return found.reason if found else None


def test_one_angry_message_is_left_to_the_bot_and_two_in_a_row_are_not(words: Watchwords) -> None:
    assert reason(words, ANGRY) is None
    assert reason(words, ANGRY, ANGRIER) is Reason.UPSET


def test_a_detail_between_two_angry_messages_does_not_calm_them(words: Watchwords) -> None:
    assert reason(words, ANGRY, "MM-10432", ANGRIER) is Reason.UPSET
    assert reason(words, ANGRY, "oh thank you, that is very kind of you", ANGRIER) is None


def test_a_detail_itself_never_calls_a_person(words: Watchwords) -> None:
    assert reason(words, ANGRY, ANGRIER, "MM-10432") is None


def test_a_friendly_customer_whose_tone_falls_is_upset(words: Watchwords) -> None:
    assert reason(words, FRIENDLY, FRIENDLY, ANGRY) is Reason.UPSET
    assert reason(words, "where is my order", "is it with DPD now", ANGRY) is None


def test_what_went_wrong_is_no_anger(words: Watchwords) -> None:
    told = [
        "my order is missing and the parcel damaged",
        "the mug is broken, the handle cracked, wrong colour",
    ]
    assert reason(words, *told) is None


def test_one_insult_is_overheard_and_the_second_is_not(words: Watchwords) -> None:
    assert reason(words, "you idiot") is None
    assert reason(words, "you idiot", "where is my parcel", "oh piss off") is Reason.ABUSIVE


def test_a_threat_is_never_overheard(words: Watchwords) -> None:
    assert reason(words, "i know where you live") is Reason.ABUSIVE


def test_the_group_that_stands_first_decides(words: Watchwords) -> None:
    found = alarm(["the wedding is tomorrow and I want to die"], words)
    assert found is not None
    assert (found.topic, found.matched) == ("self_harm", "want to die")


def test_who_went_back_to_the_bot_is_not_given_to_a_person_for_the_same_reason(words: Watchwords) -> None:
    once = frozenset({Reason.URGENT, Reason.UPSET})
    assert reason(words, "the wedding is tomorrow", already=once) is None
    assert reason(words, ANGRY, ANGRIER, already=once) is None
    assert reason(words, "my wife died", already=once) is Reason.VULNERABLE


def test_somebody_in_danger_of_their_life_is_given_to_a_person_every_time(words: Watchwords) -> None:
    assert reason(words, "I want to die", already=frozenset(Reason)) is Reason.VULNERABLE


def test_nothing_written_calls_nobody(words: Watchwords) -> None:
    assert alarm([], words) is None
    assert alarm([""], words) is None
