"""What a pending order's items may become: whatever is asked, no piece is promised that is not there."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.orders.account import open_books
from crm.orders.change_rules import (
    ChangeRule,
    Circumstances,
    change_refusal,
    difference_of,
    new_variants,
    settling_refusal,
)
from crm.orders.models import Order, OrderLine, OrderStatus
from crm.policy import use_policy
from crm.returns.goods import Choice, Goods
from crm.returns.purses import Purse
from tests.crm.factories import make_customer

PRICES = st.integers(min_value=0, max_value=50_000)


def an_order(prices: list[int], quantities: list[int], discount: int = 0) -> Order:
    """Lines 1, 2, ... of variants 10, 20, ..., pending."""
    order = Order(
        number="MM-10432",
        customer=make_customer(),
        status=OrderStatus.PAID,
        currency="GBP",
        shipping_price=0,
        discount=discount,
        payments=[],
        lines=[
            OrderLine(
                id=position, variant_id=10 * position, name="Thing", quantity=quantity, unit_price=price
            )
            for position, (price, quantity) in enumerate(zip(prices, quantities, strict=True), start=1)
        ],
    )
    open_books(order)
    return order


def goods(order: Order, prices: list[int], stock: int) -> dict[int, Goods]:
    """Each line's product has one other variant: 11, 21, ..."""
    return {
        line.id: Goods(
            product="Thing",
            own=Choice(line.variant_id),
            others=(Choice(line.variant_id + 1, {"size": "L"}, price, stock),),
        )
        for line, price in zip(order.lines, prices, strict=True)
    }


@given(st.data())
def test_the_difference_is_what_the_order_costs_more_to_the_penny(data: st.DataObject) -> None:
    count = data.draw(st.integers(min_value=1, max_value=4))
    prices = [data.draw(PRICES) for _ in range(count)]
    others = [data.draw(PRICES) for _ in range(count)]
    quantities = [data.draw(st.integers(min_value=1, max_value=4)) for _ in range(count)]
    total = sum(price * quantity for price, quantity in zip(prices, quantities, strict=True))
    order = an_order(prices, quantities, data.draw(st.integers(min_value=0, max_value=total)))
    wanted = {line.id: line.variant_id + 1 for line in order.lines if data.draw(st.booleans())}
    changes = new_variants(order, goods(order, others, 4), wanted)
    before = sum(line.paid for line in order.lines)
    for change in changes:
        line = next(line for line in order.lines if line.id == change.line_id)
        line.unit_price, line.discount = change.price, change.discount
        assert line.paid >= 0
    assert sum(line.paid for line in order.lines) - before == difference_of(changes)


def test_two_lines_never_share_the_last_piece() -> None:
    order = an_order([100, 100], [1, 1])
    choice = Choice(99, {"size": "L"}, 100, 1)
    both = {line.id: Goods(own=Choice(line.variant_id), others=(choice,)) for line in order.lines}
    assert change_refusal(order, both, {1: 99}, Circumstances()) is None
    refusal = change_refusal(order, both, {1: 99, 2: 99}, Circumstances())
    assert refusal is not None
    assert refusal.rule is ChangeRule.VARIANT_SOLD_OUT


@pytest.mark.parametrize(
    ("circumstances", "rule"),
    [
        (Circumstances(changes=1), ChangeRule.CHANGED_BEFORE),
        (Circumstances(money_asked_for=True), ChangeRule.MONEY_ASKED_FOR),
        (Circumstances(), None),
    ],
)
def test_what_happened_before_counts(circumstances: Circumstances, rule: ChangeRule | None) -> None:
    order = an_order([100], [1])
    refusal = change_refusal(order, goods(order, [100], 1), {1: 11}, circumstances)
    assert (refusal and refusal.rule) == rule


@pytest.mark.parametrize(("changes", "rule"), [(0, ChangeRule.NO_CHANGES), (2, None)])
def test_the_shop_says_how_often_items_change(tmp_path: Path, changes: int, rule: ChangeRule | None) -> None:
    file = tmp_path / "policy.yml"
    file.write_text(f"orders: {{item_changes: {changes}}}")
    order = an_order([100], [1])
    try:
        use_policy(file)
        refusal = change_refusal(
            order, goods(order, [100], 1), {1: 11}, Circumstances(changes=min(1, changes))
        )
    finally:
        use_policy(None)
    assert (refusal and refusal.rule) == rule


def test_what_is_paid_back_in_part_stays_what_it_is() -> None:
    order = an_order([100], [2])
    order.lines[0].credited = 10
    refusal = change_refusal(order, goods(order, [100], 2), {1: 11}, Circumstances())
    assert refusal is not None
    assert refusal.rule is ChangeRule.LINE_SETTLED


@given(st.integers(min_value=0, max_value=10_000), st.integers(min_value=1, max_value=10_000))
def test_a_gift_card_pays_a_difference_only_with_all_of_it_on_it(balance: int, due: int) -> None:
    card = Purse(1, "Gift card", balance)
    refusal = settling_refusal(an_order([100], [1]), due, card, [card])
    assert (refusal is None) == (balance >= due)
