"""The part of small talk that needs more than a sentence: stopping what is under way."""

from sqlalchemy.ext.asyncio import AsyncSession

from actions.reply import Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn


class Stop(SupportAction):
    """Ends the form that is asking and forgets what was given to it."""

    action_name = "action_stop"
    forgets = (
        "order_number",
        "email",
        "one_time_code",
        "confirmation",
        "email_tried",
        "code_sent_for",
        "order_problem",
    )

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        if turn.requested_slot is None:
            return Reply().say("utter_nothing_to_stop")
        return Reply().say("utter_stopped").leave_form()
