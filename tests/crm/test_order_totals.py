"""What an order costs when some of it was exchanged."""

from crm.orders.models import Order, OrderLine


def line(name: str, quantity: int, price: int, *, line_id: int | None, of: int | None = None) -> OrderLine:
    return OrderLine(id=line_id, name=name, quantity=quantity, unit_price=price, exchange_of_id=of)


def order(*lines: OrderLine) -> Order:
    return Order(lines=list(lines), discount=500, shipping_price=395)


def test_pieces_that_were_exchanged_are_billed_as_what_came_for_them() -> None:
    bought = order(line("M", 3, 2_000, line_id=1), line("L", 2, 2_400, line_id=2, of=1))
    assert [(each.name, pieces) for each, pieces in bought.billed] == [("M", 1), ("L", 2)]
    assert (bought.goods_total, bought.total) == (6_800, 6_695)


def test_what_was_exchanged_twice_is_billed_once() -> None:
    bought = order(
        line("M", 1, 2_000, line_id=1),
        line("L", 1, 2_400, line_id=2, of=1),
        line("S", 1, 1_800, line_id=3, of=2),
    )
    assert [(each.name, pieces) for each, pieces in bought.billed] == [("S", 1)]
    assert bought.total == 1_695


def test_an_order_that_is_not_stored_yet_is_billed_whole() -> None:
    bought = order(line("M", 1, 2_000, line_id=None), line("L", 2, 2_400, line_id=None))
    assert bought.goods_total == 6_800
