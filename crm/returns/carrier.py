"""The carrier that brings returns back: asking for a label, and letting one go that is not needed.

What the carrier has to do leaves with the transaction, by the outbox; crm/returns/labels.py does it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from crm.outbox.services import CARRIER, enqueue
from crm.returns.models import Postage, Return

BOOK, LET_GO = "book", "let_go"


class CarrierRefused(Exception):
    """The carrier does not do it, and asking again cannot help."""


class CarrierTimedOut(Exception):
    """Nobody knows whether the carrier has done it: it is asked again with the same key."""


@dataclass(frozen=True)
class Parcel:
    """What a label is for: our reference, and the postcode and country it comes from."""

    label: str
    postcode: str
    country: str


class ReturnCarrier(Protocol):
    """Both may be asked again with the same key and then answer what they answered before.

    They raise CarrierRefused and CarrierTimedOut.
    """

    async def book(self, parcel: Parcel, *, key: str) -> str:
        """Make a label; returns the tracking code."""

    async def let_go(self, label: str, *, key: str) -> None:
        """The label is not used any more."""


def label_of(sent: Return) -> str:
    """Our reference of the return's label, which stands in the customer's receipt and on the parcel."""
    return f"{sent.reference}-L"


async def ask_for_label(session: AsyncSession, sent: Return, now: datetime) -> None:
    """Ask the carrier for the free label, where there is one."""
    await _ask(session, BOOK, sent, now)


async def let_label_go(session: AsyncSession, sent: Return, now: datetime) -> None:
    """Tell the carrier that the parcel does not come."""
    await _ask(session, LET_GO, sent, now)


async def _ask(session: AsyncSession, task: str, sent: Return, now: datetime) -> None:
    if sent.postage is Postage.FREE_LABEL:
        await enqueue(session, CARRIER, {"do": task, "return": sent.id}, now)
