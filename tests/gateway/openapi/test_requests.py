"""Whatever is asked of the gateway, it answers as its document says, and never with a fault of its own.

schemathesis makes the requests from the document: right ones, and wrong ones of every kind. For longer:
`SCHEMATHESIS_SECONDS=600 uv run pytest tests/gateway/openapi/test_requests.py`.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar

from gateway.options import Limits
from tests.e2e.desk_story import everything_happened
from tests.gateway.conftest import RunningGateway, StartGateway
from tests.gateway.desk.stage import Clock, Stage, cheap_passwords
from tests.gateway.test_strangers import sign_in

SECONDS = int(os.environ.get("SCHEMATHESIS_SECONDS", "8"))
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,negative_data_rejection,unsupported_method,allow_header_conformance"
)
# Many from one address, and nobody is to wait.
UNHURRIED = Limits(
    messages="100000/second",
    messages_of_visitor="100000/second",
    messages_of_address="100000/second",
    wrong_tokens="100000/second",
)


async def ask(
    gateway: RunningGateway, folder: Path, proofs: Mapping[str, str], parameters: Mapping[str, str]
) -> None:
    """Let schemathesis ask for SECONDS; fails with what it says."""
    config = folder / "schemathesis.toml"
    lines = [f"[auth.openapi.{scheme}]\n{proof}" for scheme, proof in proofs.items()]
    lines += ["[parameters]", *(f'"{name}" = "{value}"' for name, value in parameters.items())]
    config.write_text("\n".join(lines), encoding="utf-8")
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"),
        f"{gateway.url}api/openapi.json",
        *("--url", gateway.url, "--checks", CHECKS, "--max-time", str(SECONDS), "--max-failures", "20"),
        # Signing out would be the end of it, and no action server is there.
        *("--exclude-operation-id", "log_out", "--exclude-operation-id", "ready"),
        *("--suppress-health-check", "all", "--no-color"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=folder,
    )
    said, _ = await running.communicate()
    assert running.returncode == 0, said.decode(errors="replace")


@pytest.fixture
async def unhurried(start_gateway: StartGateway) -> RunningGateway:
    return await start_gateway(limits=UNHURRIED)


async def test_strangers_and_visitors_get_what_is_documented(
    unhurried: RunningGateway, tmp_path: Path
) -> None:
    async with unhurried.client() as customer:
        await customer.until(lambda frame: frame["type"] == "state")
        await ask(unhurried, tmp_path, {"conversation": f'bearer = "{customer.token}"'}, {})


async def test_agents_get_what_is_documented(unhurried: RunningGateway, tmp_path: Path) -> None:
    stage = Stage(unhurried.app, None, unhurried.database, cheap_passwords(), Clock())  # type: ignore[arg-type]
    async with ClientSession(unhurried.url, cookie_jar=CookieJar(unsafe=True)) as browser:
        csrf = await sign_in(unhurried, browser)
        escalation = await everything_happened(stage)
        async with browser.post(
            f"/api/desk/escalations/{escalation.id}/take", headers={"X-CSRF-Token": csrf}
        ) as taken:
            assert taken.status == 200
        (cookie,) = browser.cookie_jar
    named = {"escalation_id": escalation.id, "number": escalation.document["orders"][0]["number"]}
    proofs = {"desk": f'api_key = "{cookie.value}"', "page": f'api_key = "{csrf}"'}
    await ask(unhurried, tmp_path, proofs, named)
