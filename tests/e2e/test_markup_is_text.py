"""Whoever writes markup into any field that reaches widget or desk finds it shown as text: nothing runs.

The texts of every card, row and document are swapped for one that would run in five ways, wherever a page
puts it. A page whose security policy had to stop something fails, too: nothing may come that far.
"""

from collections.abc import Iterable
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from crm.agents.models import Agent
from crm.attachments.models import Attachment
from crm.complaints.models import Complaint
from crm.conversations.models import Conversation, Message
from crm.customers.models import Customer
from crm.escalations.models import Escalation
from crm.orders.models import Order, OrderLine
from crm.payments.models import Payment
from crm.products.models import Product, Variant
from tests.e2e.cards import (
    ARTICLE,
    BOOTS,
    DATE_PICKER,
    FROM_THE_FUTURE,
    JACKET,
    ORDER,
    ORDERS,
    PRODUCTS,
    RECEIPT,
)
from tests.e2e.chromium import needs_chromium
from tests.e2e.desk_page import page_of, reply_box, sign_in
from tests.e2e.desk_story import everything_happened
from tests.e2e.scripted_gateway import ScriptedGateway
from tests.e2e.widget_page import bubbles, visitor
from tests.gateway.desk.stage import Stage

pytestmark = [pytest.mark.asyncio(loop_scope="module"), needs_chromium]

RUNS = "window.owned=1"
MARKUP = (
    f"\"'><img src=x onerror={RUNS}><svg onload={RUNS}></svg><script>{RUNS}</script>"
    f"<iframe srcdoc='<script>parent.owned=1</script>'></iframe>${{{RUNS}}}{{{{{RUNS}}}}}"
)
ADDRESS = f"javascript:{RUNS}"
# What programs tell apart by these words is no text of anybody's.
NAMES = frozenset(
    [
        "kind",
        "status",
        "state",
        "id",
        "type",
        "author",
        "at",
        "created_at",
        "placed_at",
        "placed_on",
        "expected_on",
        "delivered_at",
        "since",
        "earliest",
        "latest",
        "reason",
        "urgency",
        "level",
        "proven_by",
        "trend",
        "conversation_id",
        "turn_id",
        "wish",
        "handover",
        "number",
    ]
)
CARDS = (ARTICLE, ORDER, ORDERS, JACKET, BOOTS, PRODUCTS, DATE_PICKER, RECEIPT, FROM_THE_FUTURE)


def poisoned(value: Any, name: str = "") -> Any:
    """The same value with markup for every text in it, and a script for every address."""
    if isinstance(value, dict):
        return {key: poisoned(each, key) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [poisoned(each, name) for each in value]
    if not isinstance(value, str) or name in NAMES:
        return value
    return ADDRESS if name.endswith("url") else MARKUP


async def nothing_ran(page: Page) -> None:
    assert await page.evaluate("window.owned") is None
    # The shadow roots of the page, too: locators look into them.
    await expect(page.locator("img[src=x], iframe, [onload], [onerror]")).to_have_count(0)
    links = await page.locator("a").evaluate_all("links => links.map(link => link.protocol)")
    assert "javascript:" not in links


async def test_no_field_of_the_chat_is_markup(desktop: BrowserContext, gateway: ScriptedGateway) -> None:
    gateway.greeting = {"text": MARKUP}
    async with visitor(desktop, gateway) as page:
        await page.evaluate("text => { document.title = text; location.hash = text }", MARKUP)
        await page.get_by_role("button", name="Chat with us").click()
        await expect(bubbles(page).first).to_contain_text(MARKUP)
        for author in ("bot", "agent", "system"):
            await gateway.say(MARKUP, author=author, name=MARKUP, choices=[{"title": MARKUP}] * 2)
            await nothing_ran(page)
        for card in CARDS:
            titles = [{"title": MARKUP}] * len(card.get("orders", []))
            await gateway.say(MARKUP, attachment=poisoned(card), choices=titles)
            await nothing_ran(page)
        await gateway.set_state("AGENT", agent=MARKUP)
        await gateway.broadcast(
            {"type": "error", "code": "bad_frame", "text": MARKUP, "client_message_id": None}
        )
        picture = {"name": f"{MARKUP.replace('/', '')}.jpg", "mimeType": "image/jpeg", "buffer": b"none"}
        await page.locator("input[type=file]").set_input_files(picture)
        await page.locator("textarea").fill(MARKUP)
        await page.locator("textarea").press("Enter")
        await expect(page.locator(".row.is-sending")).to_have_count(0)
        await expect(bubbles(page).last).to_contain_text(MARKUP)
        await nothing_ran(page)


async def write_markup_everywhere(stage: Stage, escalation_id: str) -> None:
    """Into every column that a customer, a colleague or a supplier writes."""
    columns: dict[Any, Iterable[str]] = {
        Agent: ("name",),
        Customer: ("name", "phone"),
        Product: ("name",),
        OrderLine: ("name",),
        Payment: ("label", "failure"),
        Complaint: ("details", "items"),
        Attachment: ("name",),
        Message: ("text", "author_name", "attachment"),
        Order: ("ship_to_name", "ship_to_lines", "ship_to_postcode", "cancel_reason"),
        Conversation: ("page",),
        Variant: ("options",),
    }
    async with stage.database.transaction() as session:
        for model, names in columns.items():
            for row in await session.scalars(select(model)):
                for name in names:
                    value = getattr(row, name)
                    setattr(row, name, poisoned(MARKUP if value is None and name != "attachment" else value))
        escalation = await session.get_one(Escalation, escalation_id)
        escalation.document = poisoned(escalation.document)


async def test_no_field_of_the_desk_is_markup(browser: Browser, stage: Stage) -> None:
    escalation = await everything_happened(stage)
    await write_markup_everywhere(stage, escalation.id)
    async with page_of(browser, stage) as page:
        await sign_in(page)
        await nothing_ran(page)
        await page.keyboard.press("j")
        await expect(page.get_by_role("log")).to_contain_text(MARKUP)
        await nothing_ran(page)
        await page.keyboard.press("t")
        await expect(page.locator("[data-deed=resolve]")).to_be_visible()
        await page.keyboard.press("o")
        sheet = page.locator(".sheet")
        await sheet.get_by_role("button", name="Open order MM-10432").click()
        await expect(sheet.get_by_role("heading", name="What happened")).to_be_visible()
        await expect(sheet).to_contain_text(MARKUP)
        await nothing_ran(page)
        await page.keyboard.press("Escape")
        await reply_box(page).fill(MARKUP)
        await page.keyboard.press("Control+Enter")
        await expect(page.locator(".said[data-author=agent]:not([data-state])").last).to_contain_text(MARKUP)
        await stage.customer_says(escalation.conversation_id, MARKUP)
        await expect(page.locator(".said[data-author=customer]").last).to_contain_text(MARKUP)
        await nothing_ran(page)
