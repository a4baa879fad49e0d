"""Products side by side: what is asked about each, or what each is."""

import re

from sqlalchemy.ext.asyncio import AsyncSession

from actions.products.answer import (
    ProductAnswer,
    ProductQuestion,
    choice,
    product_before,
    products_named,
)
from actions.products.cards import listed, price_of, product_card, products_card
from actions.products.details import facts_known
from actions.reply import Reply
from actions.support_action import Found
from actions.turn import CustomerTurn
from crm.products.finding import Sought, first_of_each_name, seek, variants_asked_for
from crm.products.models import Product

MOST = 4
_BETWEEN = re.compile(r"\b(?:and|or|vs|versus|than|with|to|over|against)\b|[,/]", re.I)


class CompareProducts(ProductAnswer):
    """Two to four products; with one only, what to compare it with is offered."""

    action_name = "action_compare_products"
    intent = "compare_products"

    def prefers_article(self, text: str) -> bool:
        return True

    async def about(
        self, session: AsyncSession, turn: CustomerTurn, found: Found, asked: ProductQuestion
    ) -> Reply:
        compared = _compared(turn, asked)
        if len(compared) > 1:
            return self._side_by_side(turn, asked, compared)
        (product,) = compared
        if len(variants_asked_for(asked.text, product)) > 1:
            return self._versions(turn, asked, product)
        if not products_named(turn, asked.catalogue):
            about = " ".join(facts_known(product, asked.rest)) or product.description
            card = product_card(turn, product)
            return Reply().say("utter_only_one_of_kind", attachment=card, product=product.name, about=about)
        others = [
            each
            for each in asked.catalogue
            if each.category == product.category and each.name != product.name
        ]
        return Reply().say(
            "utter_compare_with_which",
            choices=[choice(self.intent, product, other) for other in others[:MOST]],
            product=product.name,
        )

    def _side_by_side(self, turn: CustomerTurn, asked: ProductQuestion, compared: list[Product]) -> Reply:
        """What was asked about each; else names and prices, since the card has the rest."""
        facts = [" ".join(facts_known(product, asked.rest)[:1]) for product in compared]
        each = [
            turn.label(
                "utter_label_compared_by" if fact else "utter_label_compared",
                product=product.name,
                price=price_of(turn, product.variants),
                about=fact,
            )
            or product.name
            for product, fact in zip(compared, facts, strict=True)
        ]
        return Reply().say(
            "utter_products_compared_by" if any(facts) else "utter_products_compared",
            attachment=products_card(turn, compared),
            compared=" ".join(each) if any(facts) else listed(turn, each),
        )

    def _versions(self, turn: CustomerTurn, asked: ProductQuestion, product: Product) -> Reply:
        """Two versions of one product: gas or multi-fuel."""
        known = facts_known(product, asked.rest) or list(product.facts.values())[-1:]
        return Reply().say(
            "utter_product_facts",
            attachment=product_card(turn, product, variants_asked_for(asked.text, product)),
            product=product.name,
            facts=" ".join(known) or product.description,
        )


def _compared(turn: CustomerTurn, asked: ProductQuestion) -> list[Product]:
    """The products to compare: named ones, one for each part of the sentence, and the one talked about."""
    found = list(products_named(turn, asked.catalogue))
    if len(found) < 2 and not turn.tapped:
        parts = [seek(part, asked.catalogue) for part in _BETWEEN.split(asked.text)]
        found += [part.meant[0] for part in parts if _is_clear(part)] if len(parts) > 1 else []
    if len(first_of_each_name(found)) < 2:
        found += [product for product in (product_before(turn, asked.catalogue), *asked.meant) if product]
    return first_of_each_name(found)[:MOST]


def _is_clear(part: Sought) -> bool:
    return part.by_name or len(part.meant) == 1
