"""Which sizes, colours and other versions a product comes in."""

from sqlalchemy.ext.asyncio import AsyncSession

from actions.products.answer import ProductAnswer, ProductQuestion
from actions.products.cards import options_in_words, product_card
from actions.reply import Reply
from actions.support_action import Found
from actions.turn import CustomerTurn


class ProductOptions(ProductAnswer):
    """All versions in a sentence; the card says which are in stock."""

    action_name = "action_product_options"
    intent = "product_options"

    async def about(
        self, session: AsyncSession, turn: CustomerTurn, found: Found, asked: ProductQuestion
    ) -> Reply:
        if len(asked.meant) > 1:
            return self.which_of(asked)
        (product,) = asked.meant
        options = options_in_words(turn, product)
        response = "utter_product_options" if options else "utter_product_one_version"
        card = product_card(turn, product)
        return Reply().say(response, attachment=card, product=product.name, options=options)
