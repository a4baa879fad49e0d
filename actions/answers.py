"""Questions that the shop's articles answer."""

from sqlalchemy.ext.asyncio import AsyncSession

from actions.reply import Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn, unhelped_in_a_row
from crm.escalations.models import Reason
from crm.questions.models import Outcome


class AnswerQuestion(SupportAction):
    """Says what the best article says; the second question in a row without one goes to a person.

    Where the nearest article is not sure to answer it, that is said, and a person offered: the intent has
    told already that it is a question for the articles.
    """

    action_name = "action_answer_question"

    def look_up(self, turn: CustomerTurn) -> Found:
        if answer := self.index.best_answer(turn.question, turn.question_before):
            return Found(answer)
        if possible := self.index.possible_answer(turn.question, turn.question_before):
            return Found(possible=possible)
        return Found(suggestions=self.suggestions(turn), nearest=self.nearest(turn))

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        if found.answer is not None:
            return await self.answer(session, turn, found.answer)
        if found.possible is not None:
            return await self.answer(
                session, turn, found.possible, "utter_possible_answer", outcome=Outcome.POSSIBLE
            )
        await self.keep_unanswered(session, turn, found)
        if unhelped_in_a_row(turn.events):
            return await self.hand_over(
                session, turn, Reason.OUT_OF_SCOPE, "utter_handover_out_of_scope", found
            )
        return Reply().say("utter_no_answer")
