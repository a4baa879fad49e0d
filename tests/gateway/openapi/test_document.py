"""The OpenAPI document: every route is in it, its examples are of its own shapes, and it is served."""

import json
from collections.abc import Iterator
from typing import Any

from aiohttp import ClientSession

from gateway.desk.operations import OPERATIONS
from gateway.openapi.document import ROUTES
from gateway.openapi.route import served
from tests.gateway.conftest import RunningGateway, StartGateway
from tests.gateway.documented import check, the_document


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in the_document()["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def media(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for told in [operation.get("requestBody", {}), *operation["responses"].values()]:
        yield from told.get("content", {}).values()


async def test_every_route_of_the_gateway_is_in_the_document_and_no_other(gateway: RunningGateway) -> None:
    assert {(each.method, each.path) for each in ROUTES} == set(served(gateway.app))


async def test_every_operation_on_an_order_has_a_path_of_its_own() -> None:
    start = "/api/desk/orders/{number}/operations/"
    told = {path.removeprefix(start) for path in the_document()["paths"] if path.startswith(start)}
    assert told == set(OPERATIONS)


async def test_the_document_is_served_to_everybody_with_what_this_gateway_serves(
    start_gateway: StartGateway,
) -> None:
    gateway = await start_gateway(demo=False, public_url="https://support.example", shop_name="Moor")
    async with ClientSession(gateway.url) as anybody, anybody.get("/api/openapi.json") as answer:
        told = json.loads(await answer.text())
    assert told["openapi"].startswith("3.1")
    assert told["servers"] == [{"url": "https://support.example"}]
    assert "/demo/orders.json" not in told["paths"]
    assert "/api/desk/login" in told["paths"]


async def test_every_json_body_and_answer_has_an_example_of_its_own_shape() -> None:
    missing = []
    for name, operation in operations():
        for told in media(operation):
            if not told["schema"] or name == "GET /api/openapi.json":
                continue
            if "example" not in told:
                missing.append(name)
            else:
                check(told["schema"], told["example"])
    assert missing == []


async def test_what_an_agent_may_ask_or_do_tells_how_they_prove_who_they_are() -> None:
    for name, operation in operations():
        if "/api/desk/" in name and "login" not in name:
            proofs = {"desk"} if name.startswith("GET") else {"desk", "page"}
            assert [set(one) for one in operation["security"]] == [proofs], name
            assert "401" in operation["responses"], name


async def test_names_of_operations_are_their_own() -> None:
    names = [operation["operationId"] for _, operation in operations()]
    assert len(names) == len(set(names))
