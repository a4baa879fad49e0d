"""Signing in: what the articles say, the limits of a chat, and a word to whoever has sent a password."""

import re

from sqlalchemy.ext.asyncio import AsyncSession

from actions.answers import AnswerQuestion
from actions.reply import Reply
from actions.support_action import Found
from actions.turn import CustomerTurn

# "my password is Kendal12", "pw: x7!kk"; not "my password is wrong".
_TOLD = re.compile(
    r"\b(?:password|passcode|passwort|pass word|pwd?)\b\s*(?:is|was|:|=|->)+\s*[\"'“‘]?(\S+)", re.I
)
_LOOKS_CHOSEN = re.compile(r"^(?=.*[A-Za-z])(?=.*[\d!#$%&*+@^_~])\S{5,}$")


class PasswordHelp(AnswerQuestion):
    """Answers from the articles; nobody is ever asked for a password, and who has sent one is warned."""

    action_name = "action_password_help"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        warned = Reply().say("utter_password_warning") if tells_password(turn.text) else Reply()
        if found.answer is None:
            return warned.say("utter_password_help")
        answered = await self.answer(session, turn, found.answer)
        return Reply(said=[*warned.said, *answered.said], events=answered.events)


def tells_password(text: str) -> bool:
    """Whether a message gives a password away: letters with digits or signs after "is" or a colon."""
    return any(_LOOKS_CHOSEN.match(word.strip("\"'”’.,;!?")) for word in _TOLD.findall(text))
