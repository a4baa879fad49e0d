"""An order as the desk's page shows it: everything about it, and what can be done with it now."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.attachments.models import Attachment
from crm.audit.services import entries_about
from crm.complaints.models import Complaint
from crm.money import format_money
from crm.operations.services import operations_of
from crm.orders.account import account_of
from crm.orders.models import Order, OrderLine
from crm.payments.models import Payment
from crm.products.models import Product, Variant
from crm.refunds.models import WAITING_REQUESTS, RefundRequest
from crm.refunds.recommending import advice_for
from crm.refunds.services import requests_of, returns_of
from crm.returns.models import Return
from crm.returns.reading import purses_of
from gateway.desk.operation_view import iso, names_of, operation_row
from gateway.desk.timeline import timeline


def order_row(order: Order) -> dict[str, Any]:
    """An order in a list."""
    return {
        "number": order.number,
        "status": order.status.value,
        "placed_at": order.placed_at.isoformat(),
        "total": format_money(order.total, order.currency),
        "items": [f"{line.quantity} × {line.name}" for line in order.lines],
    }


async def whole_order(session: AsyncSession, order: Order, now: datetime) -> dict[str, Any]:
    """Everything about an order but what can be done with it."""
    operations = await operations_of(session, order)
    standing = [operation for operation in operations if operation.undone_at is None]
    audited = await entries_about(session, f"order {order.number}")
    names = await names_of(session, [*operations, *audited])
    products = await _products(session, order)
    return {
        **order_row(order),
        "customer": {
            "id": order.customer_id,
            "name": order.customer.name,
            "email": order.customer.email,
            "phone": order.customer.phone,
        },
        "ship_to": [
            order.ship_to_name,
            *order.ship_to_lines,
            f"{order.ship_to_postcode} {order.ship_to_country}",
        ],
        "cancel_reason": order.cancel_reason,
        "books": _books(order),
        "lines": [_line(order, line, products[line.variant_id]) for line in order.lines],
        "methods": await _methods(session, order),
        "payments": [_payment(payment) for payment in order.payments],
        "shipments": [
            {
                "carrier": parcel.carrier.value,
                "tracking_code": parcel.tracking_code,
                "expected_on": parcel.expected_on.isoformat(),
                "delivered_at": iso(parcel.delivered_at),
            }
            for parcel in order.shipments
        ],
        "returns": [_return(order, each, products) for each in await returns_of(session, order.id)],
        "refund_requests": [
            await _request(session, order, each, now) for each in await requests_of(session, order.id)
        ],
        "complaints": await _complaints(session, order),
        "operations": [operation_row(each, names, now, newest=each in standing[-1:]) for each in operations],
        "timeline": [
            {**asdict(event), "at": event.at.isoformat()}
            for event in timeline(order, operations, audited, names)
        ],
    }


def _books(order: Order) -> dict[str, Any]:
    account = account_of(order)

    def money(amount: int) -> str:
        return format_money(amount, account.currency)

    return {
        "paid": money(account.paid),
        "refunded": money(account.refunded) if account.refunded else None,
        "value": money(account.value),
        "owed_to_customer": money(account.owed_to_customer) if account.owed_to_customer else None,
        "owed_by_customer": money(account.owed_by_customer) if account.owed_by_customer else None,
        "drift": money(account.drift) if account.drift else None,
    }


def _line(order: Order, line: OrderLine, product: Product) -> dict[str, Any]:
    """`variants` are what the line could be instead: the same product, another size or colour."""
    return {
        "id": line.id,
        "name": line.name,
        "quantity": line.quantity,
        "gone": line.gone,
        "price": format_money(line.unit_price, order.currency),
        "paid": format_money(line.paid, order.currency),
        "credited": format_money(line.credited, order.currency) if line.credited else None,
        "for_exchange": line.exchange_of_id is not None,
        "variant_id": line.variant_id,
        "variants": [
            {
                "id": variant.id,
                "label": ", ".join(variant.options.values()),
                "price": format_money(variant.price, variant.currency),
                "available": variant.stock > 0,
            }
            for variant in product.variants
            if variant.id != line.variant_id
        ],
    }


async def _methods(session: AsyncSession, order: Order) -> list[dict[str, Any]]:
    """The customer's own ways to pay; `balance` is what is left on a gift card."""
    return [
        {
            "id": purse.method_id,
            "label": purse.label,
            "balance": None if purse.balance is None else format_money(purse.balance, order.currency),
        }
        for purse in await purses_of(session, order)
    ]


def _payment(payment: Payment) -> dict[str, Any]:
    return {
        "label": payment.label,
        "method": payment.method.value,
        "amount": format_money(payment.amount, payment.currency),
        "refunded": format_money(payment.refunded, payment.currency) if payment.refunded else None,
        "status": payment.status.value,
        "failure": payment.failure,
    }


def _return(order: Order, sent: Return, products: dict[int, Product]) -> dict[str, Any]:
    names = {line.id: line.name for line in order.lines}
    variants = {variant.id: variant for product in products.values() for variant in product.variants}
    return {
        "reference": sent.reference,
        "kind": sent.kind.value,
        "reason": sent.reason.value,
        "state": sent.state.value,
        "amount": format_money(sent.amount, sent.currency),
        "difference": format_money(sent.difference, sent.currency) if sent.difference else None,
        "announced_at": sent.announced_at.isoformat(),
        "received_at": iso(sent.received_at),
        "closed_at": iso(sent.closed_at),
        "lines": [
            {
                "line_id": line.order_line_id,
                "name": names[line.order_line_id],
                "quantity": line.quantity,
                "wanted": ", ".join(variants[line.wanted_variant_id].options.values())
                if line.wanted_variant_id in variants
                else None,
            }
            for line in sent.lines
        ],
    }


async def _request(
    session: AsyncSession, order: Order, request: RefundRequest, now: datetime
) -> dict[str, Any]:
    """`advice` is there as long as it is to be decided."""
    waits = request.state in WAITING_REQUESTS
    names = {line.id: line.name for line in order.lines}
    return {
        "reference": request.reference,
        "reason": request.reason.value,
        "state": request.state.value,
        "amount": format_money(request.amount, request.currency),
        "created_at": request.created_at.isoformat(),
        "advice": await advice_for(session, order, request.reason, request.conversation_id, now)
        if waits
        else None,
        "lines": [{"name": names[line.order_line_id], "quantity": line.quantity} for line in request.lines],
    }


async def _complaints(session: AsyncSession, order: Order) -> list[dict[str, Any]]:
    """What was reported, with the ids of its photos."""
    found = list(
        await session.scalars(select(Complaint).where(Complaint.order_id == order.id).order_by(Complaint.id))
    )
    photos = list(
        await session.scalars(
            select(Attachment)
            .where(Attachment.complaint_id.in_([complaint.id for complaint in found]))
            .order_by(Attachment.created_at, Attachment.id)
        )
    )
    return [
        {
            "reference": complaint.reference,
            "kind": complaint.kind.value,
            "wish": complaint.wish.value,
            "state": complaint.state.value,
            "items": complaint.items,
            "details": complaint.details,
            "created_at": complaint.created_at.isoformat(),
            "photos": [
                {"id": photo.id, "name": photo.name} for photo in photos if photo.complaint_id == complaint.id
            ],
        }
        for complaint in found
    ]


async def _products(session: AsyncSession, order: Order) -> dict[int, Product]:
    """The products of the order's lines, by variant id."""
    bought = select(Variant.product_id).where(Variant.id.in_({line.variant_id for line in order.lines}))
    found = await session.scalars(select(Product).where(Product.id.in_(bought)))
    return {variant.id: product for product in found for variant in product.variants}
