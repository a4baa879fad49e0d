from pathlib import Path

import pytest

from crm.policy.model import Policy
from crm.policy.reading import policy
from knowledge.values import shop_values, woven


def changed(**parts: dict[str, object]) -> Policy:
    data = policy().model_dump()
    for part, values in parts.items():
        data[part] |= values
    return Policy.model_validate(data)


def test_every_value_is_words_that_a_customer_can_read() -> None:
    values = shop_values()

    assert values["policy.returns.days"] == str(policy().returns.days)
    assert values["delivery.standard.price"] == "£3.95"
    assert values["delivery.free_above"] == "£50"
    assert values["delivery.standard.days"] == "2–4"
    assert values["policy.delivery.countries"].startswith("United Kingdom, Ireland, ")
    assert values["policy.delivery.countries"].endswith(" and Sweden")


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "0 minutes"),
        (1, "1 minute"),
        (15, "15 minutes"),
        (60, "1 hour"),
        (90, "90 minutes"),
        (1440, "24 hours"),
        (2880, "2 days"),
    ],
)
def test_times_are_said_in_the_plainest_unit(
    monkeypatch: pytest.MonkeyPatch, minutes: int, words: str
) -> None:
    monkeypatch.setattr("crm.policy.reading._in_force", [changed(undo={"minutes": {"cancel": minutes}})])

    assert shop_values()["policy.undo.cancel"] == words


def test_the_guide_lists_every_value() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "knowledge.md").read_text(encoding="utf-8")

    assert [name for name in shop_values() if f"| `{name}` |" not in guide] == []


def test_values_are_woven_in_and_what_is_unknown_is_named_by_its_line() -> None:
    text, problems = woven("{{ a }} and {{a}}\n{{ b }}\n\n{{ a\n}}", {"a": "1"})

    assert text == "1 and 1\n{{ b }}\n\n{{ a\n}}"
    assert [line for line, _ in problems] == [1, 3]
