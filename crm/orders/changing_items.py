"""Changing items of a pending order, whole lines or some pieces, for other variants of the same products."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm.audit.services import record
from crm.effects.services import once
from crm.operations.letters import send_items_changed
from crm.operations.models import OperationKind
from crm.operations.services import CUSTOMER, operations_of, undo_time, write_operation
from crm.orders.account import lower_value, raise_value, value_of_order
from crm.orders.change_rules import (
    POLICY_RULES,
    WHOLE_LINES,
    ChangeRefusal,
    ChangeRule,
    Circumstances,
    NewVariant,
    change_refusal,
    difference_of,
    matter_refusal,
    new_variants,
    settling_refusal,
)
from crm.orders.errors import ChangeRefused
from crm.orders.locking import locked_order
from crm.orders.models import Order
from crm.orders.splitting import as_they_are, become
from crm.payments.holding import release
from crm.payments.methods import method_of
from crm.payments.moving import charge, give_back, set_aside_less
from crm.products.services import move_stock
from crm.refunds.models import WAITING_REQUESTS
from crm.refunds.services import labelled, requests_of
from crm.returns.reading import goods_of, purses_of

ASKED = "the customer asked for it in the chat and confirmed"
ASKED_AT_DESK = "the customer asked a colleague for it"


@dataclass(frozen=True)
class ChangedItem:
    """So many pieces of `before`, of `bought` in all, that became `after`, at `price` minor units each."""

    before: str
    after: str
    quantity: int
    price: int
    bought: int


@dataclass(frozen=True)
class ItemsChange:
    """The receipt; amounts in minor units of `currency`.

    `difference` is what it costs more, negative where it costs less. `charged` and `refunded` say where that
    comes from and goes to; neither holds what was only not taken.
    """

    order_number: str
    reference: str
    currency: str
    items: tuple[ChangedItem, ...]
    difference: int
    total: int
    charged: tuple[tuple[str, int], ...]
    refunded: tuple[tuple[str, int], ...]
    changed_at: datetime
    undo_until: datetime | None = None


async def circumstances_of(session: AsyncSession, order: Order) -> Circumstances:
    """How often the order's items were changed and stayed so, and whether money was asked back."""
    done = await operations_of(session, order)
    changes = [each for each in done if each.kind is OperationKind.CHANGE_ITEMS and each.undone_at is None]
    waiting = [each for each in await requests_of(session, order.id) if each.state in WAITING_REQUESTS]
    return Circumstances(changes=len(changes), money_asked_for=bool(waiting))


async def change_items(
    session: AsyncSession,
    *,
    order: Order,
    wanted: Mapping[int, int],
    method_id: int | None,
    conversation_id: str | None,
    turn_id: str,
    now: datetime,
    pieces: Mapping[int, int] = WHOLE_LINES,
    actor: str = CUSTOMER,
    override: str | None = None,
) -> ItemsChange:
    """Let lines, by their ids, become variants, by theirs, and move the difference in price.

    Where `pieces` names a line, only so many of it do, as a line of their own.
    `method_id` is the way of paying that pays a difference, or the gift card that gets one; None gives money
    back to where it came from. A second call of the same turn returns the first one's receipt.
    Raises ChangeRefused, judged by the order as it is stored now, MethodUnknown, and ValueError where the
    turn has changed another order.
    """

    async def perform() -> dict[str, Any]:
        current = await locked_order(session, order.id)
        changes = await _judged(session, current, wanted, pieces, method_id, overridden=bool(override))
        receipt = await _change(
            session, current, changes, method_id, conversation_id, turn_id, now, actor, override
        )
        return {
            **asdict(receipt),
            "changed_at": now.isoformat(),
            "undo_until": receipt.undo_until.isoformat() if receipt.undo_until else None,
        }

    result = await once(session, turn_id=turn_id, action="change_items", perform=perform)
    if result["order_number"] != order.number:
        raise ValueError(f"turn {turn_id} has changed another order")
    return ItemsChange(
        **{
            **result,
            "items": tuple(ChangedItem(**item) for item in result["items"]),
            "charged": tuple((label, amount) for label, amount in result["charged"]),
            "refunded": tuple((label, amount) for label, amount in result["refunded"]),
            "changed_at": datetime.fromisoformat(result["changed_at"]),
            "undo_until": datetime.fromisoformat(result["undo_until"]) if result["undo_until"] else None,
        }
    )


async def _judged(
    session: AsyncSession,
    order: Order,
    wanted: Mapping[int, int],
    pieces: Mapping[int, int],
    method_id: int | None,
    *,
    overridden: bool,
) -> tuple[NewVariant, ...]:
    """What the lines become. Raises ChangeRefused where a rule stands against it."""
    goods = await goods_of(session, order)
    purses = await purses_of(session, order)
    if not wanted or not set(pieces) <= set(wanted) <= set(goods):
        raise ValueError("a change of items names lines of the order")
    refusal = change_refusal(order, goods, wanted, await circumstances_of(session, order), pieces)
    if refusal is not None and overridden and refusal.rule in POLICY_RULES:
        refusal = matter_refusal(order, goods, wanted, pieces)
    if refusal is not None:
        raise ChangeRefused(refusal)
    changes = new_variants(order, goods, wanted, pieces)
    purse = None
    if method_id is not None:
        method = await method_of(session, order.customer_id, method_id)
        purse = next((each for each in purses if each.method_id == method.id), None)
    refusal = settling_refusal(order, difference_of(changes), purse, purses)
    if refusal is not None:
        raise ChangeRefused(refusal)
    return changes


async def _change(
    session: AsyncSession,
    order: Order,
    changes: Sequence[NewVariant],
    method_id: int | None,
    conversation_id: str | None,
    turn_id: str,
    now: datetime,
    actor: str,
    override: str | None,
) -> ItemsChange:
    lines = {line.id: line for line in order.lines}
    stock: Counter[int] = Counter()
    for change in changes:
        stock[change.variant_id] -= change.quantity
        stock[lines[change.line_id].variant_id] += change.quantity
    inverse: dict[str, Any] = {
        "lines": as_they_are(lines[change.line_id] for change in changes),
        "discount": order.discount,
        "stock": [[variant_id, moved] for variant_id, moved in stock.items()],
    }
    items = tuple(
        ChangedItem(line.name, each.name, each.quantity, each.price, line.quantity)
        for each in changes
        for line in [lines[each.line_id]]
    )
    if not await move_stock(session, stock):
        # Somebody else bought the last ones since they were looked at.
        values = {"order_number": order.number, "item": items[0].before, "wanted": items[0].after}
        raise ChangeRefused(ChangeRefusal(ChangeRule.VARIANT_SOLD_OUT, values))
    before, worth = _as_audited(order), value_of_order(order)
    added = [line for change in changes if (line := become(order, lines[change.line_id], change))]
    await session.flush()
    inverse["added"] = [line.id for line in added]
    order.items_changed_at = now
    difference = value_of_order(order) - worth
    leaves_at = undo_time(OperationKind.CHANGE_ITEMS, now) or now
    charged, refunded, moved = await _settle(
        session, order, difference, method_id, now, leaves_at, f"items of order {order.number} changed"
    )
    inverse |= moved
    await record(
        session,
        actor=actor,
        action="change_items",
        subject=f"order {order.number}",
        before=before,
        after=_as_audited(order),
        why=override or (ASKED if actor == CUSTOMER else ASKED_AT_DESK),
        conversation_id=conversation_id,
        turn_id=turn_id,
        now=now,
    )
    operation = await write_operation(
        session,
        subject=order,
        kind=OperationKind.CHANGE_ITEMS,
        actor=actor,
        override=override,
        receipt={
            "items": [[item.before, item.after] for item in items],
            "difference": difference,
            "currency": order.currency,
        },
        inverse=inverse,
        turn_id=turn_id,
        conversation_id=conversation_id,
        now=now,
    )
    told = [(item.before, item.after, item.quantity, item.bought) for item in items]
    await send_items_changed(session, order, operation, told, charged, refunded, now)
    return ItemsChange(
        order_number=order.number,
        reference=operation.reference,
        currency=order.currency,
        items=items,
        difference=difference,
        total=order.total,
        charged=charged,
        refunded=refunded,
        changed_at=now,
        undo_until=operation.undo_until,
    )


async def _settle(
    session: AsyncSession,
    order: Order,
    difference: int,
    method_id: int | None,
    now: datetime,
    leaves_at: datetime,
    reason: str,
) -> tuple[tuple[tuple[str, int], ...], tuple[tuple[str, int], ...], dict[str, Any]]:
    """Take or give the difference; what was charged, what goes back, and what undoing needs of it."""
    moved: dict[str, Any] = {"charged": None, "refunds": [], "set_aside_less": []}
    method = None if method_id is None else await method_of(session, order.customer_id, method_id)
    owed_by, owed_to = order.owed_by_customer, order.owed_to_customer
    if difference >= 0:
        raise_value(order, difference)
        due = order.owed_by_customer - owed_by
        if not due or method is None:
            return (), (), moved
        payment = await charge(session, order, method, due, now, available_at=leaves_at)
        moved["charged"] = payment.id
        return ((method.label, due),), (), moved
    lower_value(order, -difference)
    release(order)
    moved["set_aside_less"] = set_aside_less(order, owed_by - order.owed_by_customer)
    held = sum(payment.refundable for payment in order.payments)
    back = min(held, order.owed_to_customer - owed_to)
    refunds = await give_back(session, order, back, now, reason=reason, to=method, available_at=leaves_at)
    moved["refunds"] = [refund.id for refund in refunds]
    return (), tuple(await labelled(session, order, refunds)), moved


def _as_audited(order: Order) -> dict[str, Any]:
    return {"items": [f"{line.quantity} x {line.name}" for line in order.lines], "total": order.total}
