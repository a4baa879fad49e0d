"""What to do about a message the bot did not understand, or that is not about the shop."""

from sqlalchemy.ext.asyncio import AsyncSession

from actions.reply import Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn, unhelped_in_a_row
from crm.escalations.models import Reason

LIKELY = 0.2
MOST_GUESSES = 2


class Unsure(SupportAction):
    """Tries the articles, then asks what was meant; the second time in a row a person takes over.

    Who wanted something done instead of something explained finds the likely wishes below the article.
    """

    action_name = "action_unsure"

    def look_up(self, turn: CustomerTurn) -> Found:
        nearest = self.nearest(turn)
        if nearest and nearest.score >= self.index.threshold:
            return Found(nearest)
        return Found(suggestions=self.suggestions(turn), nearest=nearest)

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        if found.answer is not None:
            return await self.answer(session, turn, found.answer, choices=likely_meanings(turn))
        await self.keep_unanswered(session, turn, found)
        if unhelped_in_a_row(turn.events):
            return await self.hand_over(session, turn, Reason.UNSURE_TWICE, "utter_handover_unsure", found)
        guesses = likely_meanings(turn)
        if not guesses:
            return Reply().say("utter_unsure_entirely")
        person = {"title": turn.label("utter_label_talk_to_person") or "", "payload": "/talk_to_person"}
        return Reply().say("utter_unsure", choices=[*guesses, person])


class OutOfScope(SupportAction):
    """Says what it can do instead; the second time in a row a person takes over."""

    action_name = "action_out_of_scope"

    def look_up(self, turn: CustomerTurn) -> Found:
        stuck = unhelped_in_a_row(turn.events) > 0
        return Found(suggestions=self.suggestions(turn) if stuck else (), nearest=self.nearest(turn))

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        await self.keep_unanswered(session, turn, found)
        if unhelped_in_a_row(turn.events):
            return await self.hand_over(
                session, turn, Reason.OUT_OF_SCOPE, "utter_handover_out_of_scope", found
            )
        return Reply().say("utter_out_of_scope")


def likely_meanings(turn: CustomerTurn) -> list[dict[str, str]]:
    """Choices for the likeliest intents that have a title to offer; smalltalk has none."""
    choices = []
    for intent in turn.parse_data.get("intent_ranking") or []:
        title = turn.label(f"utter_label_intent_{intent['name']}")
        if title and float(intent.get("confidence") or 0) >= LIKELY:
            choices.append({"title": title, "payload": f"/{intent['name']}"})
    return choices[:MOST_GUESSES]
