"""Announcing that goods come back, for money or for another size."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.audit.services import record
from crm.effects.services import effect_of, once
from crm.orders.locking import locked_order
from crm.orders.models import Order
from crm.orders.rules import return_until
from crm.products.models import Product, Variant
from crm.refunds.position import OrderPosition, Part, split, value_of
from crm.refunds.services import position_of, returns_of
from crm.returns.errors import ReturnRefused
from crm.returns.letters import send_instructions
from crm.returns.models import Postage, Return, ReturnKind, ReturnLine, ReturnReason, ReturnState
from crm.returns.rules import (
    Goods,
    exchange_refusal,
    postage_for,
    return_refusal,
    return_value,
    returnability,
)

# Also the key under which a turn's announcement happens once.
ACTION = "announce_return"
SIZE, COLOUR = "size", "colour"


@dataclass(frozen=True)
class Wish:
    """What the customer sends back and why; `size` is what an exchange is for."""

    parts: tuple[Part, ...]
    reason: ReturnReason
    opened: bool | None = None
    size: str | None = None


@dataclass(frozen=True)
class ReturnReceipt:
    """What the customer keeps of an announced return; `amount` in minor units of `currency`.

    `items` are name and pieces of each line; `goes_to` are label and amount of each payment that would be
    refunded, none for an exchange.
    """

    order_number: str
    reference: str
    kind: ReturnKind
    postage: Postage
    items: tuple[tuple[str, int], ...]
    amount: int
    currency: str
    goes_to: tuple[tuple[str, int], ...]
    size: str | None
    send_by: date | None


async def goods_of(session: AsyncSession, order: Order) -> dict[int, Goods]:
    """What the catalogue says about each line: may it come back, and in which sizes is it there."""
    bought = select(Variant.product_id).where(Variant.id.in_({line.variant_id for line in order.lines}))
    found = await session.scalars(select(Product).where(Product.id.in_(bought)))
    products = {variant.id: product for product in found for variant in product.variants}
    return {line.id: _goods(line.name, line.variant_id, products[line.variant_id]) for line in order.lines}


async def announce_return(
    session: AsyncSession, *, order: Order, wish: Wish, conversation_id: str, turn_id: str, now: datetime
) -> ReturnReceipt:
    """Record the return, write the audit entry, and mail the instructions to the address on the order.

    A second call of the same turn returns the first one's receipt and does nothing. Raises ReturnRefused,
    judged by the order as it is stored now, and ValueError where the turn has announced another order's.
    """

    async def perform() -> dict[str, Any]:
        current = await locked_order(session, order.id)
        position, goods = await position_of(session, current), await goods_of(session, current)
        refusal = return_refusal(
            position, goods, now, parts=wish.parts, reason=wish.reason, opened=wish.opened
        )
        if refusal is None and wish.size is not None:
            refusal = exchange_refusal(position, goods, wish.parts[0], wish.size)
        if refusal is not None:
            raise ReturnRefused(refusal)
        announced = _return(current, position, wish, now)
        announced.conversation_id, announced.turn_id = conversation_id, turn_id
        announced.reference = f"{current.number}-R{len(await returns_of(session, current.id)) + 1}"
        announced.wanted_variant_id = await _wanted_variant(session, current, wish)
        session.add(announced)
        await session.flush()
        await _write_down(session, announced, current.number, now)
        receipt = _receipt(current, position, announced, wish)
        await send_instructions(session, current, announced, receipt.goes_to, wish.size, now)
        return {**asdict(receipt), "send_by": receipt.send_by.isoformat() if receipt.send_by else None}

    receipt = _restored(await once(session, turn_id=turn_id, action=ACTION, perform=perform))
    if receipt.order_number != order.number:
        raise ValueError(f"turn {turn_id} has announced a return of another order")
    return receipt


async def announced_in(session: AsyncSession, turn_id: str) -> ReturnReceipt | None:
    """The receipt of the return that this turn has announced already."""
    stored = await effect_of(session, turn_id=turn_id, action=ACTION)
    return None if stored is None else _restored(stored)


def _restored(result: dict[str, Any]) -> ReturnReceipt:
    return ReturnReceipt(
        **{
            **result,
            "kind": ReturnKind(result["kind"]),
            "postage": Postage(result["postage"]),
            "items": tuple((name, pieces) for name, pieces in result["items"]),
            "goes_to": tuple((label, amount) for label, amount in result["goes_to"]),
            "send_by": date.fromisoformat(result["send_by"]) if result["send_by"] else None,
        }
    )


def _goods(name: str, variant_id: int, product: Product) -> Goods:
    own = next(variant for variant in product.variants if variant.id == variant_id)
    others = {option: value for option, value in own.options.items() if option != SIZE}
    sizes = {
        variant.options[SIZE]: variant.stock
        for variant in product.variants
        if SIZE in variant.options
        and {option: value for option, value in variant.options.items() if option != SIZE} == others
    }
    return Goods(
        returnability=returnability(name, product.category, own.options),
        size=own.options.get(SIZE),
        sizes=sizes,
        other_colours=frozenset(
            variant.options[COLOUR] for variant in product.variants if COLOUR in variant.options
        )
        - {own.options.get(COLOUR, "")},
    )


async def _wanted_variant(session: AsyncSession, order: Order, wish: Wish) -> int | None:
    """The variant of the wanted size; the rule has seen that it exists."""
    if wish.size is None:
        return None
    line = next(line for line in order.lines if line.id == wish.parts[0].line_id)
    own = await session.get_one(Variant, line.variant_id)
    siblings = await session.scalars(select(Variant).where(Variant.product_id == own.product_id))
    return next(each.id for each in siblings if each.options == {**own.options, SIZE: wish.size})


def _return(order: Order, position: OrderPosition, wish: Wish, now: datetime) -> Return:
    exchange = wish.size is not None
    return Return(
        order_id=order.id,
        kind=ReturnKind.EXCHANGE if exchange else ReturnKind.REFUND,
        reason=wish.reason,
        state=ReturnState.ANNOUNCED,
        postage=postage_for(position),
        amount=value_of(position, wish.parts) if exchange else return_value(position, wish.parts, now),
        currency=order.currency,
        announced_at=now,
        lines=[
            ReturnLine(
                order_line_id=part.line_id,
                quantity=part.quantity,
                amount=position.line(part.line_id).worth(part.quantity),
            )
            for part in wish.parts
        ],
    )


def _receipt(order: Order, position: OrderPosition, announced: Return, wish: Wish) -> ReturnReceipt:
    exchange = announced.kind is ReturnKind.EXCHANGE
    return ReturnReceipt(
        order_number=order.number,
        reference=announced.reference,
        kind=announced.kind,
        postage=announced.postage,
        items=tuple((position.line(part.line_id).name, part.quantity) for part in wish.parts),
        amount=announced.amount,
        currency=announced.currency,
        goes_to=()
        if exchange
        else tuple((to.label, to.amount) for to in split(announced.amount, position.held)),
        size=wish.size,
        send_by=return_until(order),
    )


async def _write_down(session: AsyncSession, announced: Return, order_number: str, now: datetime) -> None:
    await record(
        session,
        actor="customer",
        action=ACTION,
        subject=f"order {order_number}",
        before={},
        after={
            "return": announced.reference,
            "kind": announced.kind.value,
            "state": announced.state.value,
            "amount": announced.amount,
            "lines": {str(line.order_line_id): line.quantity for line in announced.lines},
        },
        why=announced.reason.value,
        conversation_id=announced.conversation_id,
        turn_id=announced.turn_id,
        now=now,
    )
