"""Routes for whoever holds the token of a conversation: the socket and the photos."""

from typing import Any

from pydantic import Field

from crm.attachments.errors import PhotoRule, PhotoUnknown
from gateway.openapi.described import Answer, Body, Described, Parameter, Shape, Who

CHAT = "chat"
PICTURES = ("image/jpeg", "image/png", "image/webp")
AN_ID = "[0-9a-f]{32}"


class PhotoTaken(Shape):
    """The photo is a message of the transcript."""

    sequence: int = Field(ge=1)


def socket(path: str, name: str, says: str, topic: str, **more: Any) -> Described:
    """A WebSocket: its request is HTTP, its frames are not in this document."""
    upgraded = Answer("The connection is a WebSocket from here on; its frames are in docs/protocol.md.")
    return Described("GET", path, name, says, topic, answers={101: upgraded}, **more)


def preflight(path: str, name: str, *parameters: Parameter) -> Described:
    return Described(
        "OPTIONS",
        path,
        name,
        "What a browser asks before it sends the token from the shop's origin to ours",
        CHAT,
        answers={204: Answer("From these origins, with these headers.")},
        parameters=parameters,
    )


PHOTO_ID = Parameter(
    "path", "photo_id", "the id in the message's attachment", {"type": "string"}, example="0" * 32
)

ROUTES = (
    socket(
        "/api/chat/socket",
        "chat_socket",
        "The conversation, protocol version 1",
        CHAT,
        codes={400: ("bad_request",), 403: ("other_origin",), 429: ("too_fast",)},
    ),
    Described(
        "POST",
        "/api/chat/photos",
        "send_photo",
        "Send a photo as a message; the same id again is the same photo",
        CHAT,
        who=Who.VISITOR,
        body=Body(media=PICTURES),
        answers={201: Answer("It is kept and acknowledged.", PhotoTaken, example={"sequence": 7})},
        parameters=(
            Parameter(
                "header",
                "X-Client-Message-Id",
                "the message's id, made by the client",
                {"type": "string", "minLength": 8, "maxLength": 64, "pattern": "^[A-Za-z0-9_-]+$"},
                required=True,
                example="b0a4f6c2-photo",
            ),
        ),
        codes={
            400: ("bad_frame",),
            401: ("unknown_token",),
            403: ("other_origin",),
            409: (PhotoRule.ENOUGH,),
            413: (PhotoRule.TOO_LARGE, PhotoRule.TOO_MANY_PIXELS),
            415: (PhotoRule.NOT_A_PHOTO,),
            429: ("too_fast",),
        },
    ),
    preflight("/api/chat/photos", "may_send_photo"),
    Described(
        "GET",
        "/api/chat/photos/{photo_id}",
        "photo",
        "A photo, for the conversation that it was sent in",
        CHAT,
        who=Who.VISITOR,
        answers={200: Answer("The picture, written anew.", media="image/jpeg")},
        parameters=(PHOTO_ID,),
        refusals=(PhotoUnknown,),
        codes={403: ("other_origin",), 429: ("too_fast",)},
    ),
    preflight("/api/chat/photos/{photo_id}", "may_see_photo", PHOTO_ID),
)
