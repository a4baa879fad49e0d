"""The bodies and frames that the desk's pages send, checked at the door."""

from typing import Annotated, Literal, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.chat.frames import ClientMessageId, Sequence
from gateway.desk.errors import BadRequest

LONGEST_REPLY = 4_000
LONGEST_NOTE = 2_000

Body = TypeVar("Body", bound=BaseModel)
Id = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class LogIn(_Body):
    email: str = Field(max_length=254)
    password: str = Field(max_length=2_000, repr=False)


class Reply(_Body):
    """Length is judged by the route, which has a sentence for it."""

    client_message_id: ClientMessageId
    text: str


class Seen(_Body):
    sequence: Sequence


class Resolve(_Body):
    note: str | None = Field(default=None, max_length=LONGEST_NOTE)


class SocketFrame(_Body):
    """What a desk page may say on its socket."""

    type: Literal["typing", "ping"]
    escalation_id: Id | None = None


async def read_body(request: web.Request, shape: type[Body]) -> Body:
    """The JSON body. Raises BadRequest, never with what was in it.

    The content type is required: a form of another site cannot send it without asking first.
    """
    if request.content_type != "application/json":
        raise BadRequest("the body is not JSON")
    try:
        return shape.model_validate_json(await request.read())
    except ValidationError as error:
        raise BadRequest(f"{error.error_count()} problems in the body") from None
