"""What a product is like: from the catalogue's facts, else from the articles."""

from sqlalchemy.ext.asyncio import AsyncSession

from actions.products.answer import ProductAnswer, ProductQuestion
from actions.products.cards import product_card
from actions.reply import Reply
from actions.support_action import Found
from actions.turn import CustomerTurn
from crm.products.facts import facts_asked
from crm.products.models import Product

MOST_FACTS = 2


class ProductDetails(ProductAnswer):
    """The facts asked for; the article where the catalogue does not know; the description where nothing
    special was asked.
    """

    action_name = "action_product_details"
    intent = "product_details"

    def prefers_article(self, text: str) -> bool:
        return True

    async def about(
        self, session: AsyncSession, turn: CustomerTurn, found: Found, asked: ProductQuestion
    ) -> Reply:
        if len(asked.meant) > 1:
            if found.answer is not None:
                return await self.answer(session, turn, found.answer)
            return self.which_of(asked)
        (product,) = asked.meant
        wanted, known = facts_asked(asked.rest), facts_known(product, asked.rest)
        if wanted and not known and found.answer is not None:
            return await self.answer(session, turn, found.answer)
        response = "utter_product_about" if not wanted else "utter_product_fact_unknown"
        return Reply().say(
            "utter_product_facts" if known else response,
            attachment=product_card(turn, product),
            product=product.name,
            facts=" ".join(known[:MOST_FACTS]),
            summary=product.description,
        )


def facts_known(product: Product, text: str) -> list[str]:
    """The sentences that answer the message, in the order in which it asks."""
    return [product.facts[fact] for fact in facts_asked(text) if fact in product.facts]
