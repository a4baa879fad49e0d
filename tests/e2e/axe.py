"""axe-core's rules, run inside a page: what would keep people from using it."""

from importlib.resources import files
from typing import Any

from playwright.async_api import Page

SCRIPT = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
SEVERE = ("serious", "critical")
_RUN = "axe.run(document, {resultTypes: ['violations']})"


async def barriers(page: Page) -> list[str]:
    """Every serious or critical violation with the first places where it was found."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(SCRIPT)
    violations: list[dict[str, Any]] = (await page.evaluate(_RUN))["violations"]
    return [_told(violation) for violation in violations if violation["impact"] in SEVERE]


def _told(violation: dict[str, Any]) -> str:
    places = [f"{node['target']}: {node.get('failureSummary', '')}" for node in violation["nodes"][:3]]
    return "\n  ".join([f"{violation['id']} ({violation['help']})", *places])
