"""Orders, what is in them, and the parcels that carry them."""

from collections import Counter
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.columns import choice
from crm.customers.models import Customer
from crm.database import Base
from crm.money import Money
from crm.payments.models import Payment


class OrderStatus(StrEnum):
    """pending -> paid -> packing -> shipped -> delivered -> returned; pending and paid -> cancelled."""

    PENDING = "pending"
    PAID = "paid"
    PACKING = "packing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RETURNED = "returned"


class Carrier(StrEnum):
    ROYAL_MAIL = "Royal Mail"
    DPD = "DPD"
    OTHER = "other"


class Order(Base):
    """An order; amounts in minor units of `currency`, taxes included, `discount` is subtracted.

    The address is a copy: it says where the parcel went even when the customer moves. `shipping_credited` is
    the part of the delivery charge that the customer need not pay any more. What `owed_by_customer` and
    `owed_to_customer` mean is in crm/orders/account.py.
    """

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("shipping_price >= 0 AND discount >= 0", name="prices_not_negative"),
        CheckConstraint(
            "shipping_credited >= 0 AND shipping_credited <= shipping_price", name="credited_within_shipping"
        ),
        CheckConstraint("owed_by_customer >= 0 AND owed_to_customer >= 0", name="owed_not_negative"),
        Index("ix_orders_customer_id_placed_at", "customer_id", "placed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    status: Mapped[OrderStatus] = mapped_column(choice(OrderStatus), index=True)
    currency: Mapped[str] = mapped_column(String(3))
    shipping_price: Mapped[int] = mapped_column(default=0)
    discount: Mapped[int] = mapped_column(default=0)
    shipping_credited: Mapped[int] = mapped_column(default=0, server_default="0")
    owed_by_customer: Mapped[int] = mapped_column(default=0, server_default="0")
    owed_to_customer: Mapped[int] = mapped_column(default=0, server_default="0")
    ship_to_name: Mapped[str] = mapped_column(String(200))
    ship_to_lines: Mapped[list[str]] = mapped_column(JSON)
    ship_to_postcode: Mapped[str] = mapped_column(String(16))
    ship_to_country: Mapped[str] = mapped_column(String(2))
    placed_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None] = mapped_column(String(500))
    returned_at: Mapped[datetime | None]
    items_changed_at: Mapped[datetime | None]

    customer: Mapped[Customer] = relationship(lazy="selectin")
    lines: Mapped[list["OrderLine"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="OrderLine.id"
    )
    shipments: Mapped[list["Shipment"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="Shipment.id"
    )
    payments: Mapped[list[Payment]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="Payment.id"
    )

    @property
    def billed(self) -> list[tuple["OrderLine", int]]:
        """Lines with the pieces that were bought: those exchanged for others of the order do not count."""
        swapped: Counter[int | None] = Counter()
        for line in self.lines:
            swapped[line.exchange_of_id] += line.quantity
        pieces = [(line, line.quantity - (0 if line.id is None else swapped[line.id])) for line in self.lines]
        return [(line, count) for line, count in pieces if count > 0]

    @property
    def goods_total(self) -> int:
        """What was bought, before discount and shipping, in minor units."""
        return sum(line.unit_price * pieces for line, pieces in self.billed)

    @property
    def total(self) -> int:
        """What the customer pays, in minor units."""
        return self.goods_total - self.discount + self.shipping_price

    @property
    def total_money(self) -> Money:
        return Money(self.total, self.currency)


class OrderLine(Base):
    """So many of one variant at the price of that day; `name` is a copy, products change.

    `discount` is the line's share of the order's. `gone` pieces are cancelled or returned; `credited` is what
    the customer need not pay for the line any more, for them or because something was wrong. `exchange_of_id`
    is the line whose goods came back for these.
    """

    __tablename__ = "order_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("unit_price >= 0", name="unit_price_not_negative"),
        CheckConstraint("gone >= 0 AND gone <= quantity", name="gone_within_quantity"),
        CheckConstraint("discount >= 0 AND discount <= quantity * unit_price", name="discount_within_total"),
        CheckConstraint("credited >= 0 AND credited <= quantity * unit_price", name="credited_within_total"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    variant_id: Mapped[int] = mapped_column(ForeignKey("variants.id"), index=True)
    name: Mapped[str] = mapped_column(String(300))
    quantity: Mapped[int]
    unit_price: Mapped[int]
    discount: Mapped[int] = mapped_column(default=0, server_default="0")
    gone: Mapped[int] = mapped_column(default=0, server_default="0")
    credited: Mapped[int] = mapped_column(default=0, server_default="0")
    exchange_of_id: Mapped[int | None] = mapped_column(ForeignKey("order_lines.id"))

    @property
    def total(self) -> int:
        """Quantity times price, in minor units."""
        return self.quantity * self.unit_price

    @property
    def paid(self) -> int:
        """What all its pieces cost with the discount taken off, in minor units."""
        return self.total - self.discount


class Shipment(Base):
    """A parcel with a carrier; `expected_on` is the day promised to the customer."""

    __tablename__ = "shipments"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    carrier: Mapped[Carrier] = mapped_column(choice(Carrier))
    tracking_code: Mapped[str] = mapped_column(String(64))
    shipped_at: Mapped[datetime]
    expected_on: Mapped[date]
    delivered_at: Mapped[datetime | None]
