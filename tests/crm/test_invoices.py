"""How payments stand, and invoices: to the address on the order, once a turn, a few a day."""

from base64 import b64decode
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from crm.audit.services import entries_about
from crm.database import Database
from crm.invoices.services import SentInvoice, send_invoice
from crm.orders.models import Order, OrderStatus
from crm.payments.errors import InvoiceRefused
from crm.payments.models import Payment, PaymentStatus
from crm.payments.rules import PaymentStanding, invoice_total, payment_standing, vat_included
from tests.crm.baskets import EMAIL, Thing, stored_basket
from tests.crm.factories import NOW, at_the_edge, make_payment
from tests.crm.mailbox import mails_waiting

RESERVED = {"captured": 0, "status": PaymentStatus.AUTHORISED}
DECLINED = {"captured": 0, "status": PaymentStatus.FAILED}
LET_GO = {"captured": 0, "status": PaymentStatus.VOIDED}
GIVEN_BACK = {"refunded": 5_990, "status": PaymentStatus.REFUNDED}


@pytest.mark.parametrize(
    ("payments", "standing"),
    [
        ([], PaymentStanding.NO_PAYMENT),
        ([DECLINED], PaymentStanding.FAILED),
        ([DECLINED, RESERVED], PaymentStanding.PENDING),
        ([LET_GO], PaymentStanding.LET_GO),
        ([{}], PaymentStanding.PAID),
        ([DECLINED, {}], PaymentStanding.PAID),
        ([{}, RESERVED], PaymentStanding.PAID_AND_RESERVED),
        ([{}, {}], PaymentStanding.TAKEN_TWICE),
        ([{}, GIVEN_BACK], PaymentStanding.PAID),
        ([GIVEN_BACK], PaymentStanding.REFUNDED),
        ([{"refunded": 990, "status": PaymentStatus.PARTLY_REFUNDED}], PaymentStanding.PARTLY_REFUNDED),
    ],
)
def test_every_state_of_the_payments_has_a_name(
    payments: list[dict[str, Any]], standing: PaymentStanding
) -> None:
    made: list[Payment] = [make_payment(5_990, **fields) for fields in payments]
    assert payment_standing(5_990, made) is standing


@given(
    st.integers(1, 50_000), st.lists(st.tuples(st.integers(0, 50_000), st.integers(0, 50_000)), max_size=4)
)
def test_taken_twice_means_that_we_hold_more_than_the_order_costs(
    total: int, sums: list[tuple[int, int]]
) -> None:
    payments = [
        make_payment(captured, captured=captured, refunded=min(refunded, captured))
        for captured, refunded in sums
    ]
    held = sum(payment.refundable for payment in payments)
    assert (payment_standing(total, payments) is PaymentStanding.TAKEN_TWICE) == (held > total)


@given(st.integers(0, 10_000_000))
def test_the_vat_in_a_price_is_a_sixth_of_it_to_the_nearest_penny(gross: int) -> None:
    assert abs(6 * vat_included(gross) - gross) <= 3


def test_an_invoice_adds_up() -> None:
    total = invoice_total(goods=14_180, discount=1_418, delivery=395)
    assert (total.total, total.vat) == (13_157, 2_193)


async def test_an_invoice_goes_to_the_address_on_the_order_with_everything_in_it(database: Database) -> None:
    order = await stored_basket(
        database, Thing(quantity=2), Thing("Birch Bobble Hat", 2_200, size=None),
        discount=1_418, shipping_price=395,
    )  # fmt: skip
    assert await send(database, order, "turn-1") == SentInvoice(
        "MM-10432", "INV-2026-00001", total=13_157, vat=2_193, currency="GBP"
    )
    (mail,) = await mails_waiting(database)
    assert (mail["to"], mail["subject"]) == (EMAIL, "Your invoice for order MM-10432")
    assert "£131.57" in mail["text"]
    (enclosed,) = mail["enclosures"]
    assert (enclosed["name"], enclosed["content_type"]) == ("INV-2026-00001.pdf", "application/pdf")
    text = words_of(enclosed)
    for words in (
        "VAT number GB 999 9999 73",
        "INV-2026-00001",
        "MM-10432",
        "Moorland Wool Jumper, M 2 £59.90 £119.80",
        "Birch Bobble Hat 1 £22.00 £22.00",
        "Discount -£14.18",
        "Delivery £3.95",
        "Total, VAT included £131.57",
        "Total without VAT £109.64",
        "VAT 20 % £21.93",
        "Visa ending 4242",
        "Kendal LA9 4AB Invoice number",
        "Invoice INV-2026-00001, page 1",
    ):
        assert words in text
    async with database.reading() as session:
        (entry,) = await entries_about(session, "order MM-10432")
    assert (entry.action, entry.after) == ("send_invoice", {"invoice": "INV-2026-00001", "total": 13_157})


async def test_sent_again_it_is_the_same_invoice_to_the_byte(database: Database) -> None:
    order = await stored_basket(database)
    first, again = await send(database, order, "turn-1"), await send(database, order, "turn-2")
    assert first == again
    one, other = await mails_waiting(database)
    assert one["enclosures"] == other["enclosures"]


async def test_an_order_that_has_changed_gets_the_next_number_and_the_one_it_replaces(
    database: Database,
) -> None:
    order = await stored_basket(database)
    await send(database, order, "turn-1")
    async with database.transaction() as session:
        changed = await session.get_one(Order, order.id)
        changed.ship_to_name = "Łukasz Żółć"
    assert (await send(database, changed, "turn-2")).reference == "INV-2026-00002"
    text = words_of((await mails_waiting(database))[1]["enclosures"][0])
    assert "INV-2026-00001" in text
    assert "Łukasz Żółć" in text


async def test_an_address_abroad_names_its_country_and_totals_stay_with_how_it_was_paid(
    database: Database,
) -> None:
    order = await stored_basket(database, *(Thing(f"Hat number {at}", 2_200, size=None) for at in range(58)))
    async with database.transaction() as session:
        changed = await session.get_one(Order, order.id)
        changed.ship_to_postcode, changed.ship_to_country = "D02 AF30", "IE"
    await send(database, changed, "turn-1")
    (enclosed,) = (await mails_waiting(database))[0]["enclosures"]
    pages = [page.extract_text() for page in PdfReader(BytesIO(b64decode(enclosed["content"]))).pages]
    assert "D02 AF30, Ireland" in pages[0]
    (last,) = [text for text in pages if "Paid with" in text]
    assert "Total, VAT included" in last


async def test_what_went_back_stands_in_the_letter(database: Database) -> None:
    payment = make_payment(5_990, refunded=990, status=PaymentStatus.PARTLY_REFUNDED)
    order = await stored_basket(database, payments=[payment])
    await send(database, order, "turn-1")
    (mail,) = await mails_waiting(database)
    assert "on its way back: £9.90" in mail["text"]


async def test_the_same_turn_mails_once(database: Database) -> None:
    order = await stored_basket(database)
    assert await send(database, order, "turn-1") == await send(database, order, "turn-1")
    assert len(await mails_waiting(database)) == 1


async def test_a_few_a_day_are_enough(database: Database) -> None:
    order = await stored_basket(database)
    for turn in ("turn-1", "turn-2", "turn-3"):
        await send(database, order, turn)
    with pytest.raises(InvoiceRefused) as refused:
        await send(database, order, "turn-4")
    assert refused.value.response == "utter_invoice_refused_sent_enough"
    tomorrow = await at_the_edge(
        database,
        send_invoice,
        order=order,
        conversation_id="c" * 32,
        turn_id="turn-5",
        now=NOW + timedelta(days=1, seconds=1),
    )
    assert tomorrow.reference == "INV-2026-00001"


@pytest.mark.parametrize(
    ("status", "response"),
    [
        (OrderStatus.PENDING, "utter_invoice_refused_not_paid"),
        (OrderStatus.CANCELLED, "utter_invoice_refused_never_paid"),
    ],
)
async def test_what_was_not_paid_has_no_invoice(
    database: Database, status: OrderStatus, response: str
) -> None:
    order = await stored_basket(database, status=status, payments=[make_payment(5_990, **RESERVED)])
    with pytest.raises(InvoiceRefused) as refused:
        await send(database, order, "turn-1")
    assert refused.value.response == response
    assert await mails_waiting(database) == []


def words_of(enclosed: dict[str, str]) -> str:
    """The text of an enclosed PDF, in one line."""
    pages = PdfReader(BytesIO(b64decode(enclosed["content"]))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


async def send(database: Database, order: Order, turn_id: str) -> Any:
    return await at_the_edge(
        database,
        send_invoice,
        order=order,
        conversation_id="c" * 32,
        turn_id=turn_id,
        now=NOW,
    )
