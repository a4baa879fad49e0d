"""How a route is described: what it takes, what it answers, who may ask and why it refuses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from crm.errors import SupportError

ANYTHING: dict[str, Any] = {"type": "string"}


class Who(StrEnum):
    """Who a route is for."""

    ANYBODY = "anybody"
    # Whoever holds the token of a conversation.
    VISITOR = "visitor"
    # Whoever is signed in at the desk.
    AGENT = "agent"


class Shape(BaseModel):
    """A JSON object with these fields and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Shape):
    """Done; there is nothing to say about it."""


class Error(Shape):
    """`code` is for programs and stays as it is; `text` is for people; `rule` is the shop's that refuses."""

    code: str
    text: str
    rule: str | None = None


class Problem(Shape):
    """Why a request was not answered as it was asked."""

    error: Error


@dataclass(frozen=True)
class Answer:
    """One status of a route; without a body where `shape` and `media` are empty."""

    means: str
    shape: type[BaseModel] | None = None
    media: str = ""
    example: Any = None


@dataclass(frozen=True)
class Body:
    """What is sent along: a JSON object of this shape, or the bytes of these kinds."""

    shape: type[BaseModel] | None = None
    media: Sequence[str] = ("application/json",)
    example: Any = None


@dataclass(frozen=True)
class Parameter:
    """Part of the path, of the query or of the headers; what stands in a path is always required."""

    place: str
    name: str
    means: str
    schema: Mapping[str, Any] = field(default_factory=lambda: ANYTHING)
    required: bool = False
    example: Any = None


@dataclass(frozen=True)
class Described:
    """One route; `refusals` are the errors its handler may raise, each with the status it knows.

    `bodies` are for a route whose last gap in the path names what the body looks like: each becomes a path.
    """

    method: str
    path: str
    name: str
    says: str
    topic: str
    answers: Mapping[int, Answer]
    who: Who = Who.ANYBODY
    body: Body | None = None
    bodies: Mapping[str, Body] = field(default_factory=dict)
    parameters: Sequence[Parameter] = ()
    refusals: Sequence[type[SupportError]] = ()
    # Statuses of refusals that the route words itself, with their codes.
    codes: Mapping[int, Sequence[str]] = field(default_factory=dict)
