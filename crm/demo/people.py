"""The demo shop's customers, put together from people.yml."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from crm.customers.consent_rules import ConsentSource
from crm.customers.models import Address, AddressKind, Customer
from crm.demo.shelves import read_yaml

# Known to whoever tries the demo; their orders are the first ones.
FIXED = (
    ("Isla Thornton", "isla.thornton@example.com"),
    ("Owen Hale", "owen.hale@example.com"),
    ("Priya Nair", "priya.nair@example.com"),
    ("Callum Reid", "callum.reid@example.com"),
)
OLDEST_ACCOUNT = timedelta(days=900)
LETTERS = "ABDEFGHJLNPQRSTUWXYZ"


def make_customers(count: int, midnight: datetime, random: Random) -> list[Customer]:
    """`count` customers, the fixed ones first, no e-mail twice."""
    data = read_yaml("people.yml")
    identities = _identities(data, random)
    return [_customer(*next(identities), data, midnight, random) for _ in range(count)]


def _identities(data: dict[str, Any], random: Random) -> Iterator[tuple[str, str]]:
    yield from FIXED
    taken = {email for _, email in FIXED}
    while True:
        first, last = random.choice(data["first_names"]), random.choice(data["last_names"])
        domain = random.choice(data["email_domains"])
        dotted = f"{first}.{last}".replace("'", "").lower()
        local = random.choice([dotted, dotted.replace(".", ""), dotted[0] + dotted.partition(".")[2]])
        if f"{local}@{domain}" in taken:
            local += str(random.randint(60, 99))
        email = f"{local}@{domain}"
        if email not in taken:
            taken.add(email)
            yield f"{first} {last}", email


def _customer(name: str, email: str, data: dict[str, Any], midnight: datetime, random: Random) -> Customer:
    addresses = [_address(AddressKind.SHIPPING, data, random)]
    if random.random() < 0.2:
        addresses.append(_address(AddressKind.BILLING, data, random))
    # 07700 900xxx is kept free of subscribers for use in drama.
    phone = f"07700 900{random.randint(0, 999):03d}" if random.random() < 0.7 else None
    consents = random.random() < 0.45
    joined = midnight - OLDEST_ACCOUNT + timedelta(minutes=random.randint(0, 100 * 24 * 60))
    return Customer(
        name=name,
        email=email,
        phone=phone,
        marketing_consent=consents,
        consent_changed_at=joined if consents else None,
        consent_source=ConsentSource.SHOP if consents else None,
        created_at=joined,
        addresses=addresses,
    )


def _address(kind: AddressKind, data: dict[str, Any], random: Random) -> Address:
    town = random.choice(data["towns"])
    a, b, c = random.choices(LETTERS, k=3)
    digit = random.randint(1, 9)
    inward = f"{a}{digit}{b}{c}" if town["country"] == "IE" else f"{digit}{a}{b}"
    return Address(
        kind=kind,
        lines=[f"{random.randint(1, 140)} {random.choice(data['streets'])}", town["town"]],
        postcode=f"{town['postcode']} {inward}",
        country=town["country"],
        is_default=kind is AddressKind.SHIPPING,
    )
