"""Sending a photo from the widget: chosen, shown on its way, in the transcript, and refused in words."""

import re
from io import BytesIO

from PIL import Image
from playwright.async_api import expect

from tests.e2e.chromium import DESKTOP, launched, needs_chromium
from tests.e2e.widget_page import bubbles
from tests.gateway.conftest import (
    RunningGateway,
    bot,
    database,
    database_url,
    empty_store,
    gateway,
    index_folder,
    start_gateway,
    stores,
)

__all__ = [
    "bot",
    "database",
    "database_url",
    "empty_store",
    "gateway",
    "index_folder",
    "start_gateway",
    "stores",
]

_DATA = re.compile("^data:image/jpeg")
pytestmark = [needs_chromium]


def photo() -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (900, 600), "peru").save(buffer, "JPEG")
    return buffer.getvalue()


async def test_a_photo_is_sent_and_what_is_none_is_refused(gateway: RunningGateway) -> None:
    async with launched() as browser, await browser.new_context(**DESKTOP) as context:
        page = await context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None
        )
        await page.goto(gateway.url)
        await page.get_by_role("button", name="Chat with us").click()
        await expect(bubbles(page).first).to_contain_text("Hello")
        files = page.locator("input[type=file]")
        await files.set_input_files({"name": "mug.jpg", "mimeType": "image/jpeg", "buffer": photo()})
        shown = page.get_by_role("img", name="Photo", exact=True)
        await expect(shown).to_have_attribute("src", _DATA)
        await expect(page.locator(".photos li")).to_have_count(0)
        await expect(bubbles(page).last).to_contain_text("kept your photo")
        await files.set_input_files({"name": "notes.jpg", "mimeType": "image/jpeg", "buffer": b"no photo"})
        await expect(page.locator(".photo-failed")).to_contain_text("no photo I can open")
        await page.get_by_role("button", name="Remove notes.jpg").click()
        await expect(page.locator(".photos")).to_be_hidden()
        await page.reload()
        await expect(page.get_by_role("img", name="Photo", exact=True)).to_have_attribute("src", _DATA)
        assert complaints == []
