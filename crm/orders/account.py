"""The books of an order: what was paid, what it is worth, and who owes whom the rest; pure, no database.

At every moment

    paid - refunded = value + owed to the customer - owed by the customer

where `paid` was taken by all payments, `refunded` went back or is on its way, and `value` is what the lines
neither cancelled nor returned cost, discounts taken off, with the delivery charge that was not given back.
Who owes whom is kept with the order and changed by whatever changes one of the others, never derived, so
that an operation that forgets one side is found out.
"""

from dataclasses import dataclass

from crm.orders.models import Order, OrderLine, OrderStatus
from crm.refunds.position import paid_for_lines


@dataclass(frozen=True)
class OrderAccount:
    """Amounts in minor units of `currency`."""

    currency: str
    paid: int
    refunded: int
    value: int
    owed_to_customer: int
    owed_by_customer: int

    @property
    def drift(self) -> int:
        """What does not add up: 0, unless something is wrong with our code or somebody's hands."""
        return (self.paid - self.refunded) - (self.value + self.owed_to_customer - self.owed_by_customer)


def account_of(order: Order) -> OrderAccount:
    """The books as they stand."""
    return OrderAccount(
        currency=order.currency,
        paid=sum(payment.captured for payment in order.payments),
        refunded=sum(payment.refunded for payment in order.payments),
        value=value_of_order(order),
        owed_to_customer=order.owed_to_customer,
        owed_by_customer=order.owed_by_customer,
    )


def value_of_order(order: Order) -> int:
    """What the customer has to pay for what is kept of the order, in minor units."""
    goods = sum(line.paid - line.credited for line in order.lines)
    return goods + order.shipping_price - order.shipping_credited


def open_books(order: Order) -> None:
    """Begin the books of an order that comes from somewhere else, as it is.

    The discount goes onto its lines, what was cancelled or returned is worth nothing, and what payments and
    value differ by is owed.
    """
    spread_discount(order)
    over = order.status in (OrderStatus.CANCELLED, OrderStatus.RETURNED)
    for line in order.lines:
        line.gone, line.credited = (line.quantity, line.paid) if over else (0, 0)
    order.shipping_credited = order.shipping_price if order.status is OrderStatus.CANCELLED else 0
    balance = sum(payment.captured - payment.refunded for payment in order.payments) - value_of_order(order)
    order.owed_to_customer, order.owed_by_customer = max(0, balance), max(0, -balance)


def spread_discount(order: Order) -> None:
    """Give each line its share of the order's discount, to the penny."""
    paid = paid_for_lines([line.total for line in order.lines], order.discount)
    for line, cost in zip(order.lines, paid, strict=True):
        line.discount = line.total - cost


def credit_line(order: Order, line: OrderLine, pieces: int, amount: int) -> None:
    """So many pieces of a line are cancelled or come back, and the customer need not pay `amount` for them.

    Raises ValueError for more than there is of either.
    """
    if not 0 <= pieces <= line.quantity - line.gone or not 0 <= amount <= line.paid - line.credited:
        raise ValueError(f"{pieces} pieces and {amount} of a line with {line.quantity} and {line.paid}")
    line.gone += pieces
    line.credited += amount
    lower_value(order, amount)


def credit_shipping(order: Order, amount: int) -> None:
    """The customer need not pay so much of the delivery charge. Raises ValueError for more than there is."""
    if not 0 <= amount <= order.shipping_price - order.shipping_credited:
        raise ValueError(f"{amount} of a delivery charge of {order.shipping_price}")
    order.shipping_credited += amount
    lower_value(order, amount)


def lower_value(order: Order, amount: int) -> None:
    """Book that the order is worth so much less: what the customer owes falls first."""
    forgiven = min(amount, order.owed_by_customer)
    order.owed_by_customer -= forgiven
    order.owed_to_customer += amount - forgiven


def raise_value(order: Order, amount: int) -> None:
    """Book that the order is worth so much more: first what the shop owes falls, the rest is to be paid."""
    kept = min(amount, order.owed_to_customer)
    order.owed_to_customer -= kept
    order.owed_by_customer += amount - kept


def owe_again(order: Order, amount: int) -> None:
    """Book that so much goes back though the order is worth as much as before: it is to be paid anew."""
    order.owed_by_customer += amount
    order.owed_to_customer += amount
