"""When money may be asked back, and that no order ever gives back more than was paid for it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.orders.models import OrderStatus
from crm.refunds.models import RefundReason
from crm.refunds.position import (
    Held,
    LinePosition,
    OrderPosition,
    Part,
    paid_for_lines,
    split,
    standard_delivery,
    value_of,
)
from crm.refunds.rules import RefundRule, askable, refund_amount, refund_refusal
from tests.crm.factories import NOW

TOTALS = st.lists(st.integers(0, 100_000), min_size=1, max_size=6)
REASONS = [None, *RefundReason]


def position(
    *lines: LinePosition,
    status: OrderStatus = OrderStatus.DELIVERED,
    days_ago: int | None = 3,
    expected_in: int | None = None,
    held: int = 100_000,
    promised: int = 0,
    shipping: int = 395,
    country: str = "GB",
    placed_at: datetime = NOW - timedelta(days=6),
) -> OrderPosition:
    return OrderPosition(
        number="MM-10432",
        status=status,
        currency="GBP",
        country=country,
        placed_at=placed_at,
        delivered_at=None if days_ago is None else NOW - timedelta(days=days_ago),
        expected_on=None if expected_in is None else NOW.date() + timedelta(days=expected_in),
        shipping_price=shipping,
        held=(Held("Visa ending 4242", held),),
        promised=promised,
        lines=lines or (JUMPER,),
    )


JUMPER = LinePosition(1, "Moorland Wool Jumper, M", 2, paid=11_980)
HAT = LinePosition(2, "Birch Bobble Hat", 1, paid=2_200)


def rule_of(order: OrderPosition, reason: RefundReason | None, *parts: Part) -> RefundRule | None:
    refusal = refund_refusal(order, reason, NOW, parts or None)
    return refusal.rule if refusal else None


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize(
    ("status", "rule"),
    [
        (OrderStatus.PENDING, RefundRule.NOT_PAID),
        (OrderStatus.PAID, RefundRule.CANCEL_INSTEAD),
        (OrderStatus.PACKING, RefundRule.PACKING),
        (OrderStatus.CANCELLED, RefundRule.CANCELLED),
        (OrderStatus.RETURNED, RefundRule.RETURNED),
    ],
)
def test_an_order_that_never_arrived_or_went_back_is_refused_whatever_the_reason(
    status: OrderStatus, rule: RefundRule, reason: RefundReason | None
) -> None:
    assert rule_of(position(status=status), reason) is rule


@pytest.mark.parametrize("reason", [RefundReason.DAMAGED, RefundReason.WRONG_ITEM, RefundReason.MISSING])
@pytest.mark.parametrize("days_ago", [None, 0, 30])
def test_what_arrived_wrong_can_be_asked_for_within_thirty_days(
    reason: RefundReason, days_ago: int | None
) -> None:
    assert rule_of(position(days_ago=days_ago), reason) is None


@pytest.mark.parametrize("reason", REASONS)
def test_after_thirty_days_it_is_too_late_whatever_the_reason(reason: RefundReason | None) -> None:
    assert rule_of(position(days_ago=31), reason) is RefundRule.TOO_LATE


def test_what_is_only_unwanted_comes_back_before_its_money() -> None:
    refusal = refund_refusal(position(), RefundReason.CHANGED_MIND, NOW)
    assert refusal is not None
    assert refusal.rule is RefundRule.RETURN_FIRST
    assert refusal.values == {"order_number": "MM-10432", "days": 30, "return_until": "2026-11-30"}
    undated = position(days_ago=None)
    assert rule_of(undated, RefundReason.CHANGED_MIND) is RefundRule.RETURN_FIRST_UNDATED


@pytest.mark.parametrize(("expected_in", "rule"), [(-1, None), (0, RefundRule.NOT_DUE_YET), (None, None)])
def test_a_parcel_is_given_up_from_the_day_after_the_promised_one(
    expected_in: int | None, rule: RefundRule | None
) -> None:
    order = position(status=OrderStatus.SHIPPED, days_ago=None, expected_in=expected_in)
    assert rule_of(order, RefundReason.NOT_ARRIVED) is rule


@pytest.mark.parametrize("reason", set(RefundReason) - {RefundReason.NOT_ARRIVED})
def test_nobody_judges_goods_that_are_still_on_their_way(reason: RefundReason) -> None:
    order = position(status=OrderStatus.SHIPPED, days_ago=None, expected_in=-1)
    assert rule_of(order, reason) is RefundRule.ON_ITS_WAY


@pytest.mark.parametrize(
    ("delivered", "now", "rule"),
    [
        ("2026-11-03T09:00", "2026-11-03T18:00", RefundRule.JUST_DELIVERED),
        ("2026-11-03T09:00", "2026-11-04T08:00", None),
        ("2026-11-06T09:00", "2026-11-08T18:00", RefundRule.JUST_DELIVERED),
        ("2026-11-06T09:00", "2026-11-09T08:00", None),
    ],
)
def test_what_was_just_delivered_is_looked_for_until_the_next_working_day(
    delivered: str, now: str, rule: RefundRule | None
) -> None:
    moments = [datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (delivered, now)]
    order = replace(position(), delivered_at=moments[0])
    refusal = refund_refusal(order, RefundReason.NOT_ARRIVED, moments[1])
    assert (refusal.rule if refusal else None) is rule


def test_nothing_is_asked_back_twice() -> None:
    asked = replace(JUMPER, gone=1, claimed=5_990, asked_as="MM-10432-F1")
    order = position(asked, HAT)
    refusal = refund_refusal(order, RefundReason.DAMAGED, NOW, [Part(1, 1)])
    assert refusal is not None
    assert refusal.rule is RefundRule.ALREADY_ASKED
    assert refusal.values["reference"] == "MM-10432-F1"
    assert askable(order) == (Part(2, 1),)
    assert rule_of(order, RefundReason.DAMAGED) is None
    sent = replace(JUMPER, gone=2, claimed=11_980, sent_as="MM-10432-R1")
    assert rule_of(position(sent), None) is RefundRule.ALREADY_SENT_BACK
    gone = replace(JUMPER, gone=2, claimed=11_980)
    assert rule_of(position(gone), None) is RefundRule.NOTHING_LEFT


@pytest.mark.parametrize(
    "parts", [[Part(1, 3)], [Part(1, 0)], [Part(9, 1)], [Part(1, 1), Part(1, 1)]], ids=str
)
def test_parts_that_are_not_there_are_refused_and_not_counted(parts: list[Part]) -> None:
    assert rule_of(position(), RefundReason.DAMAGED, *parts) is RefundRule.NOTHING_LEFT


@pytest.mark.parametrize("order", [position(held=0), position(held=500, promised=500)])
def test_where_all_money_has_gone_back_or_is_promised_nothing_is_left(order: OrderPosition) -> None:
    assert rule_of(order, RefundReason.DAMAGED) is RefundRule.NOTHING_LEFT


def test_the_whole_order_brings_its_delivery_back_and_a_part_does_not() -> None:
    order = position(JUMPER, HAT)
    assert refund_amount(order, order.parts_left) == 11_980 + 2_200 + 395
    assert refund_amount(order, [Part(1, 2)]) == 11_980


@pytest.mark.parametrize(
    ("country", "paid", "back"), [("GB", 795, 395), ("GB", 0, 0), ("IE", 695, 695), ("FR", 995, 995)]
)
def test_of_the_delivery_charge_only_standard_goes_back(country: str, paid: int, back: int) -> None:
    assert standard_delivery(position(shipping=paid, country=country)) == back


@given(TOTALS, st.integers(0, 700_000))
def test_a_discount_is_spread_to_the_penny(totals: list[int], discount: int) -> None:
    paid = paid_for_lines(totals, discount)
    assert sum(paid) == max(0, sum(totals) - discount)
    for total, part in zip(totals, paid, strict=True):
        assert 0 <= part <= total


@given(st.lists(st.integers(1, 50_000), min_size=1, max_size=6), st.data())
def test_every_line_bears_its_fair_share_of_the_discount(totals: list[int], data: st.DataObject) -> None:
    discount = data.draw(st.integers(0, sum(totals)))
    for total, part in zip(totals, paid_for_lines(totals, discount), strict=True):
        assert abs((total - part) - discount * total / sum(totals)) < 1


@given(st.integers(0, 50_000), st.integers(1, 9), st.data())
def test_pieces_sent_back_one_after_the_other_are_worth_what_was_paid(
    paid: int, quantity: int, data: st.DataObject
) -> None:
    line = LinePosition(1, "Socks", quantity, paid)
    given_back = 0
    while line.left:
        pieces = data.draw(st.integers(1, line.left))
        worth = line.worth(pieces)
        given_back += worth
        line = replace(line, gone=line.gone + pieces, claimed=line.claimed + worth)
    assert given_back == paid


@st.composite
def orders(draw: st.DrawFn) -> OrderPosition:
    """Orders as they can stand: some pieces gone, some money back, some promised."""
    bought = draw(st.lists(st.tuples(st.integers(0, 20_000), st.integers(1, 4)), min_size=1, max_size=4))
    totals = [price * quantity for price, quantity in bought]
    discount, shipping = draw(st.integers(0, sum(totals))), draw(st.integers(0, 995))
    lines = []
    paid = paid_for_lines(totals, discount)
    for line_id, ((_, quantity), of_line) in enumerate(zip(bought, paid, strict=True), start=1):
        line = LinePosition(line_id, "Thing", quantity, of_line)
        gone = draw(st.integers(0, quantity))
        lines.append(replace(line, gone=gone, claimed=line.worth(gone)))
    captured = sum(paid) + shipping
    refunded = draw(st.integers(0, captured))
    return position(
        *lines,
        shipping=shipping,
        held=captured - refunded,
        promised=draw(st.integers(0, captured)),
        status=draw(st.sampled_from(OrderStatus)),
        days_ago=draw(st.one_of(st.none(), st.integers(0, 60))),
        expected_in=draw(st.one_of(st.none(), st.integers(-9, 9))),
    )


@given(orders(), st.sampled_from(REASONS), st.data())
def test_no_request_ever_exceeds_what_is_paid_minus_refunded_and_promised(
    order: OrderPosition, reason: RefundReason | None, data: st.DataObject
) -> None:
    parts = [
        Part(line.line_id, quantity)
        for line in order.lines
        if (quantity := data.draw(st.integers(0, line.quantity)))
    ]
    refusal = refund_refusal(order, reason, NOW, parts)
    if refusal is None:
        amount = refund_amount(order, parts)
        assert 0 < amount <= order.held_total - order.promised
        assert amount <= value_of(order, parts) + order.shipping_price
        assert order.status in (OrderStatus.SHIPPED, OrderStatus.DELIVERED)
    else:
        assert refusal.values["order_number"] == order.number


@given(st.integers(0, 50_000), st.lists(st.tuples(st.integers(0, 20_000), st.booleans()), max_size=4))
def test_money_goes_back_to_gift_cards_first_and_to_no_payment_more_than_it_gave(
    amount: int, payments: list[tuple[int, bool]]
) -> None:
    held = [Held(f"Payment {number}", paid, gift) for number, (paid, gift) in enumerate(payments)]
    parts = split(amount, held)
    gave = {each.label: each.amount for each in held}
    assert sum(part.amount for part in parts) == min(amount, sum(gave.values()))
    assert all(0 < part.amount <= gave[part.label] for part in parts)
    gifts = sum(each.amount for each in held if each.is_gift_card)
    assert sum(part.amount for part in parts if part.is_gift_card) == min(amount, gifts)
