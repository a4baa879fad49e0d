"""The frames of the chat protocol, docs/protocol.md: what comes in is checked, what goes out is built."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from crm.conversations.models import Conversation, Message

PROTOCOL = 1

ClientMessageId = Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
# What a database can count to: PostgreSQL refuses a larger number instead of finding nothing.
Sequence = Annotated[int, Field(ge=0, le=2_147_483_647)]


class BadFrame(ValueError):
    """A frame that is not of the protocol."""


class _Frame(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Page(_Frame):
    """Where the customer writes from."""

    url: str = Field(default="", max_length=2_000)
    title: str = Field(default="", max_length=300)
    language: str = Field(default="", max_length=35)
    device: str = Field(default="", max_length=200)


class Hello(_Frame):
    """The first frame of a socket."""

    type: Literal["hello"]
    protocol: int
    token: str | None = Field(default=None, max_length=128)
    last_sequence: Sequence = 0
    page: Page = Page()


class TextMessage(_Frame):
    """What the customer typed. Length is judged against the limits, not here."""

    type: Literal["message"]
    client_message_id: ClientMessageId
    text: str


class Choose(_Frame):
    """A quick reply of the last message was tapped."""

    type: Literal["choose"]
    client_message_id: ClientMessageId
    sequence: Sequence
    choice: int = Field(ge=0, le=50)


class TalkToPerson(_Frame):
    """The button that is always there."""

    type: Literal["talk_to_person"]
    client_message_id: ClientMessageId


class Judge(_Frame):
    """Whether the answer in that message helped; the last word counts."""

    type: Literal["judge"]
    sequence: Sequence
    helped: bool


class Seen(_Frame):
    """The customer has the transcript up to there before their eyes."""

    type: Literal["seen"]
    sequence: Sequence


class Typing(_Frame):
    """The customer is writing."""

    type: Literal["typing"]


class Ping(_Frame):
    """A heartbeat; answered with a pong."""

    type: Literal["ping"]


Incoming = Hello | TextMessage | Choose | TalkToPerson | Judge | Seen | Typing | Ping
_incoming: TypeAdapter[Incoming] = TypeAdapter(Annotated[Incoming, Field(discriminator="type")])


def read_frame(data: str) -> Incoming:
    """One frame of a client. Raises BadFrame."""
    try:
        return _incoming.validate_json(data)
    except ValidationError as error:
        raise BadFrame(f"{error.error_count()} problems in a frame") from None


def message_frame(message: Message) -> dict[str, Any]:
    """A stored message as browsers see it; what choices stand for stays here."""
    return {
        "type": "message",
        "sequence": message.sequence,
        "author": str(message.author),
        "name": message.author_name,
        "text": message.text,
        "created_at": message.created_at.isoformat(),
        "client_message_id": message.client_message_id,
        "choices": [{"title": choice["title"]} for choice in message.choices],
        "attachment": message.attachment,
    }


def state_frame(
    conversation: Conversation, *, agent: str | None, place: int | None, agent_saw: int
) -> dict[str, Any]:
    """Who answers now, and how far both sides have read."""
    return {
        "type": "state",
        "handover": str(conversation.handover),
        "agent": agent,
        "place": place,
        "seen": {"customer": conversation.customer_saw, "agent": agent_saw},
    }


def error_frame(code: str, text: str, client_message_id: str | None = None) -> dict[str, Any]:
    """A refusal in words for the customer."""
    return {"type": "error", "code": code, "text": text, "client_message_id": client_message_id}
