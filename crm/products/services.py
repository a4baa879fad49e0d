"""Looking into and moving the stock."""

from collections.abc import Mapping

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


async def take_from_stock(session: AsyncSession, variant_id: int, quantity: int) -> bool:
    """Take `quantity` pieces off the shelf, all or none; False where there are not so many.

    The database counts, so that two customers never get the same piece.
    """
    taken = await session.execute(
        update(Variant)
        .where(Variant.id == variant_id, Variant.stock >= quantity)
        .values(stock=Variant.stock - quantity)
        .returning(Variant.id)
        .execution_options(synchronize_session=False)
    )
    return taken.scalar_one_or_none() is not None


async def move_stock(session: AsyncSession, moves: Mapping[int, int]) -> bool:
    """Put so many pieces of each variant onto the shelf, or take them off where negative.

    False where one has not so many; the caller undoes the rest. By variant, since somebody else may move
    the same ones at this moment.
    """
    for variant_id, moved in sorted(moves.items()):
        if moved > 0:
            await restock(session, variant_id, moved)
        elif moved < 0 and not await take_from_stock(session, variant_id, -moved):
            return False
    return True
