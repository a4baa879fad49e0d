"""What stands on the invoice of an order; plain data, as it is stored and drawn."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from crm.customers.addresses import PostalAddress
from crm.days import day_in_shop, full_day
from crm.orders.models import Order
from crm.payments.rules import invoice_total
from crm.policy import policy


class InvoiceLine(BaseModel):
    """One thing bought; prices include VAT, in minor units."""

    model_config = ConfigDict(frozen=True)

    name: str
    pieces: int
    unit_price: int


class InvoiceDocument(BaseModel):
    """An invoice without its number: two that are equal are the same invoice. Amounts in minor units."""

    model_config = ConfigDict(frozen=True)

    order_number: str
    ordered_on: str
    bill_to: tuple[str, ...]
    lines: tuple[InvoiceLine, ...]
    goods: int
    discount: int
    delivery: int
    total: int
    vat: int
    vat_percent: int
    currency: str
    paid_with: tuple[tuple[str, int], ...]

    def stored(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return self.model_dump(mode="json")


def invoice_document(order: Order) -> InvoiceDocument:
    """The invoice of the order as it stands now."""
    total = invoice_total(order.goods_total, order.discount, order.shipping_price)
    return InvoiceDocument(
        order_number=order.number,
        ordered_on=full_day(day_in_shop(order.placed_at)),
        bill_to=(
            order.ship_to_name,
            *order.ship_to_lines,
            str(PostalAddress((), order.ship_to_postcode, order.ship_to_country)),
        ),
        lines=tuple(
            InvoiceLine(name=line.name, pieces=pieces, unit_price=line.unit_price)
            for line, pieces in order.billed
        ),
        goods=total.goods,
        discount=total.discount,
        delivery=total.delivery,
        total=total.total,
        vat=total.vat,
        vat_percent=policy().invoices.vat_percent,
        currency=order.currency,
        paid_with=tuple((payment.label, payment.captured) for payment in order.payments if payment.captured),
    )
