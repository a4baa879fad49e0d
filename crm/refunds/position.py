"""What of an order is still with the customer, and how much money that stands for; pure, no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from crm.orders.delivery import HOME, IRELAND, PRICES, Service
from crm.orders.models import OrderStatus

# What standard delivery costs, by country; elsewhere the price for the EU. Agrees with the articles.
STANDARD_DELIVERY = {HOME: PRICES[Service.STANDARD], IRELAND: 695}
STANDARD_DELIVERY_EU = 995


@dataclass(frozen=True)
class Part:
    """So many pieces of one line of an order."""

    line_id: int
    quantity: int


@dataclass(frozen=True)
class Held:
    """What is still held of one payment, shown as `label`, in minor units."""

    label: str
    amount: int
    is_gift_card: bool = False


@dataclass(frozen=True)
class LinePosition:
    """A line of an order: `paid` is what all its pieces really cost, the discount taken off.

    `gone` pieces are cancelled, sent back, announced or asked money for; they stand for `claimed`. `asked_as`
    is the reference of a request that waits for a decision, `sent_as` that of a return under way.
    """

    line_id: int
    name: str
    quantity: int
    paid: int
    gone: int = 0
    claimed: int = 0
    asked_as: str | None = None
    sent_as: str | None = None

    @property
    def left(self) -> int:
        return max(0, self.quantity - self.gone)

    def worth(self, pieces: int) -> int:
        """What so many of the pieces left stand for, rounded down; the last one takes the odd pennies.

        Raises ValueError where there are not so many.
        """
        if not 0 <= pieces <= self.left:
            raise ValueError(f"{pieces} of {self.left} pieces")
        return max(0, self.paid - self.claimed) * pieces // self.left if pieces else 0


@dataclass(frozen=True)
class OrderPosition:
    """An order as the rules for money and goods look at it.

    `shipping_price` is what of the delivery charge was not given back. `promised` is what open requests and
    returns under way will still cost, `owed` what the shop owes for what is gone already. `expected_on` is
    the last day that was promised for its parcels.
    """

    number: str
    status: OrderStatus
    currency: str
    country: str
    placed_at: datetime
    delivered_at: datetime | None
    expected_on: date | None
    shipping_price: int
    held: tuple[Held, ...]
    promised: int
    lines: tuple[LinePosition, ...]
    owed: int = 0

    @property
    def held_total(self) -> int:
        """Paid minus refunded."""
        return sum(held.amount for held in self.held)

    @property
    def available(self) -> int:
        """What may still be asked back: paid, not refunded, and not due or promised to an earlier wish."""
        return max(0, self.held_total - self.owed - self.promised)

    @property
    def parts_left(self) -> tuple[Part, ...]:
        return tuple(Part(line.line_id, line.left) for line in self.lines if line.left)

    def has(self, parts: Sequence[Part]) -> bool:
        """Whether so many pieces are left of each line, and no line stands there twice."""
        left = {line.line_id: line.left for line in self.lines}
        return len({part.line_id for part in parts}) == len(parts) and all(
            0 < part.quantity <= left.get(part.line_id, 0) for part in parts
        )

    def line(self, line_id: int) -> LinePosition:
        """Raises KeyError where the order has no such line."""
        found = next((line for line in self.lines if line.line_id == line_id), None)
        if found is None:
            raise KeyError(line_id)
        return found

    def is_whole(self, parts: Sequence[Part]) -> bool:
        """Whether these parts are everything that was bought."""
        return {part.line_id: part.quantity for part in parts} == {
            line.line_id: line.quantity for line in self.lines
        }


def paid_for_lines(totals: Sequence[int], discount: int) -> list[int]:
    """Take an order's discount off its lines, in proportion to their totals, to the penny.

    Each line gets the difference of two rounded running shares: the parts add up to the discount exactly,
    and each is less than a penny away from its fair share.
    """
    goods = sum(totals)
    taken = min(max(discount, 0), goods)
    paid, running, given = [], 0, 0
    for total in totals:
        running += total
        due = taken * running // goods if goods else 0
        paid.append(total - (due - given))
        given = due
    return paid


def value_of(position: OrderPosition, parts: Sequence[Part]) -> int:
    """What these parts stand for, without delivery. Raises KeyError or ValueError where there are none."""
    return sum(position.line(part.line_id).worth(part.quantity) for part in parts)


def standard_delivery(position: OrderPosition) -> int:
    """What of the delivery charge goes back with a whole order: never more than standard delivery costs."""
    return min(position.shipping_price, STANDARD_DELIVERY.get(position.country, STANDARD_DELIVERY_EU))


def split(amount: int, held: Sequence[Held]) -> list[Held]:
    """Where an amount goes: gift cards first, then the rest, no payment getting more than it gave."""
    parts = []
    for payment in sorted(held, key=lambda each: not each.is_gift_card):
        share = min(amount, payment.amount)
        amount -= share
        if share:
            parts.append(Held(payment.label, share, payment.is_gift_card))
    return parts
