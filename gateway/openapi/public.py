"""Routes for everybody: health, help articles, the widget's files, the demo shop."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from crm.orders.models import OrderStatus
from gateway.openapi.described import Answer, Described, Parameter, Shape

HEALTH, FILES, SHOP = "health", "files", "demo shop"


class Alive(Shape):
    """The event loop turns."""

    status: Literal["ok"]


class Check(Shape):
    """One of the things that the gateway needs."""

    ok: bool
    problem: str | None = None
    model: str | None = None
    articles: int | None = None


class Ready(Shape):
    """What is there and what is missing."""

    status: Literal["ok", "unavailable"]
    checks: dict[Literal["database", "bot", "actions", "index"], Check]


class DemoOrder(Shape):
    """An order of the demo shop to try the assistant with."""

    number: str
    email: str
    status: OrderStatus


class DemoOrders(Shape):
    """Those there are."""

    orders: list[DemoOrder]


class OpenApi(Shape):
    """An OpenAPI document."""

    openapi: Literal["3.1.0"]
    info: dict[str, Any]
    servers: list[dict[str, Any]]
    paths: dict[str, Any]
    components: dict[str, Any] = Field(default_factory=dict)


_ALL_WELL = {"ok": True}
_READY = {
    "status": "ok",
    "checks": {
        "database": _ALL_WELL,
        "bot": {"ok": True, "model": "20261123-080000-quiet-maple.tar.gz"},
        "actions": _ALL_WELL,
        "index": {"ok": True, "articles": 60},
    },
}
_NOT_READY = {
    "status": "unavailable",
    "checks": {**_READY["checks"], "actions": {"ok": False, "problem": "ClientConnectorError"}},  # type: ignore[dict-item]
}
_PAGE = Answer("A page.", media="text/html")


# Parts of a file and conditions about it are as HTTP has them.
FILE_ANSWERS = {
    200: Answer("The file.", media="*/*"),
    206: Answer("The part of it that was asked for.", media="*/*"),
    304: Answer("It is as the browser has it."),
    404: Answer("There is no such file."),
    416: Answer("It has no such part."),
}


def files(path: str, name: str, says: str, gap: str) -> Described:
    """A folder of files."""
    return Described(
        "GET",
        path,
        name,
        says,
        FILES,
        answers={
            **FILE_ANSWERS,
            403: Answer("That is a folder."),
        },
        parameters=(Parameter("path", gap, "the file's name in its folder"),),
    )


def page(path: str, name: str, says: str, topic: str, **more: Mapping[int, Answer]) -> Described:
    return Described(
        "GET",
        path,
        name,
        says,
        topic,
        answers={
            200: _PAGE,
            206: Answer("The part of it that was asked for.", media="text/html"),
            304: Answer("It is as the browser has it."),
            416: Answer("It has no such part."),
        },
        **more,  # type: ignore[arg-type]
    )


ROUTES = (
    Described(
        "GET",
        "/health/live",
        "live",
        "Whether the process lives",
        HEALTH,
        answers={200: Answer("It does.", Alive, example={"status": "ok"})},
    ),
    Described(
        "GET",
        "/health/ready",
        "ready",
        "Whether everything is there that answering needs",
        HEALTH,
        answers={
            200: Answer("It is.", Ready, example=_READY),
            503: Answer("Something is missing.", Ready, example=_NOT_READY),
        },
    ),
    Described(
        "GET",
        "/api/openapi.json",
        "openapi",
        "This document",
        "interface",
        answers={200: Answer("OpenAPI 3.1.", OpenApi)},
    ),
    Described(
        "GET",
        "/help/{slug}",
        "help_article",
        "A help article, as long as it holds",
        SHOP,
        answers={200: _PAGE, 404: Answer("There is no such article.", media="text/plain")},
        parameters=(
            Parameter(
                "path",
                "slug",
                "the article's name",
                {"type": "string", "pattern": "^[a-z0-9-]+$"},
                example="delivery-times",
            ),
        ),
    ),
    files("/widget/{filename}", "widget_file", "The widget's script and its modules", "filename"),
    files("/shop/{filename}", "demo_shop_file", "The demo shop's own files", "filename"),
    page("/", "demo_shop", "The demo shop with the widget in it", SHOP),
    Described(
        "GET",
        "/demo/orders.json",
        "demo_orders",
        "Orders of the demo shop to try the assistant with",
        SHOP,
        answers={
            200: Answer(
                "A few.",
                DemoOrders,
                example={"orders": [{"number": "MM-10432", "email": "nia@example.org", "status": "shipped"}]},
            )
        },
    ),
)
