"""Whether a product, or the size and colour asked for, can be bought now."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.products.answer import ProductAnswer, ProductQuestion
from actions.products.cards import listed, options_in_words, product_card, stock_words, variant_name
from actions.reply import Reply
from actions.support_action import Found
from actions.turn import CustomerTurn
from crm.products.finding import size_not_made, variants_asked_for
from crm.products.models import Product, Variant

NAMED_AT_MOST = 4
_COMES_BACK = re.compile(r"\b(?:back|again|re-?stock\w*|more|reserve|discontinued)\b", re.I)


class ProductAvailability(ProductAnswer):
    """Answers for what was asked: "yes, M is in stock", or what else there is."""

    action_name = "action_product_availability"
    intent = "product_availability"

    def prefers_article(self, text: str) -> bool:
        return bool(_COMES_BACK.search(text))

    async def about(
        self, session: AsyncSession, turn: CustomerTurn, found: Found, asked: ProductQuestion
    ) -> Reply:
        if len(asked.meant) > 1:
            return self.which_of(asked)
        (product,) = asked.meant
        wanted = variants_asked_for(asked.text, product)
        missing = None if wanted else size_not_made(asked.text, product)
        if missing is not None:
            return Reply().say(
                "utter_product_size_not_made",
                attachment=product_card(turn, product),
                product=product.name,
                size=missing,
                options=options_in_words(turn, product),
            )
        response, values = _stock_wording(turn, product, wanted)
        return Reply().say(
            response, attachment=product_card(turn, product, wanted), product=product.name, **values
        )


def _stock_wording(
    turn: CustomerTurn, product: Product, wanted: Sequence[Variant]
) -> tuple[str, dict[str, Any]]:
    """The response for what is there of what is wanted, with what it needs to know."""
    here = [variant for variant in wanted or product.variants if variant.stock > 0]
    gone = [variant for variant in wanted or product.variants if variant.stock <= 0]
    if not wanted:
        if not here:
            return "utter_product_sold_out", {}
        if not gone:
            whole = len(product.variants) == 1
            return ("utter_product_here" if whole else "utter_product_all_here"), {
                "stock": stock_words(turn, max(variant.stock for variant in here))
            }
        return "utter_product_partly_here", {"gone": _names(turn, gone)}
    if not here:
        others = [variant for variant in product.variants if variant.stock > 0]
        values = {"asked": _common(turn, wanted)}
        if not others:
            return "utter_product_asked_and_all_sold_out", values
        return "utter_product_asked_sold_out", {**values, "others": _names(turn, others)}
    if gone:
        return "utter_product_asked_partly_here", {
            "here": _names(turn, here),
            "gone": _names(turn, gone),
        }
    stock = stock_words(turn, max(variant.stock for variant in here))
    return "utter_product_asked_here", {"asked": _common(turn, wanted), "stock": stock}


def _names(turn: CustomerTurn, variants: Sequence[Variant]) -> str:
    """`Moss, M; Slate, L` at most; the card has all of them."""
    names = [variant_name(variant).replace(", ", " ") for variant in variants]
    if len(names) > NAMED_AT_MOST:
        more = turn.label("utter_label_more_options", count=len(names) - NAMED_AT_MOST + 1) or ""
        names = [*names[: NAMED_AT_MOST - 1], more]
    return listed(turn, names)


def _common(turn: CustomerTurn, variants: Sequence[Variant]) -> str:
    """What all of the variants share: asked for M of a jacket in two colours, it is `M`."""
    shared = dict(variants[0].options)
    for variant in variants[1:]:
        shared = {name: value for name, value in shared.items() if variant.options.get(name) == value}
    return " ".join(shared.values()) or _names(turn, variants)
