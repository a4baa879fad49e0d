"""What products cost."""

import re

from sqlalchemy.ext.asyncio import AsyncSession

from actions.products.answer import MOST_CHOICES, ProductAnswer, ProductQuestion
from actions.products.cards import listed, price_of, product_card, products_card
from actions.reply import Reply
from actions.support_action import Found
from actions.turn import CustomerTurn
from crm.products.finding import variants_asked_for

_REDUCED = re.compile(r"\b(?:sale|reduc\w*|discount\w*|offers?|cheaper|off|still|go(?:ne)? up)\b", re.I)


class ProductPrice(ProductAnswer):
    """The price of today; a size or colour that was named has its own."""

    action_name = "action_product_price"
    intent = "product_price"

    async def about(
        self, session: AsyncSession, turn: CustomerTurn, found: Found, asked: ProductQuestion
    ) -> Reply:
        if len(asked.meant) > 1:
            return self._several(turn, asked)
        (product,) = asked.meant
        variants = variants_asked_for(asked.text, product)
        response = "utter_product_price_today" if _REDUCED.search(asked.text) else "utter_product_price"
        return Reply().say(
            response,
            attachment=product_card(turn, product, variants),
            product=product.name,
            price=price_of(turn, variants or product.variants),
        )

    def _several(self, turn: CustomerTurn, asked: ProductQuestion) -> Reply:
        shown = asked.meant[:MOST_CHOICES]
        prices = [
            turn.label(
                "utter_label_product_and_price", product=product.name, price=price_of(turn, product.variants)
            )
            or product.name
            for product in shown
        ]
        return Reply().say(
            "utter_product_prices", attachment=products_card(turn, shown), prices=listed(turn, prices)
        )
