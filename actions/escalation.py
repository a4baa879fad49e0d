"""When the customer wants a person, or is so unhappy that one should answer."""

from sqlalchemy.ext.asyncio import AsyncSession

from actions.complaints import keep_what_was_gathered
from actions.reply import Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn
from crm.escalations.models import Reason


class TalkToPerson(SupportAction):
    """Asked for is enough: no question, no second try; what a form has gathered until then is kept."""

    action_name = "action_talk_to_person"

    def look_up(self, turn: CustomerTurn) -> Found:
        return Found(suggestions=self.suggestions(turn))

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        await keep_what_was_gathered(session, turn, self.clock())
        return await self.hand_over(session, turn, Reason.ASKED_FOR, "utter_handover_asked_for", found)


class Complain(SupportAction):
    """A complaint is for a person, with an apology and without an argument.

    What a form has gathered about something that went wrong until then is written down all the same.
    """

    action_name = "action_complain"

    def look_up(self, turn: CustomerTurn) -> Found:
        return Found(suggestions=self.suggestions(turn))

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        await keep_what_was_gathered(session, turn, self.clock(), last_words=turn.text)
        return await self.hand_over(session, turn, Reason.COMPLAINT, "utter_handover_complaint", found)
