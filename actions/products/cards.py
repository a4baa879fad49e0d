"""A product as the chat shows it: prices and stock ready to read."""

from collections.abc import Iterable, Sequence
from typing import Any

from actions.turn import CustomerTurn
from crm.money import format_money
from crm.products.finding import options_of
from crm.products.models import Product, Variant

FEW = 5


def product_card(turn: CustomerTurn, product: Product, variants: Iterable[Variant] = ()) -> dict[str, Any]:
    """The product attachment, with all variants or only those asked for."""
    return {"kind": "product", **_product(turn, product, list(variants) or product.variants)}


def products_card(turn: CustomerTurn, products: Iterable[Product]) -> dict[str, Any]:
    """Several products side by side."""
    return {
        "kind": "products",
        "products": [_product(turn, product, product.variants) for product in products],
    }


def price_of(turn: CustomerTurn, variants: Sequence[Variant]) -> str:
    """`£145.00`, or `£65.00 to £85.00` where variants differ."""
    lowest = min(variants, key=lambda variant: variant.price)
    highest = max(variants, key=lambda variant: variant.price)
    first = format_money(lowest.price, lowest.currency)
    if lowest.price == highest.price:
        return first
    last = format_money(highest.price, highest.currency)
    return turn.label("utter_label_price_range", lowest=first, highest=last) or first


def stock_words(turn: CustomerTurn, stock: int) -> str:
    """`in stock`, `only 2 left`, `sold out`."""
    if stock <= 0:
        return turn.label("utter_label_stock_none") or ""
    if stock <= FEW:
        return turn.label("utter_label_stock_few", count=stock) or ""
    return turn.label("utter_label_stock_plenty") or ""


def variant_name(variant: Variant) -> str:
    """`Moss, M`."""
    return ", ".join(variant.options.values())


def listed(turn: CustomerTurn, parts: Sequence[str]) -> str:
    """`S, M and L`."""
    if len(parts) < 2:
        return "".join(parts)
    first, last = ", ".join(parts[:-1]), parts[-1]
    return turn.label("utter_label_list", first=first, last=last) or f"{first}, {last}"


def options_in_words(turn: CustomerTurn, product: Product) -> str:
    """`Moss and Slate, sizes S, M and L`; empty where there is only one version."""
    parts = []
    for name, values in options_of(product).items():
        label = "utter_label_option_size" if name == "size" else "utter_label_option_other"
        parts.append(turn.label(label, values=listed(turn, values)) or "")
    return ", ".join(parts)


def _product(turn: CustomerTurn, product: Product, variants: Sequence[Variant]) -> dict[str, Any]:
    return {
        "name": product.name,
        "price": price_of(turn, variants),
        "summary": product.description,
        "options": [
            {
                "name": variant_name(variant),
                "price": format_money(variant.price, variant.currency),
                "availability": stock_words(turn, variant.stock),
                "available": variant.stock > 0,
            }
            for variant in variants
        ],
        "url": None,
    }
