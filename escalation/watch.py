"""When what a customer writes calls a person, whatever the bot would make of it; pure rules."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from crm.escalations.models import Reason
from escalation.sentiment import tone_of
from escalation.watchwords import Tone, Watchwords, plain_words

TELLING_WORDS = 3
FEWEST_BEFORE_A_FALL = 2
LATEST_MESSAGES = 12


@dataclass(frozen=True)
class Alarm:
    """Why a person is called; `topic` names the sentence for the customer, `matched` are their own words."""

    reason: Reason
    topic: str
    matched: str | None = None


def alarm(
    messages: Sequence[str], words: Watchwords, already: Collection[Reason] = frozenset()
) -> Alarm | None:
    """What the customer's latest message calls a person for, or None.

    `messages` are what they wrote since a person last dealt with them, oldest first. A reason for which one
    was called lately (`already`) calls no second time, unless its group says so: who went back to the bot
    wants the bot.
    """
    if not messages:
        return None
    for patterns in words.groups:
        group = patterns.group
        matched = patterns.find(messages[-1])
        if matched is None or (group.reason in already and not group.again):
            continue
        if sum(patterns.find(message) is not None for message in messages) >= group.messages:
            return Alarm(group.reason, group.group, matched)
    if Reason.UPSET not in already and sounds_upset(messages, words):
        return Alarm(Reason.UPSET, "upset")
    return None


def sounds_upset(messages: Sequence[str], words: Watchwords) -> bool:
    """Whether the latest messages are strongly negative one after the other, or one after a friendly start.

    Bare details (a number, "yes") say nothing about the mood: they neither count nor break a row.
    """
    if not _is_telling(messages[-1]):
        return False
    telling = [message for message in messages if _is_telling(message)][-LATEST_MESSAGES:]
    scores = [tone_of(message, words.neutral, words.angry) for message in telling]
    return _row_of_strong(scores, words.tone) or _strong_fall(scores, words.tone)


def _row_of_strong(scores: Sequence[float], tone: Tone) -> bool:
    latest = scores[-tone.in_a_row :]
    return len(latest) == tone.in_a_row and all(score <= tone.strong for score in latest)


def _strong_fall(scores: Sequence[float], tone: Tone) -> bool:
    *before, latest = scores
    if len(before) < FEWEST_BEFORE_A_FALL or latest > tone.strong:
        return False
    return sum(before) / len(before) - latest >= tone.fall


def _is_telling(message: str) -> bool:
    return len([word for word in plain_words(message).split() if word.isalpha()]) >= TELLING_WORDS
