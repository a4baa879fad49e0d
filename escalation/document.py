"""The escalation document: all an agent needs to go on without asking again.

The published schema is docs/escalation.schema.json; a test keeps it equal to these models.
"""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from crm.complaints.models import ComplaintKind, Wish
from crm.conversations.models import Author, LedgerKind
from crm.escalations.models import EscalationState, Reason, Urgency
from crm.identity.services import Level

SCHEMA_VERSION: Literal[2] = 2


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Line(_Part):
    """One message of the transcript."""

    sequence: int
    author: Author
    name: str | None
    text: str
    at: datetime


class Tried(_Part):
    """One entry of the bot-tried ledger; the shape of `data` depends on `kind`."""

    turn_id: str | None
    kind: LedgerKind
    data: dict[str, Any]
    at: datetime


class Identity(_Part):
    """How sure we are who is writing."""

    level: Level
    proven_by: Literal["nothing", "order number and e-mail", "code sent by e-mail"]


class CustomerCard(_Part):
    """The customer's profile; only there when the identity is proven."""

    id: int
    name: str
    email: str
    phone: str | None
    since: datetime
    order_count: int
    marketing_consent: bool


class OrderLineCard(_Part):
    """So many of one thing; the price is of one, written with its currency."""

    name: str
    quantity: int
    price: str


class ShipmentCard(_Part):
    """A parcel on its way."""

    carrier: str
    tracking_code: str
    expected_on: date
    delivered_at: datetime | None


class OrderCard(_Part):
    """An order at the time of the escalation; `asked_about` marks those the conversation is about."""

    number: str
    status: str
    placed_at: datetime
    total: str
    paid_with: list[str]
    lines: list[OrderLineCard]
    shipments: list[ShipmentCard]
    asked_about: bool


class RefundCard(_Part):
    """Money on its way back."""

    order_number: str
    amount: str
    reason: str
    status: str
    created_at: datetime


class ComplaintCard(_Part):
    """What the customer reported in this conversation, gathered by the bot; `details` are their own words."""

    reference: str
    order_number: str
    kind: ComplaintKind
    items: list[str]
    details: str
    wish: Wish
    created_at: datetime


class PreparedLine(_Part):
    """One thing that the bot has asked for and a person needs in order to do what was wished."""

    label: str
    value: str


class EarlierCard(_Part):
    """An earlier escalation of the same customer or visitor."""

    id: str
    reason: Reason
    state: EscalationState
    created_at: datetime
    note: str | None


class SentimentPoint(_Part):
    """How one customer message sounds, from -1 (furious) to 1 (delighted)."""

    sequence: int
    score: float = Field(ge=-1, le=1)


class Sentiment(_Part):
    """The trend over the customer's messages."""

    points: list[SentimentPoint]
    latest: float = Field(ge=-1, le=1)
    trend: Literal["falling", "steady", "rising"]


class Suggestion(_Part):
    """A reply the knowledge base would give, with the article it rests on."""

    text: str
    title: str
    url: str
    score: float


class PageCard(_Part):
    """Where the customer writes from."""

    url: str
    title: str
    language: str
    device: str


class EscalationDocument(_Part):
    """Version 2 of the document; version 1 had no `matched`, `complaint` and `prepared`."""

    schema_version: Literal[2] = SCHEMA_VERSION
    conversation_id: str
    reason: Reason
    urgency: Urgency
    created_at: datetime
    # The customer's words that a watch word found, where one called the person.
    matched: str | None
    summary: str
    transcript: list[Line]
    tried: list[Tried]
    slots: dict[str, Any]
    identity: Identity
    customer: CustomerCard | None
    complaint: ComplaintCard | None
    prepared: list[PreparedLine]
    orders: list[OrderCard]
    open_refunds: list[RefundCard]
    earlier: list[EarlierCard]
    sentiment: Sentiment
    suggestions: list[Suggestion]
    page: PageCard


def published_schema() -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of the stored document."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **EscalationDocument.model_json_schema(mode="serialization"),
    }
