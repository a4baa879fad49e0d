"""Which variants a pending order's items may be changed for, and what that costs; pure, no database."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from crm.money import format_money
from crm.orders.models import Order, OrderLine
from crm.orders.rules import may_be_cancelled
from crm.payments.models import PaymentStatus
from crm.policy import policy
from crm.returns.goods import Goods
from crm.returns.purses import Purse, payers, takers


class ChangeRule(StrEnum):
    """The closed list of reasons against changing items; each has its own wording."""

    PACKING = "packing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RETURNED = "returned"
    NO_CHANGES = "no_changes"
    CHANGED_BEFORE = "changed_before"
    MONEY_ASKED_FOR = "money_asked_for"
    PAYMENT_MOVING = "payment_moving"
    LINE_SETTLED = "line_settled"
    NO_OTHER_VARIANT = "no_other_variant"
    NOT_SO_MANY = "not_so_many"
    TOO_FEW_LEFT = "too_few_left"
    VARIANTS_SOLD_OUT = "variants_sold_out"
    SAME_VARIANT = "same_variant"
    OTHER_PRODUCT = "other_product"
    VARIANT_SOLD_OUT = "variant_sold_out"
    NO_METHOD = "no_method"
    BALANCE_TOO_LOW = "balance_too_low"
    NOT_TO_THIS_METHOD = "not_to_this_method"


# What an agent may go past with a reason; arithmetic and stock are left.
POLICY_RULES = frozenset(
    {
        ChangeRule.PACKING,
        ChangeRule.NO_CHANGES,
        ChangeRule.CHANGED_BEFORE,
        ChangeRule.MONEY_ASKED_FOR,
    }
)


# Every piece of each line.
WHOLE_LINES: Mapping[int, int] = MappingProxyType({})


@dataclass(frozen=True)
class ChangeRefusal:
    """Which rule forbids it, and what its wording needs to know."""

    rule: ChangeRule
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class NewVariant:
    """So many pieces of a line that become another variant, `name`, at `price` each; amounts in minor units.

    They keep their share of the order's discount as far as the new price allows; `discount_before` is what
    it was.
    """

    line_id: int
    variant_id: int
    quantity: int
    name: str
    price: int
    discount: int
    discount_before: int
    paid_before: int

    @property
    def difference(self) -> int:
        """What is still to be paid, negative where money goes back."""
        return self.price * self.quantity - self.discount - self.paid_before


@dataclass(frozen=True)
class Circumstances:
    """What else the rule looks at: how often items were changed, and whether money was asked back."""

    changes: int = 0
    money_asked_for: bool = False


def change_refusal(
    order: Order,
    goods: Mapping[int, Goods],
    wanted: Mapping[int, int],
    circumstances: Circumstances,
    pieces: Mapping[int, int] = WHOLE_LINES,
) -> ChangeRefusal | None:
    """Why these lines cannot become these variants, as far as they are chosen; None where they can.

    `wanted` is a variant's id for each line's, `pieces` how many of a line, where it is not all of them.
    Empty ones ask whether anything can be changed at all.
    """
    if not may_be_cancelled(order.status):
        return _refused(ChangeRule(order.status.value), order)
    if not policy().orders.item_changes:
        return _refused(ChangeRule.NO_CHANGES, order)
    if circumstances.changes >= policy().orders.item_changes:
        return _refused(ChangeRule.CHANGED_BEFORE, order)
    if circumstances.money_asked_for:
        return _refused(ChangeRule.MONEY_ASKED_FOR, order)
    return matter_refusal(order, goods, wanted, pieces)


def matter_refusal(
    order: Order,
    goods: Mapping[int, Goods],
    wanted: Mapping[int, int],
    pieces: Mapping[int, int] = WHOLE_LINES,
) -> ChangeRefusal | None:
    """What stands against it whoever asks: money on the move, stock, and what the products are."""
    if any(each.status is PaymentStatus.AUTHORISED and each.asked_at for each in order.payments):
        return _refused(ChangeRule.PAYMENT_MOVING, order)
    lines = {line.id: line for line in order.lines}
    for line_id, count in pieces.items():
        if not 0 < count <= lines[line_id].quantity:
            values = {"item": lines[line_id].name, "most": lines[line_id].quantity}
            return _refused(ChangeRule.NOT_SO_MANY, order, **values)
    for line_id, variant_id in wanted.items():
        line = lines[line_id]
        refusal = _refusal_of_line(order, line, goods[line_id], variant_id, _pieces(line, pieces))
        if refusal is not None:
            return refusal
    for line_id in pieces.keys() - wanted.keys():
        most = max((each.stock for each in goods[line_id].others), default=0)
        if 0 < most < pieces[line_id]:
            return _refused(ChangeRule.TOO_FEW_LEFT, order, item=lines[line_id].name, most=most)
    if not wanted and not changeable_lines(order, goods):
        others = any(each.others for each in goods.values())
        return _refused(ChangeRule.VARIANTS_SOLD_OUT if others else ChangeRule.NO_OTHER_VARIANT, order)
    return _refusal_of_all(order, lines, goods, wanted, pieces)


def changeable_lines(order: Order, goods: Mapping[int, Goods]) -> list[OrderLine]:
    """The lines of which a piece can be another variant, as they stand in the order."""
    return [
        line
        for line in order.lines
        if not _is_settled(line) and line.id in goods and goods[line.id].available(1)
    ]


def new_variants(
    order: Order,
    goods: Mapping[int, Goods],
    wanted: Mapping[int, int],
    pieces: Mapping[int, int] = WHOLE_LINES,
) -> tuple[NewVariant, ...]:
    """What each line becomes. Raises KeyError where a line or a variant of its product is not known."""
    lines = {line.id: line for line in order.lines}
    return tuple(
        _new(lines[line_id], goods[line_id], variant_id, _pieces(lines[line_id], pieces))
        for line_id, variant_id in wanted.items()
    )


def difference_of(changes: Sequence[NewVariant]) -> int:
    """What all of it still costs, negative where money goes back."""
    return sum(change.difference for change in changes)


def settling_refusal(
    order: Order, due: int, purse: Purse | None, purses: Sequence[Purse]
) -> ChangeRefusal | None:
    """Why `purse` cannot settle what is `due`: positive to be paid, negative to be given back.

    No purse stands for the payments the money came from.
    """
    if due > 0:
        amount = format_money(due, order.currency)
        if purse is None:
            return _refused(ChangeRule.NO_METHOD, order, amount=amount)
        if purse not in payers(purses, due):
            balance = format_money(purse.balance or 0, order.currency)
            return _refused(
                ChangeRule.BALANCE_TOO_LOW, order, amount=amount, method=purse.label, balance=balance
            )
    if due < 0 and purse is not None and purse not in takers(purses):
        return _refused(ChangeRule.NOT_TO_THIS_METHOD, order)
    return None


def _refusal_of_line(
    order: Order, line: OrderLine, goods: Goods, variant_id: int, pieces: int
) -> ChangeRefusal | None:
    if _is_settled(line):
        return _refused(ChangeRule.LINE_SETTLED, order, item=line.name)
    if variant_id == line.variant_id:
        return _refused(ChangeRule.SAME_VARIANT, order, item=line.name)
    choice = goods.choice(variant_id)
    if choice is None:
        return _refused(ChangeRule.OTHER_PRODUCT, order, item=line.name)
    if choice.stock < pieces:
        return _refused(ChangeRule.VARIANT_SOLD_OUT, order, item=line.name, wanted=choice.label)
    return None


def _refusal_of_all(
    order: Order,
    lines: Mapping[int, OrderLine],
    goods: Mapping[int, Goods],
    wanted: Mapping[int, int],
    pieces: Mapping[int, int],
) -> ChangeRefusal | None:
    """Two lines may want the last pieces of one variant."""
    needed: Counter[int] = Counter()
    for line_id, variant_id in wanted.items():
        choice = goods[line_id].choice(variant_id)
        needed[variant_id] += _pieces(lines[line_id], pieces)
        if choice is not None and needed[variant_id] > choice.stock:
            name = lines[line_id].name
            return _refused(ChangeRule.VARIANT_SOLD_OUT, order, item=name, wanted=choice.label)
    return None


def _new(line: OrderLine, goods: Goods, variant_id: int, pieces: int) -> NewVariant:
    choice = goods.choice(variant_id)
    if choice is None:
        raise KeyError(variant_id)
    # Rounded down, so that the rest of the line has the odd pennies and both add up to what it was.
    discount = line.discount * pieces // line.quantity
    return NewVariant(
        line_id=line.id,
        variant_id=variant_id,
        quantity=pieces,
        name=goods.named(choice),
        price=choice.price,
        discount=min(discount, choice.price * pieces),
        discount_before=discount,
        paid_before=line.unit_price * pieces - discount,
    )


def _pieces(line: OrderLine, pieces: Mapping[int, int]) -> int:
    return pieces.get(line.id, line.quantity)


def _is_settled(line: OrderLine) -> bool:
    """Whether something of it is cancelled or paid back already."""
    return bool(line.gone or line.credited)


def _refused(rule: ChangeRule, order: Order, **values: Any) -> ChangeRefusal:
    return ChangeRefusal(rule, {"order_number": order.number, **values})
