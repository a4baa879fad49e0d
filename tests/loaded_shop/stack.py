"""The real bot and its actions over the sample shop, loaded by the command a shop would use."""

import subprocess
import sys
from pathlib import Path

from tests.stack import ROOT, Stack

SHOP = ROOT.parent / "shared" / "data" / "crm" / "shop"
POLICY = Path(__file__).with_name("policy.yml")


class LoadedShop(Stack):
    """A shop of its own policy, without the demo shop."""

    def __init__(self, state_dir: Path, kept: Path) -> None:
        super().__init__(state_dir, kept)
        (state_dir / "crm.db").unlink()
        self._frontdesk("db", "migrate")
        self.loaded = self._frontdesk("shop", "load", str(SHOP))

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"FRONTDESK_POLICY": str(POLICY), "FRONTDESK_DEMO": "false"}

    def audit(self) -> str:
        """What `frontdesk shop audit` says of the books; it fails where they do not add up."""
        return self._frontdesk("shop", "audit")

    def _frontdesk(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "frontdesk", *command],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout
