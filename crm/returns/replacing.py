"""What goes out for goods that came back in exchange: new lines of the same order."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.gift_cards.models import GiftCard
from crm.orders.account import raise_value
from crm.orders.models import Order, OrderLine
from crm.payments.models import CustomerPaymentMethod
from crm.products.models import Product, Variant
from crm.products.services import restock, take_from_stock
from crm.returns.exchange_rules import Swap, swap
from crm.returns.models import Return, ReturnLine


@dataclass(frozen=True)
class Replaced:
    """Names and pieces of what goes out, and of what was wanted and is refunded instead; ids of new lines."""

    posted: tuple[tuple[str, int], ...] = ()
    sold_out: tuple[tuple[str, int], ...] = ()
    lines: tuple[int, ...] = ()


async def replace_goods(session: AsyncSession, order: Order, sent: Return) -> Replaced:
    """Take what was wanted off the shelf and add it to the order at the price that was told."""
    wanted = [await _swap(session, order, line) for line in sent.lines if line.wanted_variant_id is not None]
    there = await _from_the_shelf(session, wanted)
    if there and not await _can_be_paid(session, sent, sum(each.difference for each in there)):
        await _back_to_the_shelf(session, there)
        there = []
    added = [_line(each) for each in there]
    order.lines += added
    for each in there:
        raise_value(order, each.cost)
    await session.flush()
    missing = [each for each in wanted if each not in there]
    return Replaced(
        posted=tuple((each.name, each.quantity) for each in there),
        sold_out=tuple((each.name, each.quantity) for each in missing),
        lines=tuple(line.id for line in added),
    )


async def _swap(session: AsyncSession, order: Order, line: ReturnLine) -> Swap:
    bought = next(each for each in order.lines if each.id == line.order_line_id)
    variant = await session.get_one(Variant, line.wanted_variant_id)
    product = await session.get_one(Product, variant.product_id)
    return swap(
        bought.id,
        line.quantity,
        worth=line.amount,
        unit_price=bought.unit_price,
        variant_id=variant.id,
        name=", ".join([product.name, *variant.options.values()]),
        price=line.wanted_price or 0,
    )


async def _from_the_shelf(session: AsyncSession, wanted: Sequence[Swap]) -> list[Swap]:
    """Those that are there, in the order of the return; by variant, since other orders take and put, too."""
    taken = {
        each.line_id
        for each in sorted(wanted, key=lambda each: each.variant_id)
        if await take_from_stock(session, each.variant_id, each.quantity)
    }
    return [each for each in wanted if each.line_id in taken]


async def _back_to_the_shelf(session: AsyncSession, taken: Sequence[Swap]) -> None:
    for each in sorted(taken, key=lambda each: each.variant_id):
        await restock(session, each.variant_id, each.quantity)


async def _can_be_paid(session: AsyncSession, sent: Return, due: int) -> bool:
    """Whether the method named for the difference still has it; its gift card stays locked."""
    if due <= 0:
        return True
    if sent.method_id is None:
        return False
    method = await session.get_one(CustomerPaymentMethod, sent.method_id)
    if method.gift_card_id is None:
        return method.removed_at is None
    balance = await session.scalar(
        select(GiftCard.balance).where(GiftCard.id == method.gift_card_id).with_for_update()
    )
    return (balance or 0) >= due


def _line(swapped: Swap) -> OrderLine:
    return OrderLine(
        variant_id=swapped.variant_id,
        name=swapped.name,
        quantity=swapped.quantity,
        unit_price=swapped.price,
        discount=swapped.discount,
        gone=0,
        credited=0,
        exchange_of_id=swapped.line_id,
    )
