"""The action server as Rasa sees it: over HTTP, on loopback, in a process of its own."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sentence_encoder import SentenceEncoder

from actions.discovery import all_actions
from knowledge.index import build_index
from tests.actions.rasa import RESPONSES, ROOT, user
from tests.knowledge.factories import write_two_articles
from tests.stack import DidNotStart, Stack
from tests.stores import SqliteStores, make_tables


@pytest.fixture(scope="module")
def empty_file(sqlite_stores: SqliteStores) -> Path:
    """The store of a server that a shop runs without setting anything."""
    return Path(sqlite_stores.template(make_tables))


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, encoder_folder: Path, empty_file: Path
) -> Iterator[Stack]:
    kept = tmp_path_factory.mktemp("kept")
    (kept / "encoder").symlink_to(encoder_folder, target_is_directory=True)
    (kept / "crm.db").write_bytes(empty_file.read_bytes())
    build_index(write_two_articles(kept / "articles"), kept / "knowledge", SentenceEncoder(encoder_folder))
    running = Stack(tmp_path_factory.mktemp("server") / "state", kept)
    try:
        running.start_actions()
        running.wait_ready("actions", "/health/ready")
        yield running
    finally:
        running.stop()


def get(url: str, **headers: str) -> tuple[Any, Any]:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=20) as answer:
        return json.load(answer), answer.headers


def post(url: str, body: bytes) -> tuple[int, Any]:
    asked = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def call(action: str, sender: str = "nobody", text: str = "hello") -> bytes:
    message = user(text)
    tracker = {
        "sender_id": sender,
        "slots": {},
        "latest_message": message["parse_data"],
        "events": [message],
        "active_loop": {},
    }
    body = {
        "next_action": action,
        "sender_id": sender,
        "tracker": tracker,
        "domain": {"responses": RESPONSES},
        "version": "3.6.21",
    }
    return json.dumps(body).encode()


def test_is_ready_with_its_database_and_articles(server: Stack) -> None:
    assert get(f"{server.url('actions')}/health/ready")[0] == {
        "status": "ready",
        "database": True,
        "articles": 2,
    }


def test_serves_every_action_of_the_domain(server: Stack) -> None:
    import yaml

    domain = {
        name
        for path in (ROOT / "bot" / "domain").glob("*.yml")
        for name in yaml.safe_load(path.read_text()).get("actions", [])
    }
    served = {entry["name"] for entry in get(f"{server.url('actions')}/actions")[0]}
    assert served == domain == {action.action_name for action in all_actions()}


def test_gives_no_other_origin_leave_to_read(server: Stack) -> None:
    _, headers = get(f"{server.url('actions')}/health", Origin="https://evil.example")
    assert headers.get("Access-Control-Allow-Origin") is None


def test_a_call_that_cannot_be_served_is_still_an_answer(server: Stack) -> None:
    status, answer = post(f"{server.url('actions')}/webhook", call("action_order_status"))
    assert status == 200
    assert answer["responses"] == []
    assert {"event": "active_loop", "timestamp": None, "name": None} in answer["events"]


def test_an_error_repeats_nothing_of_the_request(server: Stack) -> None:
    broken = json.loads(call("action_stop", text="I am mara@example.com"))
    del broken["tracker"]["sender_id"]
    status, answer = post(f"{server.url('actions')}/webhook", json.dumps(broken).encode())
    assert status == 500
    assert answer == {"error": "KeyError"}


def test_writes_nothing_personal_into_its_log(server: Stack) -> None:
    post(f"{server.url('actions')}/webhook", call("action_stop", text="I am mara@example.com"))
    log = server.log("actions").read_text()
    assert "action" in log
    assert "mara@example.com" not in log


def test_does_not_complain_about_the_pinned_versions(server: Stack) -> None:
    post(f"{server.url('actions')}/webhook", call("action_stop"))
    assert "UserWarning" not in server.log("actions").read_text()


def test_does_not_start_without_its_index(tmp_path: Path, encoder_folder: Path, empty_file: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "encoder").symlink_to(encoder_folder, target_is_directory=True)
    (kept / "crm.db").write_bytes(empty_file.read_bytes())
    stack = Stack(tmp_path / "state", kept)
    try:
        stack.start_actions()
        with pytest.raises(DidNotStart, match="index"):
            stack.wait_ready("actions", "/health/ready")
    finally:
        stack.stop()
