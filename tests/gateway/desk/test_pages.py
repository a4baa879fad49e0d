"""The desk's page and files."""

import re
from os.path import normpath
from pathlib import Path

import pytest

from gateway.desk.pages import STATIC
from tests.gateway.desk.stage import Stage

TEXTS = {
    path.relative_to(STATIC).as_posix(): path.read_text(encoding="utf-8") for path in STATIC.rglob("*.*")
}


async def test_the_page_lets_no_foreign_or_inline_script_run(stage: Stage, browser) -> None:
    answer = await (await browser()).client.get("/desk")
    assert answer.status == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["../routes.py", "..%2froutes.py", "nothing.js", "index.html", "styles"])
async def test_only_the_known_files_are_served(stage: Stage, browser, name: str) -> None:
    answer = await (await browser()).client.get(f"/desk/static/{name}")
    assert answer.status == 404


def asked_for() -> set[str]:
    """The addresses of every file that the page and its modules name."""
    wanted = set(re.findall(r'(?:href|src)="(/desk/static/[^"]+)"', TEXTS["index.html"]))
    for name, text in TEXTS.items():
        if name.endswith(".js"):
            folder = Path("/desk/static", name).parent
            wanted |= {normpath(folder / module) for module in re.findall(r'from "(\.{1,2}/[^"]+)"', text)}
    return wanted


async def test_every_file_that_the_page_asks_for_is_there(stage: Stage, browser) -> None:
    client = (await browser()).client
    wanted = asked_for()
    assert len(wanted) > 30
    for address in sorted(wanted):
        assert (await client.get(address)).status == 200, address


@pytest.mark.parametrize("name", sorted(name for name in TEXTS if name.endswith(".js")))
def test_no_module_turns_text_into_markup(name: str) -> None:
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser"
    assert not re.search(forbidden, TEXTS[name])
