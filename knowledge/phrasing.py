"""The ways to put a customer's message to the articles: with what went before, or only its question."""

import re

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_FOLLOWS_UP = re.compile(r"^(and|or|but|also|then|what about|how about|what if|same for)\b", re.IGNORECASE)
_SHORT = 4
_LONG = 30
_MOST_SENTENCES = 8
_LONGEST = 4000


def phrasings(message: str, before: str = "") -> list[str]:
    """The message, and where it may not be understood as it stands, other ways to say it.

    A short message, or one that begins with "and", may go on about `before`. In a long story the question
    is one of the sentences: those that end in a question mark, or else the last ones.
    """
    message = message[:_LONGEST].strip()
    words = len(message.split())
    if before and (words <= _SHORT or _FOLLOWS_UP.match(message)):
        return [message, f"{before[:_LONGEST].strip()} {message}"]
    if words < _LONG:
        return [message]
    sentences = [sentence.strip() for sentence in _SENTENCE_END.split(message) if sentence.strip()]
    asked = [sentence for sentence in sentences if sentence.endswith("?")]
    return [message, *(asked or sentences)[-_MOST_SENTENCES:]]
