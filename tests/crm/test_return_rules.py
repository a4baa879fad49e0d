"""What may come back, until when, and what for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given

from crm.orders.models import OrderStatus
from crm.refunds.position import OrderPosition, Part, value_of
from crm.returns.goods import Goods, Returnability, returnability
from crm.returns.models import Postage, ReturnReason
from crm.returns.rules import ReturnRule, postage_for, return_refusal, return_value, returnable
from tests.crm.factories import NOW
from tests.crm.test_refund_rules import HAT, JUMPER, orders, position

BOTH = position(JUMPER, HAT)
GOODS = {1: Goods(), 2: Goods()}


def rule_of(
    order: OrderPosition,
    *parts: Part,
    goods: dict[int, Goods] = GOODS,
    reason: ReturnReason | None = None,
    opened: bool | None = None,
    now: datetime = NOW,
) -> ReturnRule | None:
    refusal = return_refusal(order, goods, now, parts=parts or None, reason=reason, opened=opened)
    return refusal.rule if refusal else None


@pytest.mark.parametrize(
    ("status", "rule"),
    [
        (OrderStatus.PENDING, ReturnRule.NOT_PAID),
        (OrderStatus.PAID, ReturnRule.CANCEL_INSTEAD),
        (OrderStatus.PACKING, ReturnRule.PACKING),
        (OrderStatus.SHIPPED, ReturnRule.ON_ITS_WAY),
        (OrderStatus.CANCELLED, ReturnRule.CANCELLED),
        (OrderStatus.RETURNED, ReturnRule.RETURNED),
    ],
)
def test_only_what_was_delivered_can_come_back(status: OrderStatus, rule: ReturnRule) -> None:
    assert rule_of(replace(BOTH, status=status)) is rule


@pytest.mark.parametrize(
    ("days_ago", "rule"), [(0, None), (30, None), (31, ReturnRule.TOO_LATE), (None, None)]
)
def test_it_may_come_back_for_thirty_days(days_ago: int | None, rule: ReturnRule | None) -> None:
    assert rule_of(position(days_ago=days_ago)) is rule


def test_what_was_bought_before_christmas_may_have_been_a_present() -> None:
    bought = datetime(2026, 11, 20, 12, tzinfo=UTC)
    order = replace(position(), placed_at=bought, delivered_at=bought + timedelta(days=4))
    assert rule_of(order, now=datetime(2027, 1, 31, 12, tzinfo=UTC)) is ReturnRule.PERHAPS_A_PRESENT
    assert rule_of(order, now=datetime(2027, 2, 1, 12, tzinfo=UTC)) is ReturnRule.TOO_LATE


def test_what_is_faulty_need_not_come_back_first() -> None:
    assert rule_of(BOTH, reason=ReturnReason.FAULTY) is ReturnRule.FAULTY


@pytest.mark.parametrize(
    ("name", "category", "options", "kind"),
    [
        ("Kiln Stoneware Mug", "Home", {"colour": "Moss"}, Returnability.ALWAYS),
        ("Kiln Stoneware Mug", "Home", {"initials": "NR"}, Returnability.NEVER),
        ("Personalised Blanket", "Home", {}, Returnability.NEVER),
        ("Maple & Moor Gift Card", "Gifts", {}, Returnability.NEVER),
        ("Quiet Nights", "Ear plugs", {}, Returnability.SEALED),
        ("Merino Boxers", "Layers", {"size": "M"}, Returnability.SEALED),
        ("Cobra Head Torch", "Camping", {}, Returnability.ALWAYS),
    ],
)
def test_some_things_never_come_back_and_some_only_sealed(
    name: str, category: str, options: dict[str, str], kind: Returnability
) -> None:
    assert returnability(name, category, options) is kind


def test_a_thing_made_for_one_person_is_not_offered_and_is_refused_by_name() -> None:
    goods = {**GOODS, 1: Goods(Returnability.NEVER)}
    assert returnable(BOTH, goods) == (Part(2, 1),)
    refusal = return_refusal(BOTH, goods, NOW, parts=[Part(1, 1)])
    assert refusal is not None
    assert (refusal.rule, refusal.values["item"]) == (ReturnRule.NOT_RETURNABLE, JUMPER.name)
    only = position(JUMPER)
    assert rule_of(only, goods=goods) is ReturnRule.NOT_RETURNABLE


@pytest.mark.parametrize(("opened", "rule"), [(None, None), (False, None), (True, ReturnRule.OPENED)])
def test_sealed_things_come_back_only_sealed(opened: bool | None, rule: ReturnRule | None) -> None:
    goods = {**GOODS, 1: Goods(Returnability.SEALED)}
    assert rule_of(BOTH, Part(1, 1), goods=goods, opened=opened) is rule
    assert rule_of(BOTH, Part(2, 1), goods=goods, opened=opened) is None


def test_nothing_is_announced_twice() -> None:
    sent = replace(JUMPER, gone=2, claimed=11_980, sent_as="MM-10432-R1")
    refusal = return_refusal(position(sent, HAT), GOODS, NOW, parts=[Part(1, 1)])
    assert refusal is not None
    assert (refusal.rule, refusal.values["reference"]) == (ReturnRule.ALREADY_SENT_BACK, "MM-10432-R1")
    assert rule_of(position(sent, HAT)) is ReturnRule.ONE_AT_A_TIME
    asked = replace(JUMPER, gone=1, claimed=5_990, asked_as="MM-10432-F1")
    assert rule_of(position(asked), Part(1, 1)) is ReturnRule.ALREADY_ASKED
    assert rule_of(position(replace(JUMPER, gone=2, claimed=11_980))) is ReturnRule.NOTHING_LEFT
    assert rule_of(position(held=0)) is ReturnRule.NOTHING_LEFT


def test_one_return_of_an_order_is_under_way_at_a_time() -> None:
    sent = replace(JUMPER, gone=1, claimed=5_990, sent_as="MM-10432-R1")
    refusal = return_refusal(position(sent, HAT), GOODS, NOW, parts=[Part(2, 1)])
    assert refusal is not None
    assert (refusal.rule, refusal.values["reference"]) == (ReturnRule.ONE_AT_A_TIME, "MM-10432-R1")


@pytest.mark.parametrize(
    ("order", "goods", "reason", "opened"),
    [
        (position(days_ago=200), GOODS, None, None),
        (BOTH, {**GOODS, 1: Goods(Returnability.NEVER)}, None, None),
        (BOTH, {**GOODS, 1: Goods(Returnability.SEALED)}, None, True),
        (BOTH, GOODS, ReturnReason.FAULTY, None),
    ],
)
def test_an_agents_reason_passes_over_the_policy(
    order: OrderPosition, goods: dict[int, Goods], reason: ReturnReason | None, opened: bool | None
) -> None:
    parts = [Part(1, 1)]
    wished = {"parts": parts, "reason": reason, "opened": opened}
    assert return_refusal(order, goods, NOW, **wished) is not None  # type: ignore[arg-type]
    assert return_refusal(order, goods, NOW, **wished, overridden=True) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("order", "rule"),
    [
        (replace(BOTH, status=OrderStatus.SHIPPED), ReturnRule.ON_ITS_WAY),
        (position(held=0), ReturnRule.NOTHING_LEFT),
    ],
)
def test_an_agents_reason_changes_nothing_about_what_is_there(order: OrderPosition, rule: ReturnRule) -> None:
    refusal = return_refusal(order, GOODS, NOW, parts=[Part(1, 1)], overridden=True)
    assert refusal is not None
    assert refusal.rule is rule


@pytest.mark.parametrize(("days_ago", "delivery"), [(14, 395), (15, 0)])
def test_a_whole_order_sent_back_soon_brings_its_standard_delivery_back(days_ago: int, delivery: int) -> None:
    order = position(JUMPER, HAT, days_ago=days_ago, shipping=795)
    assert return_value(order, order.parts_left, NOW) == 11_980 + 2_200 + delivery
    assert return_value(order, [Part(1, 2)], NOW) == 11_980


@given(orders())
def test_a_return_never_brings_more_than_is_paid_minus_refunded_and_promised(order: OrderPosition) -> None:
    goods = {line.line_id: Goods() for line in order.lines}
    parts = returnable(order, goods)
    if return_refusal(order, goods, NOW) is None:
        value = return_value(order, parts, NOW)
        assert 0 < value <= order.held_total - order.promised
        assert value <= value_of(order, parts) + order.shipping_price


def test_the_label_is_free_inside_the_country_only() -> None:
    assert postage_for(position()) is Postage.FREE_LABEL
    assert postage_for(position(country="IE")) is Postage.CUSTOMER_PAYS
