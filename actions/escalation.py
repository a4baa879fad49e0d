"""When the customer wants a person, or is so unhappy that one should answer."""

from sqlalchemy.ext.asyncio import AsyncSession

from actions.reply import Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn
from crm.escalations.models import Reason


class TalkToPerson(SupportAction):
    """Asked for is enough: no question, no second try."""

    action_name = "action_talk_to_person"

    def look_up(self, turn: CustomerTurn) -> Found:
        return Found(suggestions=self.suggestions(turn))

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        return await self.hand_over(session, turn, Reason.ASKED_FOR, "utter_handover_asked_for", found)


class Complain(SupportAction):
    """A complaint is for a person, with an apology and without an argument."""

    action_name = "action_complain"

    def look_up(self, turn: CustomerTurn) -> Found:
        return Found(suggestions=self.suggestions(turn))

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        return await self.hand_over(session, turn, Reason.COMPLAINT, "utter_handover_complaint", found)
