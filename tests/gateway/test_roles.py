"""Every route with an id in it, tried with somebody else's id by everybody who can reach the gateway.

The routes are those of the running application: one that is added later fails here until it is in the table.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar

from crm.agents.services import create_agent
from crm.database import new_id
from gateway.desk.customer_operations import CUSTOMER_OPERATIONS
from gateway.desk.operations import OPERATIONS
from gateway.openapi.document import ROUTES
from tests.e2e.desk_story import everything_happened
from tests.gateway.chat.test_photos import is_a, photo, sent
from tests.gateway.conftest import RunningGateway
from tests.gateway.desk.stage import PASSWORD, Clock, Stage, cheap_passwords
from tests.gateway.documented import the_document
from tests.gateway.test_strangers import sign_in

ONE = "/api/desk/escalations/{escalation_id}"
HIS_TO_READ, NOT_HIS, NOBODYS = 200, 409, 404
# Route to what a colleague gets who does not hold the conversation: they may look, and not act in it.
COLLEAGUE = {
    ("GET", ONE): HIS_TO_READ,
    ("GET", f"{ONE}/messages"): HIS_TO_READ,
    ("GET", f"{ONE}/orders"): HIS_TO_READ,
    ("POST", f"{ONE}/take"): NOT_HIS,
    ("POST", f"{ONE}/reply"): NOT_HIS,
    ("POST", f"{ONE}/seen"): NOT_HIS,
    ("POST", f"{ONE}/resolve"): NOT_HIS,
    ("POST", f"{ONE}/hand-back"): NOT_HIS,
    ("POST", f"{ONE}/customer/operations/{{operation}}"): NOT_HIS,
    ("GET", "/api/desk/orders/{number}"): HIS_TO_READ,
    ("POST", "/api/desk/orders/{number}/operations/{operation}"): NOT_HIS,
    ("GET", "/api/desk/attachments/{photo_id}"): HIS_TO_READ,
    ("POST", "/api/desk/dead-letters/{letter}/retry"): NOBODYS,
}
# Without ids of anybody's.
PUBLIC = {"/help/{slug}", "/widget/{filename}", "/shop/{filename}", "/desk/static/{name}"}
PHOTOS = {"/api/chat/photos/{photo_id}"}


@dataclass
class Story:
    """Mara holds a conversation with everything in it; Jonas is at the desk, too."""

    names: dict[str, str]
    mara: ClientSession
    jonas: ClientSession
    stranger: ClientSession

    def requests(self) -> list[tuple[str, str, str, dict[str, Any] | None]]:
        """Method, path of the table, path with the ids and body; each operation by itself."""
        found = []
        for method, path in COLLEAGUE:
            several = {"orders": OPERATIONS, "escalations": CUSTOMER_OPERATIONS}.get(path.split("/")[3], {})
            for operation in several if "{operation}" in path else [""]:
                filled = path.format(**self.names, operation=operation)
                told = the_document()["paths"][path.replace("{operation}", operation)][method.lower()]
                content = told.get("requestBody", {}).get("content", {})
                body = content.get("application/json", {}).get("example")
                if operation:
                    body = {**body, "request_id": new_id()}
                if operation in OPERATIONS and "orders" in path:
                    body["escalation_id"] = self.names["escalation_id"]
                found.append((method, path, filled, body))
        return found


async def signed_in(gateway: RunningGateway, session: ClientSession, name: str) -> None:
    email = f"{name.lower()}@shop.example"
    async with gateway.database.transaction() as writing:
        hashed = await cheap_passwords().hash(PASSWORD)
        await create_agent(writing, name=name, email=email, password_hash=hashed, now=datetime.now(UTC))
    async with session.post("/api/desk/login", json={"email": email, "password": PASSWORD}) as answer:
        session.headers["X-CSRF-Token"] = (await answer.json())["csrf_token"]


@pytest.fixture
async def story(gateway: RunningGateway) -> AsyncIterator[Story]:
    async with AsyncExitStack() as stack:
        mara, jonas, stranger = [
            await stack.enter_async_context(ClientSession(gateway.url, cookie_jar=CookieJar(unsafe=True)))
            for _ in range(3)
        ]
        await signed_in(gateway, jonas, "Jonas")
        mara.headers["X-CSRF-Token"] = await sign_in(gateway, mara)
        stage = Stage(gateway.app, None, gateway.database, cheap_passwords(), Clock())  # type: ignore[arg-type]
        escalation = await everything_happened(stage)
        async with mara.post(f"/api/desk/escalations/{escalation.id}/take") as taken:
            assert taken.status == 200
        customer = await stack.enter_async_context(gateway.client())
        await customer.until(is_a("state"))
        assert (await sent(stranger, customer.token, photo((20, 20)))).status == 201
        shown = await customer.until(lambda frame: bool(frame.get("attachment")))
        names = {
            "escalation_id": escalation.id,
            "number": escalation.document["orders"][0]["number"],
            "photo_id": shown["attachment"]["id"],
            "letter": "1",
        }
        other = await stack.enter_async_context(gateway.client())
        await other.until(is_a("state"))
        stranger.headers["Authorization"] = f"Bearer {other.token}"
        yield Story(names, mara, jonas, stranger)


def test_every_route_with_an_id_is_in_the_table() -> None:
    with_ids = {(each.method, each.path) for each in ROUTES if "{" in each.path and each.method != "OPTIONS"}
    assert {route for route in with_ids if route[1] not in PUBLIC | PHOTOS} == set(COLLEAGUE)


async def test_what_is_anothers_is_out_of_reach_for_visitors_and_not_to_act_on_for_colleagues(
    story: Story,
) -> None:
    wrong = []
    assert len(story.requests()) == len(COLLEAGUE) + len(OPERATIONS) + len(CUSTOMER_OPERATIONS) - 2
    for method, path, filled, body in story.requests():
        for who, expected in ((story.stranger, 401), (story.jonas, COLLEAGUE[method, path])):
            async with who.request(method, filled, json=body) as answer:
                if answer.status != expected:
                    wrong.append((method, filled, answer.status, expected, await answer.text()))
    assert wrong == []
    async with story.stranger.get(f"/api/chat/photos/{story.names['photo_id']}") as answer:
        assert answer.status == 404
    async with story.mara.get(f"/api/desk/escalations/{story.names['escalation_id']}") as answer:
        row = (await answer.json())["escalation"]
    assert (row["state"], row["agent"]["name"]) == ("taken", "Mara Lindqvist")


async def test_what_has_ended_is_nobodys_to_act_on(story: Story) -> None:
    ended = f"/api/desk/escalations/{story.names['escalation_id']}"
    async with story.mara.post(f"{ended}/resolve", json={}) as answer:
        assert answer.status == 200
    wrong = []
    for method, path, filled, body in story.requests():
        if method == "GET" or "dead-letters" in path:
            continue
        for who in (story.mara, story.jonas):
            async with who.request(method, filled, json=body) as answer:
                code = (await answer.json()).get("error", {}).get("code")
                if (answer.status, code) != (409, "already_ended"):
                    wrong.append((method, filled, answer.status, code))
    assert wrong == []
