"""The catalogue's names for the bot's entity ruler, and the short forms customers use."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from crm.files import write_if_changed
from crm.products.services import all_products

SHORTEST_SYNONYM_WORDS = 2


async def write_product_names(session: AsyncSession, path: Path) -> bool:
    """Write `products: [{name, synonyms}]` to `path`, whole or not at all; False where nothing changed.

    An unchanged file keeps its bytes, so that nothing is trained again for it.
    """
    names = [product.name for product in await all_products(session)]
    synonyms = synonyms_of(names)
    entries = [{"name": name, "synonyms": synonyms[name]} for name in names]
    content = yaml.safe_dump({"products": entries}, allow_unicode=True, sort_keys=False).encode()
    return await asyncio.to_thread(write_if_changed, path, content)


def synonyms_of(names: Iterable[str]) -> dict[str, list[str]]:
    """Short forms of each name that mean this product and no other: "fell jacket", "waterproof jackets"."""
    candidates = {name: _short_forms(name) for name in names}
    claimed = Counter(form for forms in candidates.values() for form in forms)
    return {name: sorted(form for form in forms if claimed[form] == 1) for name, forms in candidates.items()}


def _short_forms(name: str) -> set[str]:
    words = name.lower().split()
    forms = {" ".join(words), f"{words[0]} {words[-1]}", " ".join(words[-SHORTEST_SYNONYM_WORDS:])}
    forms = {form for form in forms if len(form.split()) >= SHORTEST_SYNONYM_WORDS}
    return forms | {_other_number(form) for form in forms}


def _other_number(phrase: str) -> str:
    """The plural of a singular phrase and the other way round; customers use either."""
    if phrase.endswith("s"):
        return phrase[:-1]
    return phrase + "es" if phrase.endswith(("x", "ch", "sh")) else phrase + "s"
