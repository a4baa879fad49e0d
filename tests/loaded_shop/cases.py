"""Conversations with customers of the sample shop, and what the store has to hold after each.

- case: cancels an order that was made by mistake
  email: yusuf.rossi7301@example.com
  order: "#W6247578"
  talk:                          # what the customer writes; `tap` is how one of the choices begins
    - say: please cancel order {order}
    - tap: "Yes, cancel it"
      answer: ["$53.27"]         # words of what is answered to it
      response: utter_cancel_done       # and one of the responses used
  rows: {status: cancelled}      # of the order, afterwards; no `rows`: nothing of the shop has changed
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from frontdesk.trainer.conversations.customer import Customer

FILE = Path(__file__).with_name("conversations.yml")


class AnsweredDifferently(AssertionError):
    """An answer lacks words that the case wants; the message has the conversation so far."""


@dataclass(frozen=True)
class Line:
    """What the customer does, and words and a response of the answer."""

    say: str | None = None
    tap: str | None = None
    answer: list[str] = field(default_factory=list)
    response: str | None = None


@dataclass(frozen=True)
class Conversation:
    """One conversation about one or two orders of a customer."""

    case: str
    email: str
    order: str
    talk: list[Line]
    rows: dict[str, Any] = field(default_factory=dict)
    order2: str = ""
    rows2: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.case

    @property
    def changed(self) -> set[str]:
        """Numbers of the orders that may be other than before."""
        return {
            number for number, rows in ((self.order, self.rows), (self.order2, self.rows2)) if number and rows
        }


def read_conversations() -> Iterator[Conversation]:
    """Every case. Raises TypeError for a key that is not known."""
    for entry in yaml.safe_load(FILE.read_text(encoding="utf-8")):
        yield Conversation(talk=[Line(**line) for line in entry.pop("talk")], **entry)


async def talk(conversation: Conversation, customer: Customer) -> list[str]:
    """Say all of it; what was said on both sides. Raises AnsweredDifferently, or what the customer raises."""
    customer.names |= {
        "email": conversation.email,
        "order": conversation.order,
        "order2": conversation.order2,
    }
    so_far: list[str] = []
    for line in conversation.talk:
        reply = await (customer.tap(line.tap) if line.tap else customer.write(line.say or ""))
        so_far += [f"> {(line.tap or line.say or '').format(**customer.names)}", reply.text]
        if line.response is not None and line.response not in reply.responses:
            raise AnsweredDifferently(f"no {line.response} in the last answer:\n" + "\n".join(so_far))
        for words in line.answer:
            if words.format(**customer.names) not in reply.text:
                raise AnsweredDifferently(f"{words!r} is not in the last answer:\n" + "\n".join(so_far))
    return so_far
