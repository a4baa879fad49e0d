"""What the desk's interface answers about agents and escalations."""

from datetime import datetime
from typing import Any, Literal

from crm.conversations.handover import Handover
from crm.conversations.models import Author
from crm.escalations.models import EscalationState, Reason, Urgency
from escalation.document import EscalationDocument, Suggestion
from gateway.openapi.described import Shape


class AgentCard(Shape):
    """A colleague, as colleagues see them."""

    id: str
    name: str


class SignedInAgent(AgentCard):
    """Who is signed in."""

    email: str


class Session(Shape):
    """A session at the desk; `csrf_token` goes into the header of every write."""

    agent: SignedInAgent
    csrf_token: str


class LastMessage(Shape):
    """The beginning of what was written last, by the customer or by an agent."""

    author: Author
    name: str | None
    text: str
    created_at: datetime


class EscalationRow(Shape):
    """An escalation in the queue."""

    id: str
    conversation_id: str
    reason: Reason
    reason_label: str
    urgency: Urgency
    state: EscalationState
    leaves_message: bool
    customer_name: str
    summary: str
    waiting_since: datetime
    ended_at: datetime | None
    agent: AgentCard | None
    last_message: LastMessage | None
    unread: int
    seen_sequence: int


class Escalations(Shape):
    """Those asked for, the most urgent first."""

    escalations: list[EscalationRow]


class OneEscalation(Shape):
    """The escalation as it is now."""

    escalation: EscalationRow


class ChoiceTitle(Shape):
    """A quick reply; what it stands for stays on the server."""

    title: str


class MessageFrame(Shape):
    """One line of the transcript; kinds of attachments are in docs/protocol.md."""

    type: Literal["message"]
    sequence: int
    author: Author
    name: str | None
    text: str
    created_at: datetime
    client_message_id: str | None
    choices: list[ChoiceTitle]
    attachment: dict[str, Any] | None


class Messages(Shape):
    """Lines of the transcript, oldest first; the customer has read as far as `customer_saw`."""

    messages: list[MessageFrame]
    customer_saw: int


class OneMessage(Shape):
    """The reply as it was stored."""

    message: MessageFrame


class WholeEscalation(Shape):
    """An escalation with its document, the transcript as it is now, and which message each turn answers."""

    escalation: EscalationRow
    document: EscalationDocument
    transcript: list[MessageFrame]
    turns: dict[str, int]
    handover: Handover
    customer_saw: int
    suggestions: list[Suggestion]
