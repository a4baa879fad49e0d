"""No barrier that axe-core calls serious or critical, in any state of the widget, in light and in dark."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.axe import barriers
from tests.e2e.cards import (
    ARTICLE,
    BOOTS,
    DATE_PICKER,
    JACKET,
    MANY_PRODUCTS,
    ORDER,
    ORDER_CHOICES,
    ORDERS,
    PRODUCTS,
    RECEIPT,
)
from tests.e2e.chromium import DESKTOP, PHONE, needs_chromium
from tests.e2e.scripted_gateway import ScriptedGateway
from tests.e2e.widget_page import bubbles, open_chat, visitor, write

pytestmark = [pytest.mark.asyncio(loop_scope="module"), needs_chromium]

READ_ONLY = (ORDER, ARTICLE, RECEIPT, JACKET, BOOTS, PRODUCTS, MANY_PRODUCTS, ORDERS)
NARROW = {**PHONE, "viewport": {"width": 320, "height": 640}}


async def say_cards(page: Page, gateway: ScriptedGateway) -> None:
    for attachment in READ_ONLY:
        await gateway.say("Here:", attachment=attachment, choices=[{"title": "Thanks"}])
    await expect(page.locator(".card")).to_have_count(len(READ_ONLY))


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nobody_is_kept_out_of_any_state_of_the_widget(
    browser: Browser, gateway: ScriptedGateway, scheme: str
) -> None:
    context = await browser.new_context(**{**DESKTOP, "color_scheme": scheme})
    async with context, visitor(context, gateway, path="/") as page:
        assert await barriers(page) == [], "closed"
        await open_chat(page)
        await say_cards(page, gateway)
        assert await barriers(page) == [], "cards"
        await gateway.say("Which one?", attachment=ORDERS, choices=ORDER_CHOICES)
        await expect(page.locator("button.orders-row")).to_have_count(2)
        assert await barriers(page) == [], "order picker"
        await gateway.say("When?", attachment=DATE_PICKER)
        await page.get_by_role("button", name="Send this day").click()
        await expect(page.locator(".problem")).not_to_be_empty()
        assert await barriers(page) == [], "date picker with its error"
        gateway.error_for_messages = {"code": "too_fast", "text": "That was a little fast."}
        await write(page, "are you there?")
        await expect(page.locator(".failure")).to_be_visible()
        await page.locator("textarea").fill("a" * 2_001)
        assert await barriers(page) == [], "a refused message and a text too long"
        await gateway.set_state("WAITING", place=2)
        await gateway.say("A colleague comes.", author="system")
        await gateway.broadcast({"type": "typing", "author": "agent", "on": True})
        await expect(page.locator(".dots")).to_be_visible()
        assert await barriers(page) == [], "waiting"
        await gateway.set_state("CLOSED")
        await expect(page.locator(".status-line")).to_contain_text("Closed")
        assert await barriers(page) == [], "ended"
        gateway.refuse_connections = True
        await gateway.drop_connections()
        await expect(page.locator(".banner button")).to_be_visible()
        assert await barriers(page) == [], "without a line"


@pytest.mark.parametrize("looks", [PHONE, NARROW], ids=["390", "320"])
async def test_on_a_phone_nothing_is_cut_off_and_nobody_is_kept_out(
    browser: Browser, gateway: ScriptedGateway, looks: dict[str, object]
) -> None:
    context = await browser.new_context(**{**DESKTOP, **looks})
    async with context, visitor(context, gateway, path="/") as page:
        await open_chat(page)
        await say_cards(page, gateway)
        await gateway.say("When?", attachment=DATE_PICKER)
        await gateway.say("Which one?", attachment=ORDERS, choices=ORDER_CHOICES)
        await expect(bubbles(page).last).to_contain_text("Which one?")
        assert await barriers(page) == []
        cut_off = await page.locator(".scroller, .card").evaluate_all(
            "nodes => nodes.filter(node => node.scrollWidth > node.clientWidth).map(node => node.className)"
        )
        assert cut_off == []
