"""What can happen to an order before it is sent: changes of what is in it and of how it is paid."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from crm.orders.changing_items import change_items
from crm.orders.models import Order, OrderStatus
from crm.orders.services import cancel_order
from crm.payments.changing_method import change_payment
from tests.crm.book_shop import Shop, as_agent


class BeforeSending(Shop):
    """Cancelling, other items, other pieces of them, another way of paying; then it arrives."""

    @precondition(lambda self: self.seen.status in (OrderStatus.PAID, OrderStatus.PENDING))
    @rule(by_agent=st.booleans())
    def cancel(self, by_agent: bool) -> None:
        self.do(
            "cancel",
            lambda session, order, turn: cancel_order(
                session,
                order=order,
                reason="other",
                conversation_id=self.conversation,
                turn_id=turn,
                now=self.now,
                **as_agent(by_agent),
            ),
        )

    @precondition(lambda self: self.seen.status in (OrderStatus.PAID, OrderStatus.PENDING))
    @rule(
        data=st.data(),
        method=st.sampled_from([None, "visa", "visa", "paypal", "gift card"]),
        by_agent=st.booleans(),
    )
    def change_the_items(self, data: st.DataObject, method: str | None, by_agent: bool) -> None:
        wanted = {
            line: data.draw(st.sampled_from(names))
            for line, names in (
                (self.wardrobe.jumper, ["Oat, L", "Heather, L", "Heather, M", "Heather, S"]),
                (self.wardrobe.mugs, ["Rust", "Rust", "Moss"]),
            )
            if data.draw(st.booleans())
        }
        if not wanted:
            return
        mugs = {line: data.draw(st.sampled_from([1, 2])) for line in wanted if line == self.wardrobe.mugs}
        name = "change some pieces" if 1 in mugs.values() else "change items"
        variants = {line: self.wardrobe.variants[name] for line, name in wanted.items()}
        self.do(
            name,
            lambda session, order, turn: change_items(
                session,
                order=order,
                wanted=variants,
                pieces=mugs,
                method_id=self.method(method),
                conversation_id=self.conversation,
                turn_id=turn,
                now=self.now,
                **as_agent(by_agent),
            ),
        )

    @precondition(lambda self: self.seen.status in (OrderStatus.PAID, OrderStatus.PENDING))
    @rule(method=st.sampled_from(["visa", "paypal", "gift card"]))
    def pay_otherwise(self, method: str) -> None:
        self.do(
            "change payment",
            lambda session, order, turn: change_payment(
                session,
                order=order,
                method_id=self.wardrobe.methods[method],
                conversation_id=self.conversation,
                turn_id=turn,
                now=self.now,
            ),
        )

    @precondition(lambda self: self.seen.status is OrderStatus.PAID and self.turns > 1)
    @rule()
    def arrives(self) -> None:
        """The warehouse sends what was paid for."""

        async def deliver(session: Any, order: Order, _turn: str) -> None:
            if order.status is OrderStatus.PAID:
                order.status, order.delivered_at = OrderStatus.DELIVERED, self.now

        self.do("delivered", deliver)
