"""What happened to an order or a customer, gathered from everything that keeps a record of it; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crm.audit.models import AuditEntry
from crm.money import format_money
from crm.operations.models import Operation
from crm.orders.models import Order
from crm.payments.models import Payment, PaymentStatus
from crm.refunds.models import RefundStatus

AGENT = "agent "


@dataclass(frozen=True)
class Event:
    """One thing that happened; the desk's page has the words for each `kind`.

    `who` is "customer", a colleague's name, or None where nobody did it; `details` are what the words need.
    """

    at: datetime
    kind: str
    who: str | None = None
    details: dict[str, Any] = field(default_factory=dict)


def timeline(
    order: Order, operations: Sequence[Operation], audited: Sequence[AuditEntry], names: Mapping[str, str]
) -> list[Event]:
    """Everything known about the order; `names` are agents' names by id."""
    events = [Event(order.placed_at, "placed", "customer")]
    events += [event for payment in order.payments for event in _of_payment(order, payment)]
    events += _of_parcels(order)
    events += changes(operations, audited, names)
    return sorted(events, key=lambda event: event.at)


def changes(
    operations: Sequence[Operation], audited: Sequence[AuditEntry], names: Mapping[str, str]
) -> list[Event]:
    """What people did, oldest first.

    An operation and the audit entry that was written with it tell the same thing, so that the entry's reason
    goes to the operation and the entry is left out.
    """
    told = _pairs(operations, audited)
    left_out = [entry.id for entry in told.values()]
    events = [
        Event(
            operation.done_at,
            f"operation_{operation.kind.value}",
            who(operation.actor, names),
            {
                "reference": operation.reference,
                "why": told[operation.id].why if operation.id in told else None,
            },
        )
        for operation in operations
    ]
    events += [
        Event(
            entry.at,
            f"audit_{entry.action}",
            who(entry.actor, names),
            {"why": entry.why, "before": entry.before, "after": entry.after},
        )
        for entry in audited
        if entry.id not in left_out
    ]
    return sorted(events, key=lambda event: event.at)


def _pairs(operations: Sequence[Operation], audited: Sequence[AuditEntry]) -> dict[int, AuditEntry]:
    """The entry that was written with each operation, by its id: the first of the same moment and hand."""
    found: dict[int, AuditEntry] = {}
    free = list(audited)
    for operation in operations:
        same = [each for each in free if (each.actor, each.at) == (operation.actor, operation.done_at)]
        if same:
            found[operation.id] = same[0]
            free.remove(same[0])
    return found


def who(actor: str, names: Mapping[str, str]) -> str:
    """The colleague's name for "agent 3f…", otherwise the actor as it was written down."""
    return names.get(actor.removeprefix(AGENT), actor) if actor.startswith(AGENT) else actor


def agents_in(actors: Iterable[str | None]) -> set[str]:
    """The ids of the agents among these actors."""
    return {actor.removeprefix(AGENT) for actor in actors if actor is not None and actor.startswith(AGENT)}


def _of_payment(order: Order, payment: Payment) -> list[Event]:
    kinds = {PaymentStatus.FAILED: "payment_failed", PaymentStatus.VOIDED: "payment_let_go"}
    taken = "payment_taken" if payment.captured else "payment_reserved"
    amount = _money(order, payment.captured or payment.amount)
    paid = {"label": payment.label, "amount": amount, "failure": payment.failure}
    refunds = {
        RefundStatus.REQUESTED: "refund_under_way",
        RefundStatus.SETTLED: "refund_arrived",
        RefundStatus.FAILED: "refund_failed",
    }
    return [
        Event(payment.created_at, kinds.get(payment.status, taken), None, paid),
        *(
            Event(
                refund.created_at,
                refunds[refund.status],
                None,
                {
                    "label": payment.label,
                    "amount": _money(order, refund.amount),
                    "to_gift_card": refund.gift_card_id is not None,
                    "why": refund.reason,
                    "failure": refund.failure,
                },
            )
            for refund in payment.refunds
        ),
    ]


def _of_parcels(order: Order) -> list[Event]:
    events = []
    for parcel in order.shipments:
        carried = {"carrier": parcel.carrier.value, "code": parcel.tracking_code}
        events.append(Event(parcel.shipped_at, "shipped", None, carried))
        if parcel.delivered_at is not None:
            events.append(Event(parcel.delivered_at, "delivered", None, carried))
    if order.delivered_at is not None and not any(parcel.delivered_at for parcel in order.shipments):
        events.append(Event(order.delivered_at, "delivered"))
    return events


def _money(order: Order, amount: int) -> str:
    return format_money(amount, order.currency)
