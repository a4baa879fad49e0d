"""What delivered goods may be exchanged for, and what that costs; pure, no database."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm.policy import policy
from crm.refunds.position import OrderPosition, Part
from crm.returns.goods import Goods
from crm.returns.rules import ReturnRefusal, ReturnRule, refused


@dataclass(frozen=True)
class Swap:
    """Pieces of a line that are worth `worth`, and the variant, `name`, that comes for them at `price` each.

    The pieces keep their share of the order's discount.
    """

    line_id: int
    quantity: int
    variant_id: int
    name: str
    price: int
    worth: int
    discount: int

    @property
    def cost(self) -> int:
        """What the new pieces cost together, in minor units."""
        return self.price * self.quantity - self.discount

    @property
    def difference(self) -> int:
        """What is still to be paid, negative where money goes back."""
        return self.cost - self.worth


def exchange_refusal(
    order: OrderPosition,
    goods: Mapping[int, Goods],
    parts: Sequence[Part] | None,
    wanted: Mapping[int, int] | None,
    *,
    overridden: bool = False,
) -> ReturnRefusal | None:
    """What stands against an exchange, beyond the rules for returns.

    `wanted` is the variant for each line, as far as it is chosen: another one of the same product. Where it
    is `overridden`, the rules of policy do not count.
    """
    if not policy().returns.exchange and not overridden:
        return refused(ReturnRule.NO_EXCHANGES, order)
    if order.country not in policy().returns.free_from and not overridden:
        return refused(ReturnRule.EXCHANGE_ABROAD, order)
    chosen = wanted or {}
    for part in parts or ():
        refusal = _refusal_of_part(order, goods[part.line_id], part, chosen.get(part.line_id))
        if refusal is not None:
            return refusal
    return _refusal_of_all(order, goods, parts or (), chosen)


def swaps_of(
    order: OrderPosition, goods: Mapping[int, Goods], parts: Sequence[Part], wanted: Mapping[int, int]
) -> tuple[Swap, ...]:
    """What each part is exchanged for. Raises KeyError where nothing of its product is chosen."""
    return tuple(_swap(order, goods[part.line_id], part, wanted[part.line_id]) for part in parts)


def swap(
    line_id: int, quantity: int, *, worth: int, unit_price: int, variant_id: int, name: str, price: int
) -> Swap:
    """Pieces bought at `unit_price` and now worth `worth`, exchanged for a variant at `price`."""
    kept = max(0, unit_price * quantity - worth)
    return Swap(line_id, quantity, variant_id, name, price, worth, min(kept, price * quantity))


def _swap(order: OrderPosition, goods: Goods, part: Part, variant_id: int) -> Swap:
    choice = goods.choice(variant_id)
    if choice is None:
        raise KeyError(variant_id)
    return swap(
        part.line_id,
        part.quantity,
        worth=order.line(part.line_id).worth(part.quantity),
        unit_price=goods.unit_price,
        variant_id=variant_id,
        name=goods.named(choice),
        price=choice.price,
    )


def _refusal_of_part(
    order: OrderPosition, goods: Goods, part: Part, variant_id: int | None
) -> ReturnRefusal | None:
    item = order.line(part.line_id).name
    if not goods.others:
        return refused(ReturnRule.NO_OTHER_VARIANT, order, item=item)
    if not goods.available(part.quantity):
        return refused(ReturnRule.VARIANTS_SOLD_OUT, order, item=item)
    if variant_id is None:
        return None
    if variant_id == goods.own.variant_id:
        return refused(ReturnRule.SAME_VARIANT, order, item=item)
    choice = goods.choice(variant_id)
    if choice is None:
        return refused(ReturnRule.OTHER_PRODUCT, order, item=item)
    if choice.stock < part.quantity:
        return refused(ReturnRule.VARIANT_SOLD_OUT, order, item=item, wanted=choice.label)
    return None


def _refusal_of_all(
    order: OrderPosition, goods: Mapping[int, Goods], parts: Sequence[Part], chosen: Mapping[int, int]
) -> ReturnRefusal | None:
    """Two lines may want the last pieces of one variant."""
    needed: Counter[int] = Counter()
    for part in parts:
        choice = goods[part.line_id].choice(chosen.get(part.line_id, 0))
        if choice is None:
            continue
        needed[choice.variant_id] += part.quantity
        if needed[choice.variant_id] > choice.stock:
            item = order.line(part.line_id).name
            return refused(ReturnRule.VARIANT_SOLD_OUT, order, item=item, wanted=choice.label)
    return None
