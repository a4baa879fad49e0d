"""What `up` refuses before it begins: a port that is taken, a state folder that is in use."""

import io
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from frontdesk.demo_facts import Demo, read_demo, write_demo
from frontdesk.errors import OperatorError
from frontdesk.ports import holder_of, is_free
from frontdesk.settings import Settings
from frontdesk.state_lock import AlreadyRunning, state_lock
from frontdesk.up import _Up, check_ports

ROOT = Path(__file__).parents[2]


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def settings(folder: Path, **values: object) -> Settings:
    gateway, actions, rasa = free_ports(3)
    return Settings(
        **{  # type: ignore[arg-type]
            "state_dir": folder,
            "gateway_port": gateway,
            "actions_port": actions,
            "rasa_port": rasa,
        }
        | values
    )


def test_free_ports_are_fine(tmp_path: Path) -> None:
    check_ports(settings(tmp_path))


@pytest.mark.parametrize(
    ("field", "variable"),
    [("gateway_port", "FRONTDESK_GATEWAY_PORT"), ("rasa_port", "FRONTDESK_RASA_PORT")],
)
def test_a_taken_port_is_named_with_its_holder_and_the_setting(
    tmp_path: Path, field: str, variable: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(OperatorError) as error:
            check_ports(settings(tmp_path, **{field: port}))
    assert str(port) in str(error.value)
    assert variable in str(error.value)
    if sys.platform == "linux":
        assert f"pid {os.getpid()}" in str(error.value)


def test_an_address_of_another_machine_is_explained(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="FRONTDESK_GATEWAY_HOST"):
        check_ports(settings(tmp_path, gateway_host="203.0.113.7"))


def test_a_port_that_was_just_closed_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            assert not is_free("127.0.0.1", port)
    assert is_free("127.0.0.1", port)
    assert holder_of(port) is None


HOLDER = """
import sys, time
from pathlib import Path
from frontdesk.state_lock import state_lock
with state_lock(Path(sys.argv[1])):
    print("locked", flush=True)
    time.sleep(600)
"""


def test_two_at_once_on_one_state_folder_are_refused_and_a_killed_one_is_no_obstacle(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(AlreadyRunning, match=f"pid {holder.pid}"), state_lock(tmp_path):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with state_lock(tmp_path):
            pass
    finally:
        holder.kill()
        holder.communicate()


LEFT_RUNNING = """
import fcntl, sys, time
file = open(sys.argv[1])
fcntl.flock(file, fcntl.LOCK_EX)
print("locked", flush=True)
time.sleep(0.7)
"""


def test_after_a_killed_one_the_lock_waits_for_what_it_left_running(tmp_path: Path) -> None:
    path = tmp_path / "up.lock"
    path.write_text("999999999")
    left = subprocess.Popen([sys.executable, "-c", LEFT_RUNNING, str(path)], stdout=subprocess.PIPE)
    assert left.stdout is not None
    left.stdout.readline()
    with state_lock(tmp_path):
        assert left.wait(timeout=5) == 0
    left.communicate()


def test_the_demo_login_is_remembered_and_private(tmp_path: Path) -> None:
    demo = Demo("mara@shop.example", "secret", [{"number": "MM-10001"}])
    write_demo(tmp_path, demo)
    assert read_demo(tmp_path) == demo
    assert (tmp_path / "demo.json").stat().st_mode & 0o077 == 0
    assert read_demo(tmp_path / "nowhere") is None


@pytest.mark.parametrize("demo", [None, Demo("mara@shop.example", "secret", [{"number": "MM-10001"}])])
def test_the_addresses_name_a_login_where_there_is_a_demo(tmp_path: Path, demo: Demo | None) -> None:
    if demo:
        write_demo(tmp_path, demo)
    console = Console(file=io.StringIO(), width=200)
    console.print(_Up(settings(tmp_path), console)._addresses())
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "/desk" in shown
    assert ("sign in as" in shown) == (demo is not None)
