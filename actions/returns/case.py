"""An order as the rules for returns see it, and what the slots of a form say about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.returns.items import parts_of
from crm.orders.models import Order
from crm.refunds.position import OrderPosition, Part
from crm.refunds.services import position_of
from crm.returns.goods import Goods, Returnability
from crm.returns.purses import Purse
from crm.returns.reading import goods_of, purses_of
from crm.returns.rules import returnable


@dataclass(frozen=True)
class Case:
    """The order's goods and money, and the ways of paying of its customer."""

    position: OrderPosition
    goods: dict[int, Goods]
    purses: list[Purse]

    @classmethod
    async def of(cls, session: AsyncSession, order: Order) -> "Case":
        return cls(
            await position_of(session, order),
            await goods_of(session, order),
            await purses_of(session, order),
        )

    @property
    def offered(self) -> tuple[Part, ...]:
        return returnable(self.position, self.goods)

    def parts(self, slots: Mapping[str, Any]) -> list[Part] | None:
        return parts_of(slots, self.position, self.offered)

    def needs_seal(self, parts: Sequence[Part] | None) -> bool:
        """Whether one of these things comes back only sealed."""
        return any(self.goods[part.line_id].returnability is Returnability.SEALED for part in parts or ())

    def place(self, part: Part) -> int:
        """Where the part's line stands in the order, counted from 1: ids of the store stay there."""
        return [line.line_id for line in self.position.lines].index(part.line_id) + 1
