"""What went wrong: when a report is answered instead, what it is about, and that it is stored once."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.complaints.models import Complaint, ComplaintKind, ComplaintState, Wish
from crm.complaints.rules import (
    NotYetRule,
    means_whole_parcel,
    meant_items,
    not_yet,
    tells_nothing_came,
)
from crm.complaints.services import latest_complaint, report_problem, settle_complaints
from crm.database import Database
from crm.orders.models import Carrier, Order, OrderStatus, Shipment
from tests.crm.factories import NOW, stored_conversation, stored_order

TUESDAY = date(2026, 11, 3)
DAMAGED, MISSING, WRONG, LATE = (
    ComplaintKind.DAMAGED,
    ComplaintKind.MISSING,
    ComplaintKind.WRONG_ITEM,
    ComplaintKind.LATE,
)


@dataclass
class Reported:
    """An order as far as the rules look."""

    status: OrderStatus
    placed_at: datetime = datetime(2026, 10, 30, 12, tzinfo=UTC)
    delivered_at: datetime | None = None
    ship_to_country: str = "GB"
    shipping_price: int = 0
    shipments: list[Shipment] = field(default_factory=list)
    number: str = "MM-10432"


def parcel(expected_on: date) -> Shipment:
    return Shipment(carrier=Carrier.DPD, tracking_code="1", shipped_at=NOW, expected_on=expected_on)


def rule(order: Reported, kind: ComplaintKind, *, whole: bool = True) -> NotYetRule | None:
    found = not_yet(order, kind, whole_parcel=whole, now=NOW)
    return found.rule if found else None


@pytest.mark.parametrize(
    ("expected_on", "told"),
    [
        (date(2026, 11, 4), NotYetRule.ON_ITS_WAY),
        (TUESDAY, NotYetRule.ON_ITS_WAY),
        (date(2026, 11, 2), None),
    ],
)
@pytest.mark.parametrize("kind", [LATE, MISSING])
def test_a_parcel_is_overdue_from_the_day_after_the_promised_one(
    kind: ComplaintKind, expected_on: date, told: NotYetRule | None
) -> None:
    assert rule(Reported(OrderStatus.SHIPPED, shipments=[parcel(expected_on)]), kind) is told


def test_where_nothing_was_sent_the_longest_wait_of_the_shop_counts() -> None:
    friday = Reported(OrderStatus.PACKING)
    assert rule(friday, LATE) is NotYetRule.NOT_SENT
    week_before = Reported(OrderStatus.PAID, placed_at=datetime(2026, 10, 27, 12, tzinfo=UTC))
    assert rule(week_before, LATE) is None
    abroad = Reported(OrderStatus.PAID, placed_at=week_before.placed_at, ship_to_country="FR")
    assert rule(abroad, LATE) is NotYetRule.NOT_SENT


@pytest.mark.parametrize("kind", [DAMAGED, WRONG])
@pytest.mark.parametrize("status", [OrderStatus.PAID, OrderStatus.SHIPPED, OrderStatus.DELIVERED])
def test_what_the_customer_holds_in_their_hands_is_believed_against_the_status(
    kind: ComplaintKind, status: OrderStatus
) -> None:
    assert rule(Reported(status), kind) is None


@pytest.mark.parametrize("kind", list(ComplaintKind))
@pytest.mark.parametrize(
    ("status", "told"),
    [
        (OrderStatus.PENDING, NotYetRule.UNPAID),
        (OrderStatus.CANCELLED, NotYetRule.CANCELLED),
        (OrderStatus.RETURNED, NotYetRule.RETURNED),
    ],
)
def test_an_order_that_is_not_with_the_customer_says_so(
    kind: ComplaintKind, status: OrderStatus, told: NotYetRule
) -> None:
    assert rule(Reported(status), kind) is told


def test_a_parcel_said_to_be_delivered_today_may_be_with_a_neighbour() -> None:
    today = Reported(OrderStatus.DELIVERED, delivered_at=datetime(2026, 11, 3, 8, tzinfo=UTC))
    assert rule(today, MISSING) is NotYetRule.LOOK_AROUND
    assert rule(today, MISSING, whole=False) is None
    yesterday = Reported(OrderStatus.DELIVERED, delivered_at=datetime(2026, 11, 2, 8, tzinfo=UTC))
    assert rule(yesterday, MISSING) is None


def test_a_late_parcel_that_is_delivered_is_reported_as_missing_instead() -> None:
    assert rule(Reported(OrderStatus.DELIVERED), LATE) is NotYetRule.DELIVERED


NAMES = ["Moorland Wool Jumper, Oat, M", "Fell Waterproof Jacket, Moss, S", "Kiln Stoneware Mug, Moss"]


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("the jumper", NAMES[:1]),
        ("one of the mugs", NAMES[2:]),
        ("the waterproof", NAMES[1:2]),
        ("the moss ones", NAMES[1:]),
        ("no idea", []),
        ("", []),
    ],
)
def test_an_item_is_known_by_the_words_it_shares(words: str, meant: list[str]) -> None:
    assert meant_items(words, NAMES) == meant


def test_a_story_tells_a_missing_thing_from_a_parcel_that_never_came() -> None:
    assert tells_nothing_came("it says delivered on Monday but there is no parcel")
    assert tells_nothing_came("my order never arrived")
    assert not tells_nothing_came("one sock is missing from the parcel")
    assert means_whole_parcel("All of it", [])
    assert not means_whole_parcel("the small one", [])
    assert not means_whole_parcel("All Weather Coat, M", ["All Weather Coat, M", "Birch Bobble Hat"])


async def report(database: Database, order: Order, conversation_id: str, **changes: object) -> Complaint:
    values = {
        "kind": DAMAGED,
        "items": ["Moorland Wool Jumper, M"],
        "details": "a hole in the sleeve",
        "wish": Wish.REFUND,
        "turn_id": "turn-1",
        **changes,
    }
    async with database.transaction() as session:
        return await report_problem(session, order=order, conversation_id=conversation_id, now=NOW, **values)  # type: ignore[arg-type]


async def test_a_report_is_stored_once_a_turn_and_audited(database: Database) -> None:
    order, conversation_id = await stored_order(database), await stored_conversation(database)
    first = await report(database, order, conversation_id)
    again = await report(database, order, conversation_id)
    assert (again.id, again.reference) == (first.id, "MM-10432-P1")
    async with database.reading() as session:
        entries = (await session.scalars(select(AuditEntry))).all()
    assert [(entry.action, entry.subject) for entry in entries] == [("report_problem", "order MM-10432")]


async def test_a_turn_that_has_reported_one_order_reports_no_other(database: Database) -> None:
    order, conversation_id = await stored_order(database), await stored_conversation(database)
    other = await stored_order(database, "MM-10433", email="other@shop.example")
    await report(database, order, conversation_id)
    with pytest.raises(ValueError, match="another order"):
        await report(database, other, conversation_id)


async def test_told_again_while_open_it_stays_one_report_with_more_words(database: Database) -> None:
    order, conversation_id = await stored_order(database), await stored_conversation(database)
    await report(database, order, conversation_id)
    later = await report(
        database, order, conversation_id, turn_id="turn-2", details="and a stain", wish=Wish.REPLACEMENT
    )
    assert later.details == "a hole in the sleeve\nand a stain"
    assert later.wish is Wish.REPLACEMENT
    other = await report(database, order, conversation_id, turn_id="turn-3", kind=MISSING)
    assert other.reference == "MM-10432-P2"


async def test_a_report_is_settled_with_its_conversation_and_a_new_one_begins(database: Database) -> None:
    order, conversation_id = await stored_order(database), await stored_conversation(database)
    first = await report(database, order, conversation_id)
    async with database.transaction() as session:
        await settle_complaints(session, conversation_id, NOW)
    async with database.reading() as session:
        assert await latest_complaint(session, conversation_id) is None
        stored = await session.get(Complaint, first.id)
    assert stored is not None
    assert (stored.state, stored.settled_at) == (ComplaintState.SETTLED, NOW)
    assert (await report(database, order, conversation_id, turn_id="turn-2")).reference == "MM-10432-P2"
