"""Articles for tests, each value replaceable."""

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from knowledge.article import Article

RETURNS = {
    "title": "Returning something",
    "topics": ["returns"],
    "questions": ["can I send this back", "how do I return a jacket", "what is your returns policy"],
    "updated": date(2026, 3, 1),
}
DELIVERY = {
    "title": "How long delivery takes",
    "topics": ["delivery"],
    "questions": ["how long does delivery take", "when will my parcel come", "do you deliver on saturday"],
    "updated": date(2026, 3, 2),
}
RETURNS_BODY = """You have **30 days** from delivery to send things back, unworn and with the tags on.

## How to send it back

1. Print the [free label](/help/label).
2. Take the parcel to any Royal Mail shop.

We refund you within 5 working days of its arrival.
"""
DELIVERY_BODY = """Standard delivery takes 2–4 working days and costs £3.95. It is free over £50.

Express comes the next working day if you order before 2 pm."""


def write_article(folder: Path, slug: str, front: dict[str, object], body: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{slug}.md"
    text = yaml.safe_dump(front, allow_unicode=True, sort_keys=False)
    file.write_text(f"---\n{text}---\n\n{body}", encoding="utf-8")
    return file


def write_two_articles(folder: Path) -> Path:
    write_article(folder, "returns", RETURNS, RETURNS_BODY)
    write_article(folder, "delivery-times", DELIVERY, DELIVERY_BODY)
    return folder


def article(slug: str, **values: Any) -> Article:
    """An article that was never in a file."""
    plain: dict[str, Any] = {
        "title": slug,
        "topics": (),
        "questions": (),
        "updated": date(2026, 3, 1),
        "body": f"All about {slug}.",
    }
    return Article(slug=slug, **(plain | values))
