"""What delivered goods may be exchanged for, what it costs, and who pays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.refunds.position import Part
from crm.returns.exchange_rules import Swap, exchange_refusal, swap, swaps_of
from crm.returns.goods import Choice, Goods
from crm.returns.purses import Purse, payers, purse_refusal, takers
from crm.returns.rules import ReturnRule
from tests.crm.test_refund_rules import HAT, JUMPER, position

BOTH = position(JUMPER, HAT)
NAVY = Choice(10, {"colour": "Navy", "size": "M"}, 5_990, 10)
OAT = Choice(11, {"colour": "Oat", "size": "M"}, 6_490, 3)
PLUM = Choice(12, {"colour": "Plum", "size": "M"}, 4_990, 0)
GOODS = {
    1: Goods(product="Moorland Wool Jumper", unit_price=5_990, own=NAVY, others=(OAT, PLUM)),
    2: Goods(product="Birch Bobble Hat", unit_price=2_200, own=Choice(20, {}, 2_200, 5)),
}
VISA, FULL, EMPTY = Purse(1, "Visa ending 4242"), Purse(2, "Gift card 1", 9_000), Purse(3, "Gift card 2", 10)
PURSES = [VISA, FULL, EMPTY]


@pytest.mark.parametrize(
    ("parts", "wanted", "rule"),
    [
        (None, None, None),
        ([Part(1, 1)], {}, None),
        ([Part(1, 1)], {1: 11}, None),
        ([Part(1, 1)], {1: 10}, ReturnRule.SAME_VARIANT),
        ([Part(1, 1)], {1: 12}, ReturnRule.VARIANT_SOLD_OUT),
        ([Part(1, 1)], {1: 20}, ReturnRule.OTHER_PRODUCT),
        ([Part(1, 4)], {}, ReturnRule.VARIANTS_SOLD_OUT),
        ([Part(1, 1), Part(2, 1)], {1: 11}, ReturnRule.NO_OTHER_VARIANT),
    ],
)
def test_an_exchange_is_for_another_variant_of_the_same_product_that_is_there(
    parts: list[Part] | None, wanted: dict[int, int] | None, rule: ReturnRule | None
) -> None:
    refusal = exchange_refusal(BOTH, GOODS, parts, wanted)
    assert (refusal.rule if refusal else None) is rule


def test_two_lines_cannot_both_have_the_last_pieces() -> None:
    goods = {1: GOODS[1], 2: GOODS[1]}
    parts = [Part(1, 2), Part(2, 1)]
    assert exchange_refusal(BOTH, goods, parts, {1: 11, 2: 11}) is None
    scarce = Choice(11, OAT.options, OAT.price, 2)
    goods = dict.fromkeys((1, 2), Goods(own=NAVY, others=(scarce,)))
    refusal = exchange_refusal(BOTH, goods, parts, {1: 11, 2: 11})
    assert refusal is not None
    assert refusal.rule is ReturnRule.VARIANT_SOLD_OUT


def test_there_are_exchanges_at_home_only_unless_an_agent_says_why() -> None:
    abroad = position(country="IE")
    refusal = exchange_refusal(abroad, GOODS, None, None)
    assert refusal is not None
    assert refusal.rule is ReturnRule.EXCHANGE_ABROAD
    assert exchange_refusal(abroad, GOODS, None, None, overridden=True) is None


def test_the_difference_is_that_of_the_prices_and_the_discount_is_kept() -> None:
    (swapped,) = swaps_of(BOTH, GOODS, [Part(1, 2)], {1: 11})
    assert (swapped.name, swapped.worth, swapped.difference) == (
        "Moorland Wool Jumper, Oat, M",
        11_980,
        1_000,
    )
    assert _swap(worth=5_391, bought=5_990, price=6_490).difference == 500
    assert _swap(worth=5_391, bought=5_990, price=5_990).difference == 0


def _swap(*, worth: int, bought: int, price: int, quantity: int = 1) -> Swap:
    return swap(1, quantity, worth=worth, unit_price=bought, variant_id=11, name="Thing", price=price)


@given(st.integers(1, 5), st.integers(0, 20_000), st.integers(0, 20_000), st.data())
def test_an_exchange_never_costs_less_than_nothing_and_never_more_than_the_prices_say(
    quantity: int, bought: int, price: int, data: st.DataObject
) -> None:
    worth = data.draw(st.integers(0, bought * quantity))
    swapped = _swap(worth=worth, bought=bought, price=price, quantity=quantity)
    assert 0 <= swapped.discount <= price * quantity
    assert swapped.cost >= 0
    assert swapped.difference >= (price - bought) * quantity
    assert swapped.worth + swapped.difference == swapped.cost


@pytest.mark.parametrize(
    ("purse", "due", "rule"),
    [
        (None, 0, None),
        (None, -500, None),
        (FULL, -500, None),
        (VISA, -500, ReturnRule.NOT_TO_THIS_METHOD),
        (VISA, 500, None),
        (FULL, 500, None),
        (EMPTY, 500, ReturnRule.BALANCE_TOO_LOW),
        (None, 500, ReturnRule.NO_METHOD),
    ],
)
def test_money_goes_back_where_it_came_from_or_to_a_gift_card_and_is_paid_by_what_holds_it(
    purse: Purse | None, due: int, rule: ReturnRule | None
) -> None:
    refusal = purse_refusal(BOTH, purse, due, PURSES)
    assert (refusal.rule if refusal else None) is rule


def test_only_gift_cards_take_money_and_only_those_with_enough_on_them_pay() -> None:
    assert takers(PURSES) == [FULL, EMPTY]
    assert payers(PURSES, 500) == [VISA, FULL]
