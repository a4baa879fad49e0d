"""A pending order of things that come in several variants, and a customer with several ways of paying."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from crm.database import Database
from crm.gift_cards.models import GiftCard
from crm.gift_cards.services import issue
from crm.orders.account import account_of, open_books
from crm.orders.models import Order, OrderLine, OrderStatus
from crm.orders.services import order_by_number
from crm.payments.models import CustomerPaymentMethod, Payment, PaymentMethod, PaymentStatus
from crm.products.models import Product, Variant
from tests.crm.factories import NOW, make_customer, make_order, make_payment

NUMBER = "MM-10432"
EMAIL = "nia@example.com"
JUMPER, MUG = "Moorland Wool Jumper", "Kiln Stoneware Mug"
# Option values and price in pence; the first of each is the one that was ordered.
_JUMPERS = (
    ({"colour": "Oat", "size": "M"}, 5990),
    ({"colour": "Oat", "size": "L"}, 5990),
    ({"colour": "Heather", "size": "L"}, 6490),
    ({"colour": "Heather", "size": "M"}, 4990),
    ({"colour": "Heather", "size": "S"}, 4990),
)
_MUGS = (({"colour": "Moss"}, 1400), ({"colour": "Rust"}, 1500))


@dataclass(frozen=True)
class Wardrobe:
    """Ids in the store: the lines, the variants by `Heather, L`, the customer's ways of paying by kind."""

    jumper: int
    mugs: int
    variants: dict[str, int]
    methods: dict[str, int]


async def stored_wardrobe(
    database: Database,
    *,
    status: OrderStatus = OrderStatus.PAID,
    balance: int = 2000,
    payments: list[Payment] | None = None,
    discount: int = 0,
    stock: int = 10,
) -> Wardrobe:
    """A jumper and two mugs, paid by Visa; Heather, S, is sold out. There are PayPal and a gift card, too."""
    async with database.transaction() as session:
        customer = make_customer(EMAIL)
        jumper, mug = _product(JUMPER, _JUMPERS, stock), _product(MUG, _MUGS, stock)
        session.add_all([customer, jumper, mug])
        await session.flush()
        jumper.variants[-1].stock = 0
        methods = await _methods(session, customer.id, balance)
        order = make_order(NUMBER, customer, jumper.variants[0], status=status, payments=[])
        order.lines[0].name = f"{JUMPER}, Oat, M"
        order.lines.append(
            OrderLine(variant_id=mug.variants[0].id, name=f"{MUG}, Moss", quantity=2, unit_price=1400)
        )
        order.discount = discount
        total = order.total
        order.payments = [make_payment(total)] if payments is None else payments
        open_books(order)
        session.add(order)
        await session.flush()
        return Wardrobe(
            jumper=order.lines[0].id,
            mugs=order.lines[1].id,
            variants={", ".join(each.options.values()): each.id for each in jumper.variants + mug.variants},
            methods=methods,
        )


def set_aside(amount: int) -> Payment:
    """A payment that nobody has taken yet."""
    return make_payment(amount, captured=0, status=PaymentStatus.AUTHORISED)


async def order_now(database: Database) -> Order:
    """The order as it is stored; its books are looked at each time."""
    async with database.reading() as session:
        order = await order_by_number(session, NUMBER)
        assert account_of(order).drift == 0
        return order


async def stock_of(database: Database, wardrobe: Wardrobe, name: str) -> int:
    async with database.reading() as session:
        return (await session.get_one(Variant, wardrobe.variants[name])).stock


async def balance_now(database: Database) -> int:
    async with database.reading() as session:
        return (await session.scalars(select(GiftCard.balance))).one()


def _product(name: str, variants: Any, stock: int) -> Product:
    slug = name.lower().replace(" ", "-")
    return Product(
        name=name,
        slug=slug,
        category="Layers",
        description="Good.",
        variants=[
            Variant(sku=f"{slug}-{position}", options=options, price=price, currency="GBP", stock=stock)
            for position, (options, price) in enumerate(variants)
        ],
    )


async def _methods(session: Any, customer_id: int, balance: int) -> dict[str, int]:
    card = await issue(
        session,
        number="GC-0815",
        label="Gift card ending 0815",
        customer_id=customer_id,
        amount=balance,
        currency="GBP",
        now=NOW,
    )
    methods = {
        "visa": _method(customer_id, PaymentMethod.VISA, "Visa ending 4242"),
        "paypal": _method(customer_id, PaymentMethod.PAYPAL, "PayPal"),
        "gift card": _method(customer_id, PaymentMethod.GIFT_CARD, card.label, card.id),
    }
    session.add_all(methods.values())
    await session.flush()
    return {name: method.id for name, method in methods.items()}


def _method(
    customer_id: int, method: PaymentMethod, label: str, card_id: int | None = None
) -> CustomerPaymentMethod:
    return CustomerPaymentMethod(
        customer_id=customer_id,
        method=method,
        label=label,
        token=f"tok-{label}",
        gift_card_id=card_id,
        created_at=NOW,
    )
