"""How an answer is read from what the customer wrote or tapped; one kind of question, one class.

Rasa fills no slot while a form is active: everything a form takes is read here, from the entities, the intent
and the words of the message. A tap answers through its payload, `/inform{"return_reason": "too_small"}`.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from actions.turn import CustomerTurn
from crm.orders.rules import normalise_order_number

# In answer to a question for a few words of one's own, these are what they always are.
SMALLTALK = frozenset({"greet", "goodbye", "thank", "ask_if_bot", "ask_abilities"})
_FEW_WORDS = 4
# "Yes, cancel it" sounds like a wish of its own; a longer sentence, or a condition, may well be one.
_BEGINS_WITH_YES = re.compile(r"^\W*(?:yes|yeah|yep|yup|ok|okay|sure)\b", re.I)
_MOST_WORDS_OF_A_YES = 6
_NO_MERE_YES = re.compile(
    r"\?|n['’]t\b|\b(?:but|not?|never|only|just|except|unless|if|wait|first|instead|rather|stop|later|want|need"
    r"|like|show|tell|can|could|do you|does|is|are|will|would|who|what|when|where|why|how|which"
    # Dropping it: "ok, forget it".
    r"|forget|keep|leave|drop|hold|hang|scrap|scratch|skip|ignore|abort|quit|exit|undo|nah|nope|nothing|none"
    r"|nevermind|nvm|give up|start again|start over"
    # Something else: "yes, another address".
    r"|another|different|other|else|wrong|mistake|compare|track\w*|invoice|person|human|agent|someone|somebody)\b",
    re.I,
)
_FORGOTTEN = re.compile(
    r"\b(?:forg[eo]t\w*|lost|no idea|not sure|unsure|no clue|can['’]?t (?:remember|recall|think)"
    r"|(?:do not|don['’]?t) (?:know|remember|recall|have)|cannot (?:remember|recall)"
    r"|no longer (?:know|have)|can['’]?t get (?:at|to|into))\b",
    re.I,
)
_AN_EMAIL = re.compile(r"\be-?\s?mails?\b|\bmail address\b", re.I)
_POSTCODE = re.compile(r"\b(?=[A-Z-]*[0-9])[A-Z0-9-]{2,8}(?: [A-Z0-9]{2,4})?(?=\W*$)", re.I)
BY_NAME = "name"
_CANCELS = re.compile(r"\bcancel\w*", re.I)
_BEGINS_A_CORRECTION = re.compile(r"^\W*(?:no|nope|not|sorry|actually)\b", re.I)
_ASKS = re.compile(
    r"\?\s*$|^\s*(?:who|what|when|where|why|how|which|do|does|can|could|is|are|will|would)\b[^.!]*\?", re.I
)


def says_yes(turn: CustomerTurn) -> bool:
    """Whether the message is a clear yes, also where it repeats the wish: "yes, cancel it"."""
    if turn.intent == "affirm":
        return True
    if turn.tapped or turn.intent == "deny" or turn.intent in SMALLTALK:
        return False
    begins = _BEGINS_WITH_YES.search(turn.text) is not None
    return begins and len(turn.text.split()) <= _MOST_WORDS_OF_A_YES and not _NO_MERE_YES.search(turn.text)


def begins_a_correction(turn: CustomerTurn) -> bool:
    """Whether the message may correct an earlier answer, as "no, the hat" does; a question does not."""
    return _BEGINS_A_CORRECTION.search(turn.text) is not None and "?" not in turn.text


class Question(ABC):
    """Something a form asks for, kept in the slot of the same name.

    `kept` values stay when a form begins anew (an order number, an e-mail address); all others are asked
    again, since they belonged to another matter.
    """

    kept = False

    def __init__(self, slot: str) -> None:
        self.slot = slot

    @abstractmethod
    def read(self, turn: CustomerTurn, asked: bool) -> Any:
        """The answer in this message, or None; `asked` where this is the question it replies to."""

    def is_passed_over(self, turn: CustomerTurn) -> bool:
        """Whether a message that sounds like another wish is one, and no answer to this question."""
        return self.read(turn, asked=True) is None


class OrderNumber(Question):
    """An order number in any shape; asked for, five digits will do."""

    kept = True

    def __init__(self) -> None:
        super().__init__("order_number")

    def read(self, turn: CustomerTurn, asked: bool) -> str | None:
        found = turn.entity("order_number")
        if found is not None or not asked or turn.tapped:
            return found
        return normalise_order_number(turn.text)

    def is_passed_over(self, turn: CustomerTurn) -> bool:
        return turn.entity("order_number") is None


class Email(Question):
    kept = True

    def __init__(self) -> None:
        super().__init__("email")

    def read(self, turn: CustomerTurn, asked: bool) -> str | None:
        return turn.entity("email")

    def is_passed_over(self, turn: CustomerTurn) -> bool:
        return turn.entity("email") is None and not says_email_is_forgotten(turn)


def says_email_is_forgotten(turn: CustomerTurn) -> bool:
    """Whether the customer cannot name an e-mail address; asked for it, "no idea" is enough."""
    if turn.tapped or turn.entity("email") is not None or not _FORGOTTEN.search(turn.text):
        return False
    return turn.requested_slot == "email" or _AN_EMAIL.search(turn.text) is not None


class IdentifyBy(Question):
    """Another way to say who one is, for who cannot name an e-mail address: BY_NAME."""

    def __init__(self) -> None:
        super().__init__("identify_by")

    def read(self, turn: CustomerTurn, asked: bool) -> str | None:
        if turn.tapped:
            return BY_NAME if turn.entity(self.slot) == BY_NAME else None
        return BY_NAME if says_email_is_forgotten(turn) else None


class Postcode(Question):
    """A postcode of any country, and only where it is asked for: addresses have one, too."""

    def __init__(self) -> None:
        super().__init__("postcode")

    def read(self, turn: CustomerTurn, asked: bool) -> str | None:
        if not asked or turn.tapped:
            return None
        found = _POSTCODE.search(turn.text)
        return turn.entity("postcode") or (found.group().upper() if found else None)


class OneTimeCode(Question):
    """Six digits, in whatever groups; read only where they are asked for."""

    def __init__(self) -> None:
        super().__init__("one_time_code")

    def read(self, turn: CustomerTurn, asked: bool) -> str | None:
        if not asked or turn.tapped:
            return None
        digits = re.sub(r"[\s\-.]", "", turn.text)
        return turn.entity("one_time_code") or (digits if re.fullmatch(r"[0-9]{6}", digits) else None)


class Confirmation(Question):
    """A clear yes or no to the question just asked; "ok, cancel" is a yes only to `cancelling`."""

    def __init__(self, cancelling: bool = False) -> None:
        super().__init__("confirmation")
        self._cancelling = cancelling

    def read(self, turn: CustomerTurn, asked: bool) -> bool | None:
        if not asked:
            return None
        if says_yes(turn):
            return True if self._cancelling or not _CANCELS.search(turn.text) else None
        return {"deny": False}.get(turn.intent)


class FreeText(Question):
    """The customer's own words, at most `most` characters; a question in them interrupts the form."""

    def __init__(self, slot: str, most: int = 1_000) -> None:
        super().__init__(slot)
        self.most = most

    def read(self, turn: CustomerTurn, asked: bool) -> str | None:
        words = turn.text.split()
        if not asked or turn.tapped or not any(character.isalnum() for character in turn.text):
            return None
        if len(words) <= _FEW_WORDS and turn.intent in {"affirm", "deny"}:
            return None
        return " ".join(words)[: self.most]

    def is_passed_over(self, turn: CustomerTurn) -> bool:
        few = len(turn.text.split()) <= _FEW_WORDS
        return bool(_ASKS.search(turn.text)) or (few and turn.intent in SMALLTALK)


class OneOf(Question):
    """One of a few options; `words` are what customers call each of them, besides tapping it.

    With `volunteered`, the words count also where something else, or nothing, was asked.
    """

    def __init__(self, slot: str, words: Mapping[str, Sequence[str]], volunteered: bool = False) -> None:
        super().__init__(slot)
        self.options = tuple(words)
        self._volunteered = volunteered
        self._patterns = {
            option: re.compile(rf"\b(?:{'|'.join(re.escape(word) for word in called)})\b", re.I)
            for option, called in words.items()
            if called
        }

    def read(self, turn: CustomerTurn, asked: bool) -> str | None:
        tapped = turn.entity(self.slot)
        if tapped is not None:
            return tapped if tapped in self.options else None
        if turn.tapped or not (asked or self._volunteered):
            return None
        named = [option for option, pattern in self._patterns.items() if pattern.search(turn.text)]
        return named[0] if len(named) == 1 else None
