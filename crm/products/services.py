"""Looking into and moving the stock."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm.products.models import Product, Variant


async def all_products(session: AsyncSession) -> list[Product]:
    """Every product with its variants, by name; of two with one name the older one first."""
    return list((await session.execute(select(Product).order_by(Product.name, Product.id))).scalars())


async def restock(session: AsyncSession, variant_id: int, quantity: int) -> None:
    """Put `quantity` pieces back on the shelf.

    The database adds, so that two sales and a return at once lose no piece.
    """
    await session.execute(
        update(Variant)
        .where(Variant.id == variant_id)
        .values(stock=Variant.stock + quantity)
        .execution_options(synchronize_session=False)
    )
