"""What the rules for returns need to know: the goods of an order, and the customer's ways of paying."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.gift_cards.models import GiftCard
from crm.orders.models import Order, OrderLine
from crm.payments.methods import methods_of
from crm.products.models import Product, Variant
from crm.returns.goods import Choice, Goods, returnability
from crm.returns.purses import Purse


async def goods_of(session: AsyncSession, order: Order) -> dict[int, Goods]:
    """What the catalogue says about each line: may it come back, and which other variants are there."""
    bought = select(Variant.product_id).where(Variant.id.in_({line.variant_id for line in order.lines}))
    found = await session.scalars(
        select(Product).where(Product.id.in_(bought)).execution_options(populate_existing=True)
    )
    products = {variant.id: product for product in found for variant in product.variants}
    return {line.id: _goods(line, order.currency, products[line.variant_id]) for line in order.lines}


async def purses_of(session: AsyncSession, order: Order) -> list[Purse]:
    """The ways of paying of the order's customer that take its currency, oldest first."""
    methods = await methods_of(session, order.customer_id)
    cards = {
        card.id: card
        for card in await session.scalars(
            select(GiftCard)
            .where(GiftCard.id.in_({method.gift_card_id for method in methods if method.gift_card_id}))
            .execution_options(populate_existing=True)
        )
    }
    purses = []
    for method in methods:
        card = cards.get(method.gift_card_id) if method.gift_card_id else None
        if card is None or card.currency == order.currency:
            purses.append(Purse(method.id, method.label, card.balance if card else None))
    return purses


def _goods(line: OrderLine, currency: str, product: Product) -> Goods:
    choices = {variant.id: _choice(variant) for variant in product.variants if variant.currency == currency}
    own = choices.pop(line.variant_id, Choice(line.variant_id))
    return Goods(
        returnability=returnability(line.name, product.category, own.options),
        product=product.name,
        unit_price=line.unit_price,
        own=own,
        others=tuple(choices.values()),
    )


def _choice(variant: Variant) -> Choice:
    return Choice(variant.id, dict(variant.options), variant.price, variant.stock)
