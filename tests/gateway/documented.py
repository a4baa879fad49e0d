"""Holds every HTTP answer of a gateway under test against the OpenAPI document."""

import json
from functools import cache
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from gateway.openapi import document

_URI = "urn:document"


class Undocumented(AssertionError):
    """The gateway has answered in a way that its document does not know."""


@cache
def the_document() -> dict[str, Any]:
    return document(shop="Maple & Moor", url="http://127.0.0.1:8080")


@cache
def _registry() -> Registry[Any]:
    return Registry().with_resource(_URI, Resource(the_document(), DRAFT202012))


def check(schema: dict[str, Any], value: Any) -> None:
    """Raises jsonschema's ValidationError."""
    # References stand in the document as seen from its root.
    text = json.dumps(schema).replace('"#/components', f'"{_URI}#/components')
    Draft202012Validator(json.loads(text), registry=_registry()).validate(value)


def operation_of(request: web.Request) -> dict[str, Any] | None:
    """The document's operation for a request; None where the route is in no document."""
    resource = request.match_info.route.resource
    if resource is None:
        return None
    paths, method = the_document()["paths"], request.method.lower()
    path = resource.canonical + ("/{filename}" if isinstance(resource, web.StaticResource) else "")
    if path not in paths:
        # One of those whose last gap names what the body looks like.
        path = f"{path.rpartition('/')[0]}/{request.path.rpartition('/')[2]}"
    found: dict[str, Any] | None = paths.get(path, {}).get("get" if method == "head" else method)
    return found


@web.middleware
async def documented_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Raises Undocumented for a status or a body that the document does not have."""
    try:
        response = await handler(request)
    except web.HTTPException as refused:
        _check(request, refused)
        raise
    _check(request, response)
    return response


def _check(request: web.Request, response: web.StreamResponse) -> None:
    operation = operation_of(request)
    if operation is None:
        return
    described = operation["responses"].get(str(response.status))
    if described is None:
        raise Undocumented(f"{request.method} {request.path} answered {response.status}")
    if isinstance(response, web.Response) and response.content_type == "application/json":
        schema = described["content"]["application/json"]["schema"]
        check(schema, json.loads(response.text or "null"))
