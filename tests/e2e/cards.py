"""Attachments as the bot sends them, one of every kind."""

from typing import Any

Card = dict[str, Any]

ORDER: Card = {
    "kind": "order",
    "number": "MM-10432",
    "status": "shipped",
    "status_label": "On its way",
    "placed_on": "2024-11-18",
    "total": "£59.80",
    "lines": [{"name": "Harbour Bobble Hat", "quantity": 2, "price": "£56.00"}],
    "shipment": {
        "carrier": "Royal Mail",
        "tracking_code": "RM48392210",
        "tracking_url": "https://carrier.example/RM48392210",
        "expected_on": "2024-11-26",
    },
}
ARTICLE: Card = {
    "kind": "article",
    "title": "Delivery times",
    "url": "/help/delivery-times",
    "score": 0.8,
}
RECEIPT: Card = {
    "kind": "receipt",
    "title": "Cancelled",
    "reference": "C-1",
    "lines": [
        {"label": "Refund", "value": "£5"},
        {"label": "Refund to", "value": "Visa ending 4242 (£3.00), gift card ending 7711 (£2.00)"},
    ],
}
ORDERS: Card = {
    "kind": "orders",
    "orders": [
        {
            "number": "MM-10432",
            "status": "shipped",
            "status_label": "On its way",
            "placed_on": "2024-11-18",
            "total": "£59.80",
            "items": "3 items",
        },
        {
            "number": "MM-10388",
            "status": "cancelled",
            "status_label": "Cancelled",
            "placed_on": "2024-09-02",
            "total": "£1,245.00",
            "items": "1 item",
        },
    ],
}
ORDER_CHOICES = [
    {"title": "MM-10432 · 3 items · 18 November 2024"},
    {"title": "MM-10388 · 1 item · 2 September 2024"},
    {"title": "None of these"},
]
DATE_PICKER: Card = {"kind": "date_picker", "earliest": "2024-03-14", "latest": "2024-11-20"}
FROM_THE_FUTURE: Card = {"kind": "from the future"}


def product(name: str, price: str, *options: tuple[str, str], more: int = 0) -> Card:
    """A product; `options` are (name, availability), and `more` of them come after those."""
    offered = [*options, *((f"Size {number}", "In stock") for number in range(more))]
    return {
        "kind": "product",
        "name": name,
        "price": price,
        "summary": "Three-layer shell with taped seams.",
        "options": [
            {"name": option, "price": price, "availability": stock, "available": stock != "Sold out"}
            for option, stock in offered
        ],
        "url": None,
    }


JACKET = product("Fell Waterproof Jacket", "£145.00", ("Moss, M", "Only 2 left"), ("Moss, L", "Sold out"))
BOOTS = product("Scafell Walking Boots", "£159.00", more=12)
PRODUCTS: Card = {"kind": "products", "products": [JACKET, BOOTS]}
MANY_PRODUCTS: Card = {"kind": "products", "products": [JACKET, BOOTS, JACKET]}
