"""No barrier that axe-core calls serious or critical, anywhere at the desk, in light and in dark."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.axe import barriers
from tests.e2e.chromium import PHONE, needs_chromium
from tests.e2e.desk_page import page_of, reply_box, sign_in, somebody_waits
from tests.e2e.desk_story import everything_happened
from tests.gateway.desk.stage import Stage

pytestmark = [pytest.mark.asyncio(loop_scope="module"), needs_chromium]

NARROW = {**PHONE, "viewport": {"width": 320, "height": 640}}


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nobody_is_kept_out_of_any_part_of_the_desk(
    browser: Browser, stage: Stage, scheme: str
) -> None:
    async with page_of(browser, stage, color_scheme=scheme) as page:
        await page.get_by_label("E-mail").fill("mara@shop.example")
        await page.get_by_label("Password").fill("wrong")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_be_visible()
        assert await barriers(page) == [], "sign-in refused"
        await sign_in(page)
        assert await barriers(page) == [], "empty queue"
        await somebody_waits(stage)
        await everything_happened(stage)
        await expect(page.locator(".ticket")).to_have_count(2)
        assert await barriers(page) == [], "queue"
        await page.keyboard.press("j")
        await expect(reply_box(page)).to_be_visible()
        assert await barriers(page) == [], "conversation"
        for key in ("?", "e"):
            await page.keyboard.press("t")
            await expect(page.locator("[data-deed=resolve]")).to_be_visible()
            await page.keyboard.press(key)
            await expect(page.get_by_role("dialog")).to_be_visible()
            assert await barriers(page) == [], f"dialog of {key}"
            await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Alerts").click()
        assert await barriers(page) == [], "alerts"
        await page.keyboard.press("Escape")
        await page.route("**/escalations?state=closed", lambda route: route.abort())
        await page.get_by_role("tab", name="Closed").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        assert await barriers(page) == [], "a queue that cannot be shown"


async def cut_off(page: Page) -> list[str]:
    """What is wider than its place, of the parts that do not scroll sideways."""
    found: list[str] = await page.locator(
        "html, .desk, .talk__head, .transcript, .attached, .context, .card"
    ).evaluate_all(
        "nodes => nodes.filter(node => node.scrollWidth > node.clientWidth + 1).map(node => node.className)"
    )
    return found


@pytest.mark.parametrize("looks", [PHONE, NARROW], ids=["390", "320"])
async def test_on_a_phone_nothing_is_cut_off_and_nobody_is_kept_out(
    browser: Browser, stage: Stage, looks: dict[str, object]
) -> None:
    await everything_happened(stage)
    async with page_of(browser, stage, **looks) as page:
        await sign_in(page)
        await page.locator(".ticket").tap()
        await expect(reply_box(page)).to_be_visible()
        assert await barriers(page) == [], "conversation"
        assert await cut_off(page) == []
        await page.get_by_role("tab", name="Details").tap()
        await expect(page.get_by_text("What the bot tried")).to_be_visible()
        assert await barriers(page) == [], "details"
        assert await cut_off(page) == []
