"""Who gets through the desk's door."""

from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession

from crm.agents.models import Agent
from tests.gateway.desk.stage import PASSWORD, Stage, running_stage

LOGIN = "/api/desk/login"
MARA = {"email": "mara@shop.example", "password": PASSWORD}


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(stage: Stage, browser) -> None:
    await stage.agent()
    answer = await (await browser()).client.post(LOGIN, json=MARA)
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert answer.headers["Cache-Control"] == "no-store"


async def test_over_https_the_cookie_is_secure_and_bound_to_the_host(tmp_path: Path) -> None:
    async with running_stage(tmp_path, public_url="https://desk.shop.example") as stage:
        await stage.agent()
        async with (
            ClientSession() as session,
            session.post(stage.server.make_url(LOGIN), json=MARA) as answer,
        ):
            cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-")
    assert "Secure" in cookie


async def test_wrong_password_and_unknown_email_get_the_same_answer(stage: Stage, browser) -> None:
    await stage.agent()
    client = (await browser()).client
    answers = []
    for email in ("mara@shop.example", "nobody@shop.example"):
        answer = await client.post(LOGIN, json={"email": email, "password": "wrong"})
        answers.append((answer.status, await answer.text(), sorted(answer.headers)))
    assert answers[0] == answers[1]
    assert answers[0][0] == 401


async def test_guessing_is_stopped_and_says_so(stage: Stage, browser) -> None:
    await stage.agent()
    client = (await browser()).client
    statuses = [
        (await client.post(LOGIN, json={"email": "mara@shop.example", "password": str(n)})).status
        for n in range(6)
    ]
    assert statuses == [401] * 5 + [429]
    assert (await client.post(LOGIN, json=MARA)).status == 429
    stage.clock.at += timedelta(minutes=16)
    assert (await client.post(LOGIN, json=MARA)).status == 200


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"email": 1}', b'{"email": "a@b.c", "password": null}', b"\xff\xfe"]
)
async def test_a_log_in_that_cannot_be_read_is_refused(stage: Stage, browser, body: bytes) -> None:
    client = (await browser()).client
    answer = await client.post(LOGIN, data=body, headers={"Content-Type": "application/json"})
    assert answer.status == 400


async def test_another_site_can_neither_sign_in_nor_send_a_form(stage: Stage, browser) -> None:
    await stage.agent()
    client = (await browser()).client
    foreign = await client.post(LOGIN, json=MARA, headers={"Origin": "https://evil.example"})
    assert foreign.status == 403
    form = await client.post(LOGIN, data=MARA)
    assert form.status == 400


async def test_a_write_needs_the_csrf_token_and_our_origin(stage: Stage, browser) -> None:
    await stage.agent()
    escalation = await stage.escalated()
    mara = await browser()
    await mara.log_in()
    take = f"/api/desk/escalations/{escalation.id}/take"
    for headers in (
        {},
        {"X-CSRF-Token": "guess"},
        {"X-CSRF-Token": mara.csrf, "Origin": "https://evil.example"},
    ):
        assert (await mara.client.post(take, json={}, headers=headers)).status == 403
    assert (await mara.post(f"escalations/{escalation.id}/take"))[0] == 200


async def test_the_token_of_one_session_is_no_good_in_another(stage: Stage, browser) -> None:
    await stage.agent()
    await stage.agent("Jonas Adeyemi", "jonas@shop.example")
    mara, jonas = await browser(), await browser()
    await mara.log_in()
    await jonas.log_in("jonas@shop.example")
    mara.csrf = jonas.csrf
    assert (await mara.post("logout"))[0] == 403


async def test_signing_out_ends_the_session_on_the_server(stage: Stage, browser) -> None:
    await stage.agent()
    mara, thief = await browser(), await browser()
    await mara.log_in()
    thief.client.session.cookie_jar.update_cookies(
        {cookie.key: cookie.value for cookie in mara.client.session.cookie_jar}, stage.server.make_url("/")
    )
    assert (await thief.get("session"))[0] == 200
    assert (await mara.post("logout"))[0] == 200
    assert (await mara.get("session"))[0] == 401
    assert (await thief.get("session"))[0] == 401


async def test_a_session_ends_when_idle_and_stays_while_used(stage: Stage, browser) -> None:
    await stage.agent()
    mara = await browser()
    await mara.log_in()
    for _ in range(3):
        stage.clock.at += timedelta(hours=11)
        assert (await mara.get("escalations"))[0] == 200
    stage.clock.at += timedelta(hours=12)
    assert (await mara.get("escalations"))[0] == 401


async def test_an_agent_who_left_is_out_at_once(stage: Stage, browser) -> None:
    agent = await stage.agent()
    mara = await browser()
    await mara.log_in()
    async with stage.database.transaction() as session:
        (await session.get_one(Agent, agent.id)).active = False
    assert (await mara.get("session"))[0] == 401


ROUTES = [
    ("GET", "session"),
    ("POST", "logout"),
    ("GET", "escalations?state=open"),
    ("GET", "escalations?state=mine"),
    ("GET", "escalations?state=closed"),
    ("GET", "escalations/{id}"),
    ("GET", "escalations/{id}/messages"),
    ("POST", "escalations/{id}/take"),
    ("POST", "escalations/{id}/reply"),
    ("POST", "escalations/{id}/seen"),
    ("POST", "escalations/{id}/resolve"),
    ("POST", "escalations/{id}/hand-back"),
    ("GET", "socket"),
    ("GET", "escalations/{id}/orders"),
    ("GET", "orders/{number}"),
    ("POST", "orders/{number}/operations/{operation}"),
    ("POST", "escalations/{id}/customer/operations/{operation}"),
    ("GET", "work"),
    ("GET", "attachments/{photo_id}"),
    ("POST", "dead-letters/{letter}/retry"),
]


@pytest.mark.parametrize("cookie", [None, "", "guess", "0" * 43])
async def test_a_stranger_gets_nothing_from_any_route(stage: Stage, browser, cookie: str | None) -> None:
    escalation = await stage.escalated(("customer", "a secret word"))
    client = (await browser()).client
    headers = {"Origin": str(stage.server.make_url("/")).rstrip("/"), "X-CSRF-Token": "x"}
    if cookie is not None:
        headers["Cookie"] = f"frontdesk-desk={cookie}"
    for method, route in ROUTES:
        path = "/api/desk/" + route.format(
            id=escalation.id, number="MM-10432", operation="cancel", letter="1", photo_id="0" * 32
        )
        body = None if method == "GET" else {"sequence": 1}
        answer = await client.request(method, path, headers=headers, json=body)
        assert answer.status == 401, route
        assert "secret" not in await answer.text()


async def test_every_route_of_the_desk_is_in_the_list_of_strangers_routes(stage: Stage) -> None:
    listed = {(method, route.split("?")[0].replace("{id}", "{escalation_id}")) for method, route in ROUTES}
    known = {
        (route.method, route.resource.canonical.removeprefix("/api/desk/"))
        for route in stage.app.router.routes()
        if route.resource.canonical.startswith("/api/desk/") and route.method != "HEAD"
    }
    assert known - listed == {("POST", "login")}
