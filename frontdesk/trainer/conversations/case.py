"""A conversation case as its YAML file says it.

- case: finds an order with its number and e-mail
  orders:                           # made for this case; {order}, {email}, then {order2} ...
    - status: shipped
  steps:
    - say: where is my order?       # or `tap: Yes, cancel`, how one of the choices begins
      expect: [utter_ask_order_number]      # the responses used, in order
      contains: [MM-10432]                  # somewhere in what was said
      slots: {order_number: "{order}"}
      paused: true                          # a person answers from now on
  then:                             # in the store, afterwards
    order: cancelled                # status of the first order
    refunded: 5990                  # minor units
    returned: withdrawn             # the state of the first order's newest return
    audited: cancel_order
    escalated: asked_for            # the reason; `null` for none
    codes: 1                        # one-time codes mailed
    recorded: [return]              # also complaint, refund_request; none is `[]`
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FOLDER = "tests/conversations"


@dataclass(frozen=True)
class Step:
    """What the customer does, and what must follow."""

    say: str | None = None
    tap: str | None = None
    expect: list[str] = field(default_factory=list)
    contains: list[str] = field(default_factory=list)
    attachment: str | None = None
    slots: dict[str, Any] = field(default_factory=dict)
    paused: bool = False


@dataclass(frozen=True)
class Case:
    """One conversation from its beginning to what it left behind."""

    topic: str
    case: str
    steps: list[Step]
    orders: list[dict[str, Any]] = field(default_factory=list)
    then: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.topic}: {self.case}"


def read_cases(root: Path) -> Iterator[Case]:
    """Every case of every topic. Raises TypeError for a key that is not known."""
    for path in sorted((root / FOLDER).glob("*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")) or []:
            steps = [Step(**step) for step in entry.pop("steps")]
            yield Case(topic=path.stem, steps=steps, **entry)
