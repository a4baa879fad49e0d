"""What the shop sells."""

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.database import Base


class Product(Base):
    """A product as customers call it; what is bought is one of its variants.

    `facts` are short sentences by the names of crm.products.facts.Fact; what is not there is not known.
    """

    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(200), unique=True)
    description: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(String(80), index=True)
    facts: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")

    variants: Mapped[list["Variant"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="Variant.id"
    )


class Variant(Base):
    """One size and colour of a product; `price` in minor units, `stock` what may still be sold."""

    __tablename__ = "variants"
    __table_args__ = (
        CheckConstraint("price >= 0", name="price_not_negative"),
        CheckConstraint("stock >= 0", name="stock_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), index=True)
    sku: Mapped[str] = mapped_column(String(64), unique=True)
    options: Mapped[dict[str, str]] = mapped_column(JSON)
    price: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    stock: Mapped[int]
