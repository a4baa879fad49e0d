"""The demo shop's orders: when they were placed, how far they got, and money that adds up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from crm.customers.models import Customer
from crm.demo.parcels import ship
from crm.demo.shelves import CURRENCY, line_name
from crm.demo.tills import pay
from crm.orders.account import open_books
from crm.orders.models import Order, OrderLine, OrderStatus
from crm.orders.rules import order_number
from crm.products.models import Product, Variant

FIRST_NUMBER = 10_001
OLDEST_ORDER_DAYS = 720
FREE_DELIVERY_FROM = 5_000
STANDARD, EXPRESS, COLLECTION, IRELAND = 395, 795, 295, 695

# The states of the fixed customers' orders and how many days ago they were placed.
FIXED_ORDERS = (
    (OrderStatus.SHIPPED, 3),
    (OrderStatus.PAID, 1),
    (OrderStatus.DELIVERED, 9),
    (OrderStatus.PACKING, 2),
)

# Up to so many days after placing: how often an order is in which state.
LIFE = (
    (1, {OrderStatus.PENDING: 15, OrderStatus.PAID: 60, OrderStatus.PACKING: 25}),
    (3, {OrderStatus.PAID: 25, OrderStatus.PACKING: 25, OrderStatus.SHIPPED: 43, OrderStatus.CANCELLED: 7}),
    (8, {OrderStatus.SHIPPED: 45, OrderStatus.DELIVERED: 48, OrderStatus.CANCELLED: 7}),
    (
        OLDEST_ORDER_DAYS,
        {OrderStatus.DELIVERED: 86, OrderStatus.RETURNED: 7, OrderStatus.CANCELLED: 7},
    ),
)


@dataclass(frozen=True)
class Plan:
    """One order to be made."""

    customer: Customer
    status: OrderStatus
    placed_at: datetime


def make_orders(
    count: int, customers: list[Customer], products: list[Product], midnight: datetime, random: Random
) -> list[Order]:
    """`count` orders, one per fixed customer first, the others by date; all before `midnight`."""
    fixed = [
        Plan(customer, status, midnight - timedelta(days=days) + timedelta(hours=10))
        for customer, (status, days) in zip(customers, FIXED_ORDERS, strict=False)
    ]
    # A few customers buy often and most buy once or twice, as in any shop.
    weights = [random.paretovariate(1.3) for _ in customers]
    buyers = random.choices(customers[len(fixed) :], weights[len(fixed) :], k=count - len(fixed))
    others = sorted((_plan(buyer, midnight, random) for buyer in buyers), key=lambda plan: plan.placed_at)
    shelf = [(product, variant) for product in products for variant in product.variants]
    return [
        _order(FIRST_NUMBER + position, plan, shelf, midnight, random)
        for position, plan in enumerate([*fixed, *others])
    ]


def _plan(customer: Customer, midnight: datetime, random: Random) -> Plan:
    days = OLDEST_ORDER_DAYS * random.random() ** 2
    chances = next(chances for up_to, chances in LIFE if days <= up_to)
    status = random.choices(list(chances), list(chances.values()))[0]
    return Plan(customer, status, (midnight - timedelta(days=days)).replace(microsecond=0))


def _order(
    number: int, plan: Plan, shelf: list[tuple[Product, Variant]], midnight: datetime, random: Random
) -> Order:
    lines = [
        OrderLine(
            variant_id=variant.id,
            name=line_name(product, variant),
            quantity=random.choices([1, 2, 3], [80, 16, 4])[0],
            unit_price=variant.price,
        )
        for product, variant in random.sample(shelf, random.choices([1, 2, 3, 4], [40, 32, 18, 10])[0])
    ]
    goods = sum(line.total for line in lines)
    discount = goods // 10 if random.random() < 0.12 else 0
    address = plan.customer.addresses[0]
    order = Order(
        number=order_number(number),
        customer=plan.customer,
        status=plan.status,
        currency=CURRENCY,
        shipping_price=_shipping(goods - discount, address.country, random),
        discount=discount,
        ship_to_name=plan.customer.name,
        ship_to_lines=list(address.lines),
        ship_to_postcode=address.postcode,
        ship_to_country=address.country,
        placed_at=plan.placed_at,
        lines=lines,
    )
    ship(order, midnight, random)
    if order.status is OrderStatus.CANCELLED:
        order.cancelled_at = _between(
            order.placed_at, min(order.placed_at + timedelta(hours=20), midnight), random
        )
        order.cancel_reason = random.choice(["changed my mind", "ordered twice", "found it elsewhere"])
    pay(order, random)
    open_books(order)
    return order


def _shipping(paid_for_goods: int, country: str, random: Random) -> int:
    if country == "IE":
        return IRELAND
    standard = 0 if paid_for_goods >= FREE_DELIVERY_FROM else STANDARD
    return random.choices([standard, EXPRESS, COLLECTION], [80, 14, 6])[0]


def _between(start: datetime, end: datetime, random: Random) -> datetime:
    return (start + (end - start) * random.random()).replace(microsecond=0)
