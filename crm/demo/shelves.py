"""The demo shop's products, from catalogue.yml and facts.yml."""

from importlib import resources
from itertools import product as combinations
from random import Random
from typing import Any

import yaml

from crm.products.models import Product, Variant

CURRENCY = "GBP"
# What lies on a shelf: some things are sold out, and some nearly.
STOCKS = [*[0] * 6, *[2] * 5, *[4] * 4, *range(8, 68)]
TEXT_FIELDS = frozenset({"name", "category", "price", "description"})


def read_yaml(name: str) -> dict[str, Any]:
    """A data file of this package."""
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def make_products(random: Random) -> list[Product]:
    """Every product of the catalogue, a variant for each combination of its options."""
    facts = read_yaml("facts.yml")
    entries = read_yaml("catalogue.yml")["products"]
    return [_product(entry, facts.get(entry["name"], {}), random) for entry in entries]


def line_name(product: Product, variant: Variant) -> str:
    """How an order names what was bought: "Fell Waterproof Jacket, Moss, M"."""
    return ", ".join([product.name, *variant.options.values()])


def _product(entry: dict[str, Any], facts: dict[str, str], random: Random) -> Product:
    options = {name: values for name, values in entry.items() if name not in TEXT_FIELDS}
    slug = entry["name"].lower().replace(" ", "-")
    variants = [
        Variant(
            sku="-".join([slug, *chosen]).replace(" ", "").upper(),
            options=dict(zip(options, chosen, strict=True)),
            price=entry["price"],
            currency=CURRENCY,
            stock=random.choice(STOCKS),
        )
        for chosen in combinations(*options.values())
    ]
    return Product(
        name=entry["name"],
        slug=slug,
        category=entry["category"],
        description=entry["description"],
        facts=facts,
        variants=variants,
    )
