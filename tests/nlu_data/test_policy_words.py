"""What the policy file decides is never a fixed word of a response: a shop may decide otherwise."""

import re

import pytest

from crm.policy import policy
from tests.wording import fixed_words


def _decided_by_the_policy() -> list[re.Pattern[str]]:
    """Its day and minute limits, what its order numbers begin with, and how often items may be changed."""
    rules = policy()
    days = {rules.returns.days, rules.returns.delivery_back_days}
    numbers = {re.escape(form.rstrip("0123456789-")) for form in rules.orders.numbers}
    return [
        re.compile(rf"\b(?:{'|'.join(map(str, sorted(days)))}) days\b", re.I),
        re.compile(rf"(?<![\w#])(?:{'|'.join(sorted(numbers))})(?=[-\s\d])"),
        re.compile(r"\b(?:changed once|one change per order)\b", re.I),
        re.compile(r"\bfree\b[^.;]* in the UK\b", re.I),
    ]


@pytest.mark.parametrize("pattern", _decided_by_the_policy(), ids=lambda pattern: pattern.pattern)
def test_no_response_says_in_fixed_words_what_the_policy_decides(pattern: re.Pattern[str]) -> None:
    said = [f"{name}: {text}" for name, text in fixed_words() if pattern.search(text)]
    assert said == []
