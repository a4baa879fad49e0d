"""Puts the descriptions of the routes together: OpenAPI 3.1."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from gateway.errors import code_of
from gateway.openapi import chat, customers, desk, orders, public
from gateway.openapi.described import Answer, Body, Described, Parameter, Problem, Who

ROUTES: tuple[Described, ...] = (
    *public.ROUTES,
    *chat.ROUTES,
    *desk.ROUTES,
    *orders.ROUTES,
    *customers.ROUTES,
)

_REFERENCE = "#/components/schemas/{model}"
_GAP = re.compile(r"{(\w+)}")
_WHAT_STATUSES_MEAN = {
    400: "The request cannot be read.",
    401: "Nobody is signed in, or the token is no conversation's.",
    403: "The request was not sent by a page that may send it.",
    404: "What is asked for is not there.",
    408: "The body came too slowly.",
    409: "The shop's rules, or what has happened meanwhile, stand against it.",
    413: "The body is too large.",
    415: "That is of no kind that is taken here.",
    422: "What was sent can be read and makes no sense.",
    429: "Too many in too short a time.",
    500: "Something went wrong here; the error's text has a reference to the log.",
    503: "The database is away for the moment; nothing was done.",
}
_FROM_THE_STORE = {500: ("internal",), 503: ("unavailable",)}
_WITH_A_BODY = {400: ("bad_request",), 408: ("body_too_slow",), 413: ("too_large",)}
_SECURITY: dict[Who, list[dict[str, list[str]]]] = {
    Who.ANYBODY: [],
    Who.VISITOR: [{"conversation": []}],
    Who.AGENT: [{"desk": []}],
}
_SCHEMES = {
    "conversation": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of a conversation, as `welcome` gives it on the chat's socket.",
    },
    "desk": {
        "type": "apiKey",
        "in": "cookie",
        "name": "frontdesk-desk",
        "description": "A signed-in agent's session; `__Host-frontdesk-desk` where the desk is on HTTPS.",
    },
    "page": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRF-Token",
        "description": "The `csrf_token` of the same session. Without it no page of ours has sent the write.",
    },
}


def document(*, shop: str, url: str, served: Iterable[tuple[str, str]] | None = None) -> dict[str, Any]:
    """The whole document; `served`, pairs of method and path, leaves out what this gateway does not serve."""
    kept = None if served is None else set(served)
    described = [each for each in ROUTES if kept is None or (each.method, each.path) in kept]
    schemas, definitions = _schemas(described)
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for each in described:
        for path, name, body in _paths_of(each):
            paths[path][each.method.lower()] = _operation(each, path, name, body, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Frontdesk of {shop}",
            "version": "1",
            "description": "Every HTTP route of the gateway. The chat itself is a WebSocket, described in "
            "docs/protocol.md. Each GET answers HEAD as well. Every error below /api is a `Problem`.",
        },
        "servers": [{"url": url.rstrip("/")}],
        "paths": dict(paths),
        "components": {"schemas": definitions, "securitySchemes": _SCHEMES},
    }


def _paths_of(each: Described) -> Iterator[tuple[str, str, Body | None]]:
    if not each.bodies:
        yield each.path, each.name, each.body
        return
    start, _, _ = each.path.rpartition("/")
    for name, body in each.bodies.items():
        yield f"{start}/{name}", f"{each.name}_{name}", body


def _operation(
    each: Described, path: str, name: str, body: Body | None, schemas: Mapping[type[BaseModel], Any]
) -> dict[str, Any]:
    answers = {status: _answer(answer, schemas) for status, answer in each.answers.items()}
    for status, codes in _refusals(each, body).items():
        if status in answers:
            continue
        means = f"{_WHAT_STATUSES_MEAN[status]} Codes: {', '.join(codes)}."
        answers[status] = _answer(Answer(means, Problem, example=_problem(codes[0])), schemas)
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": each.says,
        "tags": [each.topic],
        "parameters": [_parameter(one) for one in _parameters(each, path)],
        "responses": {str(status): answers[status] for status in sorted(answers)},
    }
    security = _SECURITY[each.who]
    if each.who is Who.AGENT and each.method != "GET":
        security = [{**one, "page": []} for one in security]
    operation["security"] = security
    if body is not None:
        operation["requestBody"] = {"required": True, "content": _content_of(body, schemas)}
    return operation


def _refusals(each: Described, body: Body | None) -> dict[int, list[str]]:
    """Status to codes, in order."""
    found: dict[int, list[str]] = defaultdict(list)
    for status, codes in each.codes.items():
        found[status] += codes
    for error in each.refusals:
        found[error.status].append(code_of(error))
    implied: list[Mapping[int, Sequence[str]]] = []
    if each.path.startswith(("/api/chat/", "/api/desk/", "/demo/")) and each.method != "OPTIONS":
        implied.append(_FROM_THE_STORE)
    if each.path.startswith("/api/desk/") and each.who is Who.AGENT:
        implied.append({401: ("not_signed_in",)})
        if each.method != "GET":
            implied.append({403: ("not_from_the_desk",)})
    if body is not None:
        implied.append(_WITH_A_BODY)
    for more in implied:
        for status, codes in more.items():
            found[status] += [code for code in codes if code not in found[status]]
    return {status: found[status] for status in sorted(found)}


def _parameters(each: Described, path: str) -> Iterator[Parameter]:
    given = {(one.place, one.name): one for one in each.parameters}
    for gap in _GAP.findall(path):
        yield given.pop(("path", gap))
    yield from (one for place_and_name, one in given.items() if place_and_name[0] != "path")


def _parameter(one: Parameter) -> dict[str, Any]:
    return {
        "in": one.place,
        "name": one.name,
        "description": one.means,
        "required": one.required or one.place == "path",
        "schema": dict(one.schema),
        **({} if one.example is None else {"example": one.example}),
    }


def _answer(answer: Answer, schemas: Mapping[type[BaseModel], Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {"description": answer.means}
    if answer.shape is not None:
        shown["content"] = {"application/json": _media(schemas[answer.shape], answer.example)}
    elif answer.media:
        shown["content"] = {answer.media: {"schema": {}}}
    return shown


def _content_of(body: Body, schemas: Mapping[type[BaseModel], Any]) -> dict[str, Any]:
    schema = {} if body.shape is None else schemas[body.shape]
    return {media: _media(schema, body.example) for media in body.media}


def _media(schema: Any, example: Any) -> dict[str, Any]:
    return {"schema": schema, **({} if example is None else {"example": example})}


def _problem(code: str) -> dict[str, Any]:
    return {"error": {"code": code, "text": "A sentence for people."}}


def _schemas(described: Sequence[Described]) -> tuple[dict[type[BaseModel], Any], dict[str, Any]]:
    """The schema of each shape, and what they refer to. Requests are described as they may be sent."""
    sent = {body.shape for each in described for _, _, body in _paths_of(each) if body is not None}
    answered = {answer.shape for each in described for answer in each.answers.values()}
    wanted: list[tuple[type[BaseModel], Any]] = [
        *((shape, "validation") for shape in sent if shape is not None),
        *((shape, "serialization") for shape in {*answered, Problem} if shape is not None),
    ]
    wanted.sort(key=lambda pair: pair[0].__name__)
    found, together = models_json_schema(wanted, ref_template=_REFERENCE)
    return {shape: found[shape, mode] for shape, mode in wanted}, together.get("$defs", {})
