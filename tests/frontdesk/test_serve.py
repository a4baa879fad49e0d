"""What the server processes ask of the system."""

import subprocess
import sys

RAISED = """
import resource
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, hard), hard))
from frontdesk.serve import hold_as_many_sockets_as_allowed
hold_as_many_sockets_as_allowed()
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0] == hard)
"""


def test_a_gateway_may_hold_as_many_sockets_as_the_system_permits() -> None:
    done = subprocess.run([sys.executable, "-c", RAISED], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
