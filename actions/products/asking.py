"""Asking which product a question is about, and answering it then."""

from dataclasses import replace
from typing import ClassVar

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.form import Draft, Form
from actions.forms.questions import FreeText
from actions.products.answer import PRODUCT_NAME, QUESTION, QUESTION_INTENT, ProductAnswer
from actions.products.availability import ProductAvailability
from actions.products.compare import CompareProducts
from actions.products.details import ProductDetails
from actions.products.options import ProductOptions
from actions.products.price import ProductPrice
from actions.reply import Reply
from actions.support_action import Dependencies, Found, SupportAction
from actions.turn import CustomerTurn
from crm.products.words import content_words

# A bare name is taken for many things, but for none of them surely.
SURE = 0.7
ANSWERS: tuple[type[ProductAnswer], ...] = (
    ProductPrice,
    ProductAvailability,
    ProductOptions,
    CompareProducts,
    ProductDetails,
)


class ProductName(FreeText):
    """A name in whatever words; what is surely another wish, or names nothing, is not one."""

    def __init__(self) -> None:
        super().__init__(PRODUCT_NAME, most=200)

    def is_passed_over(self, turn: CustomerTurn) -> bool:
        if super().is_passed_over(turn):
            return True
        sure = float((turn.parse_data.get("intent") or {}).get("confidence") or 0) >= SURE
        return turn.entity("product") is None and (sure or not content_words(turn.text))


class ValidateProductForm(Form):
    """The name of a product, in whatever words."""

    action_name = "validate_product_form"
    own_intents = frozenset(answer.intent for answer in ANSWERS)
    questions = (ProductName(),)

    async def next_question(self, session: AsyncSession, draft: Draft) -> str | None:
        return None if draft.slots.get(PRODUCT_NAME) else PRODUCT_NAME


class AnswerAboutNamedProduct(SupportAction):
    """Answers the question that lacked its product, now that there is a name."""

    action_name = "action_answer_about_named_product"
    forgets: ClassVar[tuple[str, ...]] = (PRODUCT_NAME, QUESTION_INTENT, "form_problem")

    def __init__(self, dependencies: Dependencies) -> None:
        super().__init__(dependencies)
        self._answers = {answer.intent: answer(dependencies) for answer in ANSWERS}

    def look_up(self, turn: CustomerTurn) -> Found:
        return self._answer(turn).look_up(_whole_question(turn))

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        return await self._answer(turn).perform(session, _whole_question(turn), found)

    def _answer(self, turn: CustomerTurn) -> ProductAnswer:
        """The one that lacked its product."""
        return self._answers.get(str(turn.slots.get(QUESTION_INTENT))) or self._answers["product_details"]


def _whole_question(turn: CustomerTurn) -> CustomerTurn:
    """The name with the question after it: what the entity rules found in the name keeps its place."""
    return replace(turn, text=f"{turn.text} {turn.slots.get(QUESTION) or ''}".strip())
