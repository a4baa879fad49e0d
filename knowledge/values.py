"""The shop's own figures, woven into articles: `{{ policy.returns.days }}` says what holds in this shop."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from crm.customers.addresses import country_name
from crm.money import format_money
from crm.orders import delivery
from crm.policy import policy
from crm.refunds.position import STANDARD_DELIVERY, STANDARD_DELIVERY_EU

_PLACE = re.compile(r"\{\{(?P<name>[^{}\n]*)\}\}")
_LEFT_OPEN = re.compile(r"\{\{")
_MINUTES_AN_HOUR, _HOURS_A_DAY = 60, 24
_PENCE = 100


def shop_values() -> dict[str, str]:
    """Every figure that articles may name, as customers read it: those of the policy, and of delivery."""
    return {
        **dict(_of_policy()),
        "delivery.free_above": _price(delivery.FREE_STANDARD_ABOVE),
        "delivery.ireland.price": _price(STANDARD_DELIVERY[delivery.IRELAND]),
        "delivery.ireland.days": _span(*delivery.IRELAND_DAYS),
        "delivery.europe.price": _price(STANDARD_DELIVERY_EU),
        "delivery.europe.days": _span(*delivery.ABROAD_DAYS),
        **{f"delivery.{service}.price": _price(price) for service, price in delivery.PRICES.items()},
        **{f"delivery.{service}.days": _span(*days) for service, days in delivery.WORKING_DAYS.items()},
    }


def woven(text: str, values: Mapping[str, str]) -> tuple[str, list[tuple[int, str]]]:
    """The text with its values, and what is wrong: the line (0 is the first), and a sentence.

    Without values a text stays as it is, as does `\\{\\{`, which Markdown shows as two braces.
    """
    problems: list[tuple[int, str]] = []

    def value(place: re.Match[str]) -> str:
        name = place["name"].strip()
        if name in values:
            return values[name]
        problems.append((_line(text, place.start()), _unknown(name, values)))
        return place[0]

    for left in _LEFT_OPEN.finditer(text):
        if not _PLACE.match(text, left.start()):
            sentence = "`{{` names a value and needs `}}` in the same line; write \\{\\{ for mere braces."
            problems.append((_line(text, left.start()), sentence))
    return _PLACE.sub(value, text), sorted(problems)


def _unknown(name: str, values: Mapping[str, str]) -> str:
    near = get_close_matches(name, values, n=1)
    hint = f"did you mean `{near[0]}`?" if near else "docs/knowledge.md lists what there is."
    return f"`{name}` is no value of the shop; {hint}"


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position)


def _of_policy() -> Iterator[tuple[str, str]]:
    rules = policy()
    for part, settings in rules:
        for name, value in settings:
            if isinstance(value, int) and not isinstance(value, bool):
                yield f"policy.{part}.{name}", str(value)
    yield "policy.refunds.automatic_up_to", _price(rules.refunds.automatic_up_to)
    yield "policy.delivery.countries", _listed([country_name(code) for code in rules.delivery.countries])
    yield "policy.returns.free_from", _listed(sorted(map(country_name, rules.returns.free_from)))
    for operation, minutes in rules.undo.minutes.items():
        yield f"policy.undo.{operation}", _duration(minutes)


def _price(amount: int) -> str:
    """Whole pounds without pence: £50, £3.95."""
    return format_money(amount, delivery.CURRENCY).removesuffix(".00" if amount % _PENCE == 0 else "")


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"  # a dash between figures


def _duration(minutes: int) -> str:
    """The plainest words: 15 minutes, 24 hours, 2 days."""
    hours, rest = divmod(minutes, _MINUTES_AN_HOUR)
    if rest or not hours:
        return _counted(minutes, "minute")
    days, rest = divmod(hours, _HOURS_A_DAY)
    return _counted(days, "day") if days > 1 and not rest else _counted(hours, "hour")


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
