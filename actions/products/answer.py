"""What all answers about products share: which one is meant, and what to say where that is not clear."""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from rasa_sdk.events import FollowupAction
from sqlalchemy.ext.asyncio import AsyncSession

from actions.reply import Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn, unhelped_in_a_row
from crm.escalations.models import Reason
from crm.products.finding import Sought, first_of_each_name, names_something, product_named, seek
from crm.products.models import Product
from crm.products.services import all_products

QUESTION, QUESTION_INTENT = "product_question_text", "product_question_intent"
PRODUCT_NAME = "product_name_text"
MOST_CHOICES = 4
# Words that point back at what was talked about.
_POINTS_BACK = re.compile(r"\b(?:it|its|it's|they|them|their|this|that|these|those|one|same)\b", re.I)
# Words that ask what the shop has at all.
_ASKS_FOR = re.compile(r"\b(?:sell|stock|carry|any)\b|\b(?:do|have) you (?:have|do|got|make)\b", re.I)


@dataclass(frozen=True)
class ProductQuestion:
    """A question about products: its words, the whole catalogue, and which of it is meant.

    The words of a tapped choice are those of the question that offered it.
    """

    text: str
    # The text without the names that the entity rules found: what is asked about the product.
    rest: str
    catalogue: Sequence[Product]
    meant: tuple[Product, ...]
    nearest: tuple[Product, ...] = ()


class ProductAnswer(SupportAction, ABC):
    """Finds the product, says what the topic says about it, and remembers it for the next question."""

    intent: ClassVar[str]

    @abstractmethod
    async def about(
        self, session: AsyncSession, turn: CustomerTurn, found: Found, asked: ProductQuestion
    ) -> Reply:
        """What to say where at least one product is meant."""

    def prefers_article(self, text: str) -> bool:
        """Whether an article helps more where no product is found than saying so, or asking which."""
        return False

    def look_up(self, turn: CustomerTurn) -> Found:
        stuck = unhelped_in_a_row(turn.events) > 0
        return Found(self.index.best_answer(question_text(turn)), self.suggestions(turn) if stuck else ())

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        catalogue = first_of_each_name(await all_products(session))
        asked = question_about(turn, question_text(turn), catalogue)
        if asked.meant:
            reply = await self.about(session, turn, found, asked)
        else:
            reply = await self.not_found(session, turn, found, asked)
        if len(asked.meant) == 1:
            reply.remember(product=asked.meant[0].name)
        if turn.slots.get(QUESTION) is not None and not _sets(reply, QUESTION):
            reply.remember(**{QUESTION: None})
        return reply

    def which_of(self, asked: ProductQuestion) -> Reply:
        """Offer what could be meant, and keep the question for the tap."""
        choices = [choice(self.intent, product) for product in asked.meant[:MOST_CHOICES]]
        return (
            Reply().say("utter_which_of_these_products", choices=choices).remember(**{QUESTION: asked.text})
        )

    async def not_found(
        self, session: AsyncSession, turn: CustomerTurn, found: Found, asked: ProductQuestion
    ) -> Reply:
        """An article, or what comes near, or that the shop does not have it."""
        if found.answer is not None and self.prefers_article(asked.text):
            return await self.answer(session, turn, found.answer)
        if not names_something(asked.text, asked.catalogue):
            return self._ask_which(turn, asked)
        if unhelped_in_a_row(turn.events):
            return await self.hand_over(
                session, turn, Reason.OUT_OF_SCOPE, "utter_handover_out_of_scope", found
            )
        choices = [choice(self.intent, product) for product in asked.nearest]
        response = "utter_product_not_found_but" if choices else "utter_product_not_found"
        reply = Reply().say(response, choices=choices)
        return reply.remember(**{QUESTION: asked.text}) if choices else reply

    def _ask_which(self, turn: CustomerTurn, asked: ProductQuestion) -> Reply:
        """Begin the form that asks for the product, unless it has asked already or another form is asking."""
        if turn.form is not None or turn.slots.get(PRODUCT_NAME):
            return Reply().say("utter_which_product")
        reply = Reply().remember(**{QUESTION: asked.text, QUESTION_INTENT: self.intent})
        reply.events.append(FollowupAction("product_form"))
        return reply


def question_text(turn: CustomerTurn) -> str:
    """The customer's words; for the tap on a product those of the question that offered it."""
    if not turn.tapped:
        return turn.text
    offered_by = turn.slots.get(QUESTION) if turn.entity("product") else None
    return str(offered_by or turn.label(f"utter_label_intent_{turn.intent}") or "")


def question_about(turn: CustomerTurn, text: str, catalogue: Sequence[Product]) -> ProductQuestion:
    """Which products a message means: named ones, ones its words fit, or the one talked about before."""
    rest = _without_names(turn, text)
    named = products_named(turn, catalogue)
    if named:
        return ProductQuestion(text, rest, catalogue, named)
    before = product_before(turn, catalogue)
    sought = Sought() if turn.tapped else seek(text, catalogue)
    if before is not None and _is_about_the_last(text, sought, catalogue):
        return ProductQuestion(text, rest, catalogue, (before,))
    return ProductQuestion(text, rest, catalogue, sought.meant, sought.nearest)


def _is_about_the_last(text: str, sought: Sought, catalogue: Sequence[Product]) -> bool:
    """Whether the product talked about is meant; "do you sell umbrellas" is about no jacket."""
    if sought.by_name:
        return False
    if _POINTS_BACK.search(text):
        return True
    unknown = not sought.meant and not sought.nearest and names_something(text, catalogue)
    return len(sought.meant) != 1 and not (unknown and _ASKS_FOR.search(text))


def _without_names(turn: CustomerTurn, text: str) -> str:
    if turn.tapped:
        return text
    for entity in reversed(turn.parse_data.get("entities") or []):
        if entity.get("entity") == "product" and "start" in entity:
            text = f"{text[: entity['start']]} {text[entity['end'] :]}"
    return text


def products_named(turn: CustomerTurn, catalogue: Sequence[Product]) -> tuple[Product, ...]:
    """The catalogue's products that the entity rules found in the message, each once, in its order."""
    names = [
        str(entity.get("value"))
        for entity in turn.parse_data.get("entities") or []
        if entity.get("entity") == "product"
    ]
    found = [product for name in names if (product := product_named(name, catalogue)) is not None]
    return tuple(first_of_each_name(found))


def product_before(turn: CustomerTurn, catalogue: Sequence[Product]) -> Product | None:
    """The product of the conversation so far; Rasa keeps a list where a message named several."""
    slot: Any = turn.slots.get("product")
    names = slot if isinstance(slot, list) else [slot]
    return product_named(str(names[-1]), catalogue) if names and names[-1] else None


def choice(intent: str, *products: Product) -> dict[str, str]:
    """A choice that asks the same of these products."""
    names: Any = products[0].name if len(products) == 1 else [product.name for product in products]
    return {
        "title": products[-1].name,
        "payload": f"/{intent}{json.dumps({'product': names}, ensure_ascii=False)}",
    }


def _sets(reply: Reply, slot: str) -> bool:
    return any(event.get("event") == "slot" and event.get("name") == slot for event in reply.events)
