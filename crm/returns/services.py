"""Announcing that goods come back, for money or for other variants of the same products."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm.audit.services import record
from crm.effects.services import effect_of, once
from crm.operations.models import OperationKind
from crm.operations.services import CUSTOMER, write_operation
from crm.orders.locking import locked_order
from crm.orders.models import Order
from crm.orders.rules import return_until
from crm.payments.errors import MethodUnknown
from crm.refunds.position import OrderPosition, Part, split, value_of
from crm.refunds.services import position_of, returns_of
from crm.returns.carrier import ask_for_label, label_of
from crm.returns.errors import ReturnRefused
from crm.returns.exchange_rules import Swap, exchange_refusal, swaps_of
from crm.returns.goods import Goods
from crm.returns.letters import send_instructions
from crm.returns.models import Postage, Return, ReturnKind, ReturnLine, ReturnReason, ReturnState
from crm.returns.purses import Purse, purse_refusal, takers
from crm.returns.reading import goods_of, purses_of
from crm.returns.receipts import ReturnReceipt
from crm.returns.rules import ReturnRefusal, postage_for, return_refusal, return_value

# Also the key under which a turn's announcement happens once.
ACTION = "announce_return"


@dataclass(frozen=True)
class Wish:
    """What the customer sends back and why.

    `wanted` are the variants it is exchanged for, one for each part, none where money is wanted. `method_id`
    is the way of paying that gets the money or pays the difference; without one, money goes back to the
    payments it came from.
    """

    parts: tuple[Part, ...]
    reason: ReturnReason
    opened: bool | None = None
    wanted: tuple[int, ...] = ()
    method_id: int | None = None

    @property
    def wanted_by_line(self) -> dict[int, int]:
        """Raises ValueError where there is not one variant for each part."""
        return {part.line_id: wanted for part, wanted in zip(self.parts, self.wanted, strict=True)}


@dataclass(frozen=True)
class Terms:
    """What an announcement comes to: what is exchanged, what is due, and who pays it or gets it."""

    swaps: tuple[Swap, ...]
    amount: int
    purse: Purse | None

    @property
    def difference(self) -> int:
        """What the exchange costs more, negative where it costs less; 0 for a return."""
        return sum(swap.difference for swap in self.swaps)

    @property
    def due(self) -> int:
        """To be paid by the customer, negative where it goes to them."""
        return self.difference if self.swaps else -self.amount


async def announce_return(
    session: AsyncSession,
    *,
    order: Order,
    wish: Wish,
    conversation_id: str | None,
    turn_id: str,
    now: datetime,
    actor: str = CUSTOMER,
    override: str | None = None,
) -> ReturnReceipt:
    """Record the return, ask the carrier for its label, and mail the instructions to the customer.

    A second call of the same turn returns the first one's receipt and does nothing. Raises ReturnRefused,
    judged by the order as it is stored now, MethodUnknown, and ValueError where the turn has announced
    another order's. With `override`, an agent's reason, the policy does not count.
    """

    async def perform() -> dict[str, Any]:
        current = await locked_order(session, order.id)
        position, goods = await position_of(session, current), await goods_of(session, current)
        overridden = override is not None
        _refuse(refusal_of(position, goods, wish, now, overridden=overridden))
        purses = await purses_of(session, current)
        terms = terms_of(position, goods, wish, purses, now)
        _refuse(purse_refusal(position, terms.purse, terms.due, purses, overridden=overridden))
        announced = _return(current, position, wish, terms, now)
        announced.conversation_id, announced.turn_id = conversation_id or "", turn_id
        announced.reference = f"{current.number}-R{len(await returns_of(session, current.id)) + 1}"
        session.add(announced)
        await session.flush()
        receipt = _receipt(current, position, announced, terms)
        await ask_for_label(session, announced, now)
        await _write_down(session, announced, current, receipt, actor, override, now)
        await send_instructions(session, current, receipt, now)
        return receipt.stored()

    receipt = ReturnReceipt.restored(await once(session, turn_id=turn_id, action=ACTION, perform=perform))
    if receipt.order_number != order.number:
        raise ValueError(f"turn {turn_id} has announced a return of another order")
    return receipt


async def announced_in(session: AsyncSession, turn_id: str) -> ReturnReceipt | None:
    """The receipt of the return that this turn has announced already."""
    stored = await effect_of(session, turn_id=turn_id, action=ACTION)
    return None if stored is None else ReturnReceipt.restored(stored)


def refusal_of(
    position: OrderPosition, goods: dict[int, Goods], wish: Wish, now: datetime, *, overridden: bool = False
) -> ReturnRefusal | None:
    """Which rule forbids the wish, money apart."""
    refusal = return_refusal(
        position,
        goods,
        now,
        parts=wish.parts,
        reason=wish.reason,
        opened=wish.opened,
        overridden=overridden,
    )
    if refusal is not None or not wish.wanted:
        return refusal
    return exchange_refusal(position, goods, wish.parts, wish.wanted_by_line, overridden=overridden)


def terms_of(
    position: OrderPosition, goods: dict[int, Goods], wish: Wish, purses: list[Purse], now: datetime
) -> Terms:
    """What the wish comes to. Raises MethodUnknown where the customer has no such way of paying."""
    purse = next((purse for purse in purses if purse.method_id == wish.method_id), None)
    if wish.method_id is not None and purse is None:
        raise MethodUnknown
    if wish.wanted:
        swaps = swaps_of(position, goods, wish.parts, wish.wanted_by_line)
        return Terms(swaps, value_of(position, wish.parts), purse)
    return Terms((), return_value(position, wish.parts, now), purse)


def goes_to(position: OrderPosition, terms: Terms) -> tuple[tuple[str, int], ...]:
    """Label and amount of everything that gets money back; none where nothing goes back."""
    amount = max(0, -terms.due)
    if terms.purse is not None and terms.purse in takers([terms.purse]) and amount:
        return ((terms.purse.label, amount),)
    return tuple((to.label, to.amount) for to in split(amount, position.held))


def _refuse(refusal: ReturnRefusal | None) -> None:
    if refusal is not None:
        raise ReturnRefused(refusal)


def _return(order: Order, position: OrderPosition, wish: Wish, terms: Terms, now: datetime) -> Return:
    swaps = {swap.line_id: swap for swap in terms.swaps}
    return Return(
        order_id=order.id,
        kind=ReturnKind.EXCHANGE if swaps else ReturnKind.REFUND,
        reason=wish.reason,
        state=ReturnState.ANNOUNCED,
        postage=postage_for(position),
        amount=terms.amount,
        difference=terms.difference,
        currency=order.currency,
        method_id=terms.purse.method_id if terms.purse else None,
        announced_at=now,
        lines=[
            ReturnLine(
                order_line_id=part.line_id,
                quantity=part.quantity,
                amount=position.line(part.line_id).worth(part.quantity),
                wanted_variant_id=swaps[part.line_id].variant_id if swaps else None,
                wanted_price=swaps[part.line_id].price if swaps else None,
            )
            for part in wish.parts
        ],
    )


def _receipt(order: Order, position: OrderPosition, announced: Return, terms: Terms) -> ReturnReceipt:
    return ReturnReceipt(
        order_number=order.number,
        reference=announced.reference,
        kind=announced.kind,
        postage=announced.postage,
        items=tuple((position.line(line.order_line_id).name, line.quantity) for line in announced.lines),
        wanted=tuple((swap.name, swap.quantity) for swap in terms.swaps),
        amount=announced.amount,
        difference=announced.difference,
        currency=order.currency,
        goes_to=goes_to(position, terms),
        pays=terms.purse.label if terms.purse and terms.due > 0 else None,
        send_by=return_until(order),
        label=label_of(announced) if announced.postage is Postage.FREE_LABEL else None,
    )


async def _write_down(
    session: AsyncSession,
    announced: Return,
    order: Order,
    receipt: ReturnReceipt,
    actor: str,
    override: str | None,
    now: datetime,
) -> None:
    exchange = announced.kind is ReturnKind.EXCHANGE
    await write_operation(
        session,
        subject=order,
        kind=OperationKind.EXCHANGE if exchange else OperationKind.RETURN,
        actor=actor,
        receipt=receipt.stored(),
        inverse={"return": announced.reference},
        turn_id=announced.turn_id,
        conversation_id=announced.conversation_id or None,
        now=now,
        override=override,
    )
    await record(
        session,
        actor=actor,
        action=ACTION,
        subject=f"order {order.number}",
        before={},
        after={
            "return": announced.reference,
            "kind": announced.kind.value,
            "state": announced.state.value,
            "amount": announced.amount,
            "difference": announced.difference,
            "lines": {str(line.order_line_id): line.quantity for line in announced.lines},
        },
        why=override or announced.reason.value,
        conversation_id=announced.conversation_id or None,
        turn_id=announced.turn_id,
        now=now,
    )
