"""Questions that the shop's articles answer."""

from sqlalchemy.ext.asyncio import AsyncSession

from actions.reply import Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn, unhelped_in_a_row
from crm.escalations.models import Reason
from crm.questions.models import Outcome

_MOST_OTHERS = 2
# The chance from which another article is named beside the answer: one customer in fifty meant it.
_WORTH_NAMING = 0.02


class AnswerQuestion(SupportAction):
    """Says what the best article says; the second question in a row without one goes to a person.

    Where the nearest article is not sure to answer it, that is said, and a person offered: the intent has
    told already that it is a question for the articles.
    """

    action_name = "action_answer_question"

    def look_up(self, turn: CustomerTurn) -> Found:
        nearest = self.index.search(turn.question, k=1 + _MOST_OTHERS, before=turn.question_before)
        others = [answer for answer in nearest[1:] if answer.score >= _WORTH_NAMING]
        if nearest and nearest[0].score >= self.index.threshold:
            return Found(nearest[0], others=others)
        if nearest and nearest[0].score >= self.index.worth_showing:
            return Found(possible=nearest[0], others=others)
        return Found(suggestions=self.suggestions(turn), nearest=nearest[0] if nearest else None)

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        if found.answer is not None:
            return await self.answer(session, turn, found.answer, others=found.others)
        if found.possible is not None:
            return await self.answer(
                session,
                turn,
                found.possible,
                "utter_possible_answer",
                outcome=Outcome.POSSIBLE,
                others=found.others,
            )
        await self.keep_unanswered(session, turn, found)
        if unhelped_in_a_row(turn.events):
            return await self.hand_over(
                session, turn, Reason.OUT_OF_SCOPE, "utter_handover_out_of_scope", found
            )
        return Reply().say("utter_no_answer")
