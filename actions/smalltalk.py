"""The part of small talk that needs more than a sentence: stopping what is under way."""

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.form import FORM_MEMORY
from actions.reply import Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn


class Stop(SupportAction):
    """Ends the form that is asking and forgets what was given to it."""

    action_name = "action_stop"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        if turn.requested_slot is None:
            return Reply().say("utter_nothing_to_stop")
        asked_for = dict.fromkeys((*turn.form_slots, *FORM_MEMORY, "email_tried"))
        return Reply().say("utter_stopped").leave_form().remember(**asked_for)
