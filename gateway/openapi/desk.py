"""Routes of the desk about who is signed in and about escalations."""

from collections.abc import Sequence
from typing import Any

from crm.agents.errors import LoginLimited, LoginRefused
from crm.attachments.errors import PhotoUnknown
from crm.conversations.errors import ConversationNotFound, ForbiddenHandover
from crm.errors import SupportError
from crm.escalations.errors import AlreadyEnded, AlreadyTaken, EscalationNotFound, NotYours
from gateway.desk.errors import BadRequest, IdUsedElsewhere, NotFromTheDesk, TextMissing, TextTooLong
from gateway.desk.frames import LogIn, Reply, Resolve, Seen
from gateway.openapi.chat import socket
from gateway.openapi.described import Answer, Body, Described, Nothing, Parameter, Who
from gateway.openapi.desk_shapes import (
    Escalations,
    Messages,
    OneEscalation,
    OneMessage,
    Session,
    WholeEscalation,
)
from gateway.openapi.examples import example
from gateway.openapi.public import FILE_ANSWERS, page

DESK = "desk"
ONE = "/api/desk/escalations/{escalation_id}"
THE_ID = Parameter("path", "escalation_id", "the escalation's id", example="0" * 32)
DONE = Answer("Done.", Nothing, example={})
HELD = (EscalationNotFound, NotYours, AlreadyEnded)


def asked(path: str, name: str, says: str, answer: Answer, **more: Any) -> Described:
    """What an agent asks."""
    return Described("GET", path, name, says, DESK, who=Who.AGENT, answers={200: answer}, **more)


def done(
    action: str, says: str, answer: Answer, refusals: Sequence[type[SupportError]], body: Body | None = None
) -> Described:
    """What an agent does to an escalation."""
    return Described(
        "POST",
        f"{ONE}/{action}",
        action.replace("-", "_"),
        says,
        DESK,
        who=Who.AGENT,
        answers={200: answer},
        parameters=(THE_ID,),
        refusals=refusals,
        body=body,
    )


CHANGED = Answer("The escalation as it is now.", OneEscalation, example=example("one_escalation"))

ROUTES = (
    Described(
        "POST",
        "/api/desk/login",
        "log_in",
        "Sign in: sets the cookie",
        DESK,
        body=Body(LogIn, example={"email": "mara@maple-moor.example", "password": "a quiet maple"}),
        answers={200: Answer("Signed in.", Session, example=example("session"))},
        refusals=(LoginRefused, LoginLimited, NotFromTheDesk),
    ),
    Described(
        "POST",
        "/api/desk/logout",
        "log_out",
        "Sign out: the session ends on the server, too",
        DESK,
        who=Who.AGENT,
        answers={200: DONE},
    ),
    asked(
        "/api/desk/session",
        "session",
        "Who is signed in",
        Answer("That agent.", Session, example=example("session")),
    ),
    asked(
        "/api/desk/escalations",
        "escalations",
        "The queue",
        Answer("Those escalations.", Escalations, example=example("escalations")),
        parameters=(
            Parameter(
                "query",
                "state",
                "`open`: who waits and whom colleagues have; `mine`; `closed`: the newest hundred",
                {"type": "string", "enum": ["open", "mine", "closed"], "default": "open"},
                example="open",
            ),
        ),
        refusals=(BadRequest,),
    ),
    asked(
        ONE,
        "escalation",
        "One escalation with its whole story",
        Answer("All of it.", WholeEscalation, example=example("escalation")),
        parameters=(THE_ID,),
        refusals=(EscalationNotFound, ConversationNotFound),
    ),
    asked(
        f"{ONE}/messages",
        "messages",
        "What was said after a sequence number",
        Answer("Those lines.", Messages, example=example("messages")),
        parameters=(
            THE_ID,
            Parameter(
                "query",
                "after",
                "the last sequence number that is known",
                {"type": "integer", "minimum": 0, "maximum": 999_999_999, "default": 0},
                example=12,
            ),
        ),
        refusals=(BadRequest, EscalationNotFound),
    ),
    done(
        "take",
        "Take the conversation over; again changes nothing",
        CHANGED,
        (EscalationNotFound, AlreadyTaken, AlreadyEnded, ForbiddenHandover),
    ),
    done(
        "reply",
        "Write to the customer; the same id again is the same message",
        Answer("The message as it was stored.", OneMessage, example=example("one_message")),
        (*HELD, TextMissing, TextTooLong, IdUsedElsewhere),
        Body(Reply, example={"client_message_id": "b0a4f6c2-reply", "text": "I have sent it again."}),
    ),
    done("seen", "Note how far the agent has read", DONE, HELD, Body(Seen, example={"sequence": 12})),
    done(
        "resolve",
        "Close the conversation",
        CHANGED,
        (*HELD, ForbiddenHandover),
        Body(Resolve, example={"note": "Sent again, tracking in the order."}),
    ),
    done("hand-back", "Let the bot answer again", CHANGED, (*HELD, ForbiddenHandover)),
    socket(
        "/api/desk/socket",
        "desk_socket",
        "What changes at the desk, as it changes",
        DESK,
        who=Who.AGENT,
        codes={400: ("bad_request",)},
        refusals=(NotFromTheDesk,),
    ),
    Described(
        "GET",
        "/api/desk/attachments/{photo_id}",
        "customers_photo",
        "A customer's photo",
        DESK,
        who=Who.AGENT,
        answers={200: Answer("The picture, written anew.", media="image/jpeg")},
        parameters=(Parameter("path", "photo_id", "the id in the message's attachment", example="0" * 32),),
        refusals=(PhotoUnknown,),
    ),
    page("/desk", "desk", "The desk's page; it holds no data", DESK),
    Described(
        "GET",
        "/desk/static/{name}",
        "desk_file",
        "The desk's scripts and styles",
        DESK,
        answers=FILE_ANSWERS,
        parameters=(Parameter("path", "name", "the file's name", example="main.js"),),
    ),
)
