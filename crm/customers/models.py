"""Who buys from the shop, and where their parcels go."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from crm.columns import choice
from crm.customers.consent_rules import ConsentSource
from crm.database import Base
from crm.mail.address import normalise_email


class AddressKind(StrEnum):
    SHIPPING = "shipping"
    BILLING = "billing"


class Customer(Base):
    """A person known by one e-mail address, kept in lower case so that it is found however it is typed.

    `consent_changed_at` and `consent_source` say when and where they gave or withdrew their consent to news;
    None where it was never kept.
    """

    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    phone: Mapped[str | None] = mapped_column(String(40))
    marketing_consent: Mapped[bool] = mapped_column(default=False)
    consent_changed_at: Mapped[datetime | None]
    consent_source: Mapped[ConsentSource | None] = mapped_column(choice(ConsentSource))
    created_at: Mapped[datetime]

    addresses: Mapped[list["Address"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="Address.id"
    )

    @validates("email")
    def _lower_case(self, _key: str, email: str) -> str:
        return normalise_email(email)


class Address(Base):
    """A postal address of a customer; `lines` run from the street to the town."""

    __tablename__ = "addresses"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    kind: Mapped[AddressKind] = mapped_column(choice(AddressKind))
    lines: Mapped[list[str]] = mapped_column(JSON)
    postcode: Mapped[str] = mapped_column(String(16), index=True)
    country: Mapped[str] = mapped_column(String(2))
    is_default: Mapped[bool] = mapped_column(default=False)
