"""Paying a pending order in another way: the new payment first, then the old ones go back."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm.audit.services import record
from crm.effects.services import once
from crm.operations.letters import send_payment_changed
from crm.operations.models import OperationKind
from crm.operations.services import CUSTOMER, operations_of, undo_time, write_operation
from crm.orders.account import value_of_order
from crm.orders.locking import locked_order
from crm.orders.models import Order
from crm.payments.errors import MethodChangeRefused
from crm.payments.method_rules import method_refusal
from crm.payments.methods import method_of
from crm.payments.models import CustomerPaymentMethod, Payment, PaymentStatus
from crm.payments.moving import charge, give_back, let_go
from crm.refunds.models import Refund
from crm.returns.reading import purses_of

ASKED = "the customer asked for it in the chat and confirmed"
ASKED_AT_DESK = "the customer asked a colleague for it"


@dataclass(frozen=True)
class MethodChange:
    """The receipt; amounts in minor units of `currency`.

    `amount` is taken from `method`, not before `taken_at`, and then what was `paid_before` goes back, label
    by label. A gift card pays at once.
    """

    order_number: str
    reference: str
    currency: str
    method: str
    amount: int
    paid_before: tuple[tuple[str, int], ...]
    changed_at: datetime
    taken_at: datetime
    undo_until: datetime | None = None


async def change_payment(
    session: AsyncSession,
    *,
    order: Order,
    method_id: int,
    conversation_id: str | None,
    turn_id: str,
    now: datetime,
    actor: str = CUSTOMER,
    override: str | None = None,
) -> MethodChange:
    """Let another of the customer's own ways of paying pay the whole order.

    What paid before goes back when the new payment was taken, never sooner: a refused card leaves the order
    paid as it was. A second call of the same turn returns the first one's receipt. Raises
    MethodChangeRefused, judged by the order as it is stored now, MethodUnknown, and ValueError where the turn
    has changed another order.
    """

    async def perform() -> dict[str, Any]:
        current = await locked_order(session, order.id)
        method = await method_of(session, current.customer_id, method_id)
        purses = await purses_of(session, current)
        purse = next((each for each in purses if each.method_id == method.id), None)
        worth = value_of_order(current)
        refusal = method_refusal(current, worth, purses, purse, overridden=bool(override))
        if refusal is not None:
            raise MethodChangeRefused(refusal)
        receipt = await _change(
            session, current, method, worth, conversation_id, turn_id, now, actor, override
        )
        return {
            **asdict(receipt),
            "changed_at": now.isoformat(),
            "taken_at": receipt.taken_at.isoformat(),
            "undo_until": receipt.undo_until.isoformat() if receipt.undo_until else None,
        }

    result = await once(session, turn_id=turn_id, action="change_payment", perform=perform)
    if result["order_number"] != order.number:
        raise ValueError(f"turn {turn_id} has changed another order")
    return MethodChange(
        **{
            **result,
            "paid_before": tuple((label, amount) for label, amount in result["paid_before"]),
            "changed_at": datetime.fromisoformat(result["changed_at"]),
            "taken_at": datetime.fromisoformat(result["taken_at"]),
            "undo_until": datetime.fromisoformat(result["undo_until"]) if result["undo_until"] else None,
        }
    )


async def give_back_the_former(
    session: AsyncSession, order: Order, payment: Payment, now: datetime, available_at: datetime | None = None
) -> list[Refund]:
    """Where a payment that was just taken leaves others over, give those back; called for each that is taken.

    It replaces them itself, or it pays a difference that the one which replaces them had covered already.
    """
    replacing = {
        operation.inverse["payment"]
        for operation in await operations_of(session, order)
        if operation.kind is OperationKind.CHANGE_PAYMENT and operation.undone_at is None
    }
    taken = [each for each in order.payments if each.id in replacing and each.captured]
    if not taken:
        return []
    newest = max(taken, key=lambda each: each.id)
    reason = f"order {order.number} is paid with {newest.label}"
    return await _give_back_all_but(session, order, [newest, payment], now, reason, available_at)


async def _change(
    session: AsyncSession,
    order: Order,
    method: CustomerPaymentMethod,
    worth: int,
    conversation_id: str | None,
    turn_id: str,
    now: datetime,
    actor: str,
    override: str | None,
) -> MethodChange:
    taken_at = undo_time(OperationKind.CHANGE_PAYMENT, now) or now
    status, former, before = order.status, list(order.payments), _as_audited(order)
    paid_before = _by_label(former)
    set_aside = [each for each in former if each.status is PaymentStatus.AUTHORISED]
    for each in set_aside:
        await let_go(session, each, now, available_at=taken_at)
    payment = await charge(session, order, method, worth, now, available_at=taken_at)
    refunds: list[Refund] = []
    if payment.captured:
        reason = f"order {order.number} is paid with {payment.label}"
        refunds = await _give_back_all_but(session, order, [payment], now, reason, taken_at)
    await record(
        session,
        actor=actor,
        action="change_payment",
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
        kind=OperationKind.CHANGE_PAYMENT,
        actor=actor,
        override=override,
        receipt={"method": method.label, "amount": worth, "currency": order.currency},
        inverse={
            "status": status.value,
            "payment": payment.id,
            "let_go": [each.id for each in set_aside],
            "refunds": [refund.id for refund in refunds],
        },
        turn_id=turn_id,
        conversation_id=conversation_id,
        now=now,
    )
    charged_at = now if payment.captured else taken_at
    paid = (method.label, worth)
    await send_payment_changed(session, order, operation, paid, charged_at, paid_before, now)
    return MethodChange(
        order_number=order.number,
        reference=operation.reference,
        currency=order.currency,
        method=method.label,
        amount=worth,
        paid_before=paid_before,
        changed_at=now,
        taken_at=charged_at,
        undo_until=operation.undo_until,
    )


async def _give_back_all_but(
    session: AsyncSession,
    order: Order,
    kept: Sequence[Payment],
    now: datetime,
    reason: str,
    available_at: datetime | None,
) -> list[Refund]:
    """What is owed to the customer now: from the other payments, and only what is over from those kept."""
    others = [each for each in order.payments if each not in kept]
    refunds: list[Refund] = []
    for payments in (others, [each for each in order.payments if each in kept]):
        held = sum(each.refundable for each in payments)
        amount = min(held, order.owed_to_customer)
        refunds += await give_back(
            session, order, amount, now, reason=reason, of=payments, available_at=available_at
        )
    return refunds


def _by_label(payments: Sequence[Payment]) -> tuple[tuple[str, int], ...]:
    """What each way of paying has given and still holds."""
    held: dict[str, int] = {}
    for payment in payments:
        if payment.refundable:
            held[payment.label] = held.get(payment.label, 0) + payment.refundable
    return tuple(held.items())


def _as_audited(order: Order) -> dict[str, Any]:
    return {
        "payments": [
            f"{each.label}, {each.amount}, {each.status.value}, refunded {each.refunded}"
            for each in order.payments
        ]
    }
