"""Orders on the desk's stage, and customers who have proven who they are."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from crm.database import new_id
from crm.identity.models import IdentityProof, Level
from crm.orders.account import account_of
from crm.orders.models import Order, OrderStatus
from crm.orders.services import order_by_number
from crm.payments.models import CustomerPaymentMethod, PaymentMethod
from crm.products.models import Product, Variant
from tests.crm.factories import make_customer, make_order, make_product
from tests.gateway.desk.stage import Browser, Stage


@dataclass(frozen=True)
class Stored:
    """An order with the ids that requests name; the variant is another one of the product."""

    number: str
    customer_id: int
    line_id: int
    variant_id: int
    method_id: int


async def stored(stage: Stage, number: str, status: OrderStatus, **fields: Any) -> Stored:
    """One jumper in M, which there is in L, too, for a customer with a card on file."""
    at = stage.clock()
    delivered = at - timedelta(days=1) if status is OrderStatus.DELIVERED else None
    async with stage.database.transaction() as session:
        product, customer = make_product(), make_customer()
        product.variants.append(
            Variant(sku=f"L-{number}", options={"size": "L"}, price=6490, currency="GBP", stock=3)
        )
        session.add_all([product, customer])
        await session.flush()
        method = CustomerPaymentMethod(
            customer_id=customer.id,
            method=PaymentMethod.MASTERCARD,
            label="Mastercard ending 0005",
            token=f"tok-{number}",
            created_at=at,
        )
        values = {"placed_at": at - timedelta(days=3), "delivered_at": delivered, **fields}
        order = make_order(number, customer, product.variants[0], status=status, **values)
        session.add_all([method, order])
        await session.flush()
        return Stored(number, customer.id, order.lines[0].id, product.variants[1].id, method.id)


async def proven_by(stage: Stage, customer_id: int) -> str:
    """An escalation in which this customer has entered the code from their mailbox."""

    async def prove(session: Any, conversation: Any) -> None:
        session.add(
            IdentityProof(
                conversation_id=conversation.id,
                level=Level.CUSTOMER,
                customer_id=customer_id,
                proven_at=stage.clock(),
            )
        )

    return (await stage.escalated(prove=prove)).id


async def taken(stage: Stage, mara: Browser, customer_id: int) -> str:
    """The same, and Mara has taken the conversation."""
    escalation_id = await proven_by(stage, customer_id)
    assert (await mara.post(f"escalations/{escalation_id}/take"))[0] == 200
    return escalation_id


async def do(mara: Browser, number: str, operation: str, **asked: Any) -> tuple[int, dict[str, Any]]:
    return await mara.post(f"orders/{number}/operations/{operation}", {"request_id": new_id(), **asked})


async def order_now(stage: Stage, number: str) -> Order:
    """The order as stored; its books must add up."""
    async with stage.database.reading() as session:
        order = await order_by_number(session, number)
        assert account_of(order).drift == 0
        return order


async def product_of(stage: Stage, order: Stored) -> Product:
    async with stage.database.reading() as session:
        variant = await session.get_one(Variant, order.variant_id)
        return await session.get_one(Product, variant.product_id)
