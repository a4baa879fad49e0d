"""No action shows or changes what is another customer's, whatever a conversation claims.

One table of everything the bot can do, made by the code itself, against everybody who is not Nia.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import cycle
from typing import Any

import pytest
import yaml

from actions.discovery import all_actions
from actions.support_action import Dependencies, SupportAction
from crm.database import Database
from crm.gift_cards.services import issue
from crm.identity.models import IdentityProof, Level
from crm.operations.models import OperationKind
from crm.operations.services import write_operation
from crm.orders.models import Carrier, Order, OrderStatus, Shipment
from crm.orders.services import orders_of
from crm.payments.models import CustomerPaymentMethod, PaymentMethod
from crm.products.models import Variant
from tests.actions.rasa import NOW, ROOT, action, run, slot, tracker, user
from tests.crm.factories import make_order, make_payment, stored_conversation, stored_order
from tests.crm.mailbox import mails_waiting
from tests.owned import owned_by

NIA, OWEN = "nia@example.org", "owen@example.org"
HERS = {
    OrderStatus.PENDING: "MM-10431",
    OrderStatus.PAID: "MM-10432",
    OrderStatus.SHIPPED: "MM-10433",
    OrderStatus.DELIVERED: "MM-10434",
}
HIS = "MM-20001"
# What nobody else may read; her order numbers are what an attacker has.
SECRETS = (
    NIA, "Quist", "Secret Row", "ZE1", "07700 900123", "TRACK-OF-NIA", "ending 0005", "179.70", "MM-10431-O",
    "tok-nia", "43.21",
)  # fmt: skip


@dataclass(frozen=True)
class Stranger:
    """Somebody who is not Nia, and what the conversation has proven about them."""

    who: str
    level: Level | None = None


STRANGERS = (
    Stranger("nobody"),
    Stranger("Owen with his own order", Level.ORDER),
    Stranger("Owen with his own mailbox", Level.CUSTOMER),
)


@cache
def forms() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in (ROOT / "bot" / "domain").glob("*.yml"):
        domain = yaml.safe_load(path.read_text(encoding="utf-8"))
        for name, form in (domain.get("forms") or {}).items():
            found[name] = form["required_slots"]
    return found


@cache
def slot_types() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in (ROOT / "bot" / "domain").glob("*.yml"):
        domain = yaml.safe_load(path.read_text(encoding="utf-8"))
        found |= {name: each["type"] for name, each in (domain.get("slots") or {}).items()}
    return found


def claims(number: str) -> dict[str, Any]:
    """Every slot filled as if everything had been asked, answered and confirmed, about Nia's order."""
    kinds = {"bool": True, "float": 1.0, "list": ["1"]}
    given = {name: kinds.get(kind, "1") for name, kind in slot_types().items() if kind != "any"}
    return given | {
        "order_number": number,
        "address_order": number,
        "address_orders": [number],
        "email": OWEN,
        "postcode": "LA9 4AB",
        "one_time_code": "123456",
        "address_text": "1 Thief Street, London, E1 6AN",
        "address_for": "order",
        "address_kind": "shipping",
        "contact_field": "phone",
        "contact_text": "07700 900999",
        "complaint_kind": "damaged",
        "complaint_wish": "refund",
        "problem_text": "everything is broken",
        "refund_reason": "damaged",
        "return_reason": "changed_mind",
        "data_wish": "copy",
        "newsletter_wish": "wanted",
        "gift_card_digits": "8145",
        "undo_of": "account" if number == HERS[OrderStatus.PENDING] else None,
        "form_problem": None,
        "requested_slot": None,
    }


async def nias_things(database: Database) -> Order:
    """Orders in every state worth stealing from, a way of paying, a gift card, and something done."""
    first = await stored_order(database, HERS[OrderStatus.PENDING], email=NIA, **_hers(OrderStatus.PENDING))
    async with database.transaction() as session:
        order = await session.get_one(Order, first.id)
        customer = order.customer
        customer.name, customer.phone = "Nia Quist", "07700 900123"
        customer.addresses[0].lines, customer.addresses[0].postcode = ["9 Secret Row"], "ZE1 0AA"
        session.add(
            CustomerPaymentMethod(
                customer_id=customer.id,
                method=PaymentMethod.AMEX,
                label="Amex ending 0005",
                token="tok-nia",
                created_at=NOW,
            )
        )
        await issue(
            session,
            number="GIFT-OF-NIA",
            label="Gift card ending 8145",
            customer_id=customer.id,
            amount=4_321,
            currency="GBP",
            now=NOW,
        )
        variant = await session.get_one(Variant, order.lines[0].variant_id)
        for status, number in list(HERS.items())[1:]:
            session.add(make_order(number, customer, variant, **_hers(status)))
        await session.flush()
        for each in await orders_of(session, customer.id):
            each.ship_to_name, each.ship_to_lines, each.ship_to_postcode = (
                "Quist",
                ["9 Secret Row"],
                "ZE1 0AA",
            )
        await write_operation(
            session,
            subject=order,
            kind=OperationKind.CANCEL,
            actor="customer",
            receipt={"amount": 5990},
            inverse={"status": "pending"},
            turn_id="turn-of-nia",
            conversation_id=None,
            now=NOW,
        )
        await write_operation(
            session,
            subject=customer,
            kind=OperationKind.CHANGE_PHONE,
            actor="customer",
            receipt={"phone": "07700 900123"},
            inverse={"before": None, "after": "07700 900123"},
            turn_id="turn-of-nia",
            conversation_id=None,
            now=NOW,
        )
    return first


def _hers(status: OrderStatus) -> dict[str, Any]:
    """Three pieces, paid by a card that nobody else has."""
    sent = status in (OrderStatus.SHIPPED, OrderStatus.DELIVERED)
    parcel = Shipment(
        carrier=Carrier.DPD,
        tracking_code="TRACK-OF-NIA",
        shipped_at=NOW - timedelta(days=3),
        expected_on=NOW.date(),
    )
    return {
        "status": status,
        "quantity": 3,
        "payments": [make_payment(3 * 5990, label="Amex ending 0005")],
        "delivered_at": NOW - timedelta(days=1) if status is OrderStatus.DELIVERED else None,
        "shipments": [parcel] if sent else [],
    }


async def conversation_of(database: Database, stranger: Stranger, his: Order) -> str:
    conversation_id = await stored_conversation(database)
    if stranger.level is not None:
        async with database.transaction() as session:
            session.add(
                IdentityProof(
                    conversation_id=conversation_id,
                    level=stranger.level,
                    customer_id=his.customer_id,
                    order_id=his.id if stranger.level is Level.ORDER else None,
                    proven_at=NOW,
                )
            )
    return conversation_id


def situations(kind: type[SupportAction]) -> list[tuple[str, str | None, dict[str, Any]]]:
    """Order number, form and slots: about each order, or in the form at each of its questions."""
    form = kind.action_name.removeprefix("validate_")
    if form not in forms():
        return [(number, None, claims(number)) for number in HERS.values()]
    return [
        (number, form, claims(number) | {"requested_slot": question})
        for number, question in zip(cycle(HERS.values()), forms()[form], strict=False)
    ]


@pytest.mark.usefixtures("quick_codes")
@pytest.mark.parametrize("kind", all_actions(), ids=lambda kind: kind.action_name)
async def test_an_action_neither_shows_nor_changes_what_is_anothers(
    kind: type[SupportAction], dependencies: Dependencies, database: Database
) -> None:
    hers = await nias_things(database)
    his = await stored_order(database, HIS, email=OWEN)
    async with database.reading() as session:
        before = await owned_by(session, hers.customer_id)
    assert {"orders", "payments", "customer_payment_methods", "operations", "addresses"} <= set(before)
    assert before["gift_cards"]
    for stranger in STRANGERS:
        conversation_id = await conversation_of(database, stranger, his)
        for number, form, slots in situations(kind):
            said = await said_by(kind, dependencies, conversation_id, number, form, slots)
            leaked = [secret for secret in (*SECRETS, f"C-{hers.customer_id}-O") if secret in said]
            assert leaked == [], f"{stranger.who} reads {leaked}: {said}"
    async with database.reading() as session:
        assert await owned_by(session, hers.customer_id) == before
    assert NIA not in [mail["to"] for mail in await mails_waiting(database)]


async def said_by(
    kind: type[SupportAction],
    dependencies: Dependencies,
    conversation_id: str,
    number: str,
    form: str | None,
    slots: dict[str, Any],
) -> str:
    """Everything that the action answers and remembers."""
    entities = [{"entity": "order_number", "value": number}, {"entity": "email", "value": OWEN}]
    events: list[dict[str, Any]] = [
        user(
            f"yes, {number}",
            "affirm",
            turn_id=f"{conversation_id[:8]}-{number}-{slots['requested_slot']}",
            entities=entities,
        ),
        *(slot(name, value) for name, value in slots.items()),
    ]
    if form is not None:
        events += [{"event": "active_loop", "name": form}, action(form)]
    asked = tracker(conversation_id, events, form, **slots)
    outcome = await run(kind(dependencies), asked, forms())
    return repr((outcome.texts if outcome.messages else [], outcome.messages, outcome.events))
