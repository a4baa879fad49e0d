"""What the bot attaches to a message: to be read, chosen from, compared or answered."""

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.e2e.cards import (
    ARTICLE,
    BOOTS,
    DATE_PICKER,
    FROM_THE_FUTURE,
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
from tests.e2e.widget_page import bubbles, expect_conversation, open_chat, visitor

pytestmark = [pytest.mark.asyncio(loop_scope="module"), needs_chromium]


async def test_cards_show_an_order_an_article_and_a_receipt_and_leave_out_what_they_do_not_know(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        for attachment in (ORDER, ARTICLE, RECEIPT, FROM_THE_FUTURE):
            await gateway.say("Here:", attachment=attachment)
        card = page.locator(".card.order")
        await expect(card.locator(".journey li.done")).to_have_count(3)
        await expect(card.locator("[aria-current=step]")).to_have_text("Shipped")
        await expect(card).to_contain_text("Expected 26 Nov 2024")
        await expect(card).to_contain_text("£59.80")
        track = card.get_by_role("link", name="Track parcel")
        await expect(track).to_have_attribute("href", "https://carrier.example/RM48392210")
        link = page.locator("a.card.article")
        await expect(link).to_have_attribute("href", gateway.url + "/help/delivery-times")
        await expect(link).to_have_attribute("target", "_blank")
        await expect(page.locator(".card.receipt")).to_contain_text("Refund£5")
        await expect(page.locator(".card")).to_have_count(3)


async def test_an_answer_brings_its_links_and_articles_that_may_be_meant_and_no_link_that_runs_something(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    links = [
        {"title": "free label", "url": "/help/label"},
        {"title": "<img src=x onerror=alert(1)>", "url": "https://carrier.example/"},
        {"title": "click", "url": "javascript:alert(1)"},
        {"title": {"toString": 1}, "url": "/help/x"},
        {"title": "nowhere"},
    ]
    others = [{"title": "Delivery abroad", "url": "/help/delivery-abroad"}]
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        await gateway.say("You have 30 days.", attachment=ARTICLE | {"links": links, "others": others})
        shown = page.locator("a.page")
        await expect(shown).to_have_count(3)
        await expect(shown.nth(0)).to_have_attribute("href", gateway.url + "/help/label")
        await expect(shown.nth(1)).to_contain_text("<img src=x onerror=alert(1)>")
        await expect(page.locator(".pages").nth(1)).to_contain_text("Or did you mean")
        await expect(shown.nth(2)).to_have_attribute("href", gateway.url + "/help/delivery-abroad")
        await gateway.say("Odd.", attachment=ARTICLE | {"links": "none", "others": None})
        await expect(page.locator("a.card.article")).to_have_count(2)


async def test_whether_an_answer_helped_is_said_with_a_tap_and_may_be_said_again(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        answer = await gateway.say("Two days.", attachment=ARTICLE | {"helped": None})
        asked = page.get_by_role("group", name="Did this help?")
        yes, no = asked.get_by_role("button", name="Yes"), asked.get_by_role("button", name="No")
        for button, helped, thanks in ((yes, True, "good to know"), (no, False, "talk to a person")):
            await button.click()
            told = {"type": "judge", "sequence": answer["sequence"], "helped": helped}
            await gateway.until(lambda told=told: told in gateway.received)  # type: ignore[misc]
            await gateway.broadcast({**told, "type": "judged"})
            await expect(button).to_have_attribute("aria-pressed", "true")
            await expect(button).to_be_focused()
            await expect(page.get_by_role("log").get_by_role("status")).to_contain_text(thanks)
        await expect(yes).to_have_attribute("aria-pressed", "false")
        await gateway.say("A correction.", attachment=ARTICLE)
        await expect(asked).to_have_count(1)


async def test_choices_vanish_once_one_is_taken_and_stay_away(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        offered = await gateway.say(
            "Cancel MM-10451?", choices=[{"title": "Yes, cancel it"}, {"title": "No"}]
        )
        await page.get_by_role("button", name="Yes, cancel it").click()
        await expect(page.locator(".choice")).to_have_count(0)
        await gateway.until(lambda: bool(gateway.frames("choose")))
        chosen = gateway.frames("choose")[0]
        assert (chosen["sequence"], chosen["choice"]) == (offered["sequence"], 0)
        await expect_conversation(page, "How can I help?", "Cancel MM-10451?", "Yes, cancel it")
        await expect(page.locator("textarea")).to_be_focused()
        await page.reload()
        await expect(bubbles(page)).to_have_count(3)
        await expect(page.locator(".choice")).to_have_count(0)


async def test_orders_are_chosen_from_a_list_of_buttons_with_the_keyboard_and_are_told_plainly_afterwards(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        offered = await gateway.say("Which one?", attachment=ORDERS, choices=ORDER_CHOICES)
        picker = page.get_by_role("list", name="Choose an order")
        await expect(picker.get_by_role("listitem").get_by_role("button")).to_have_count(2)
        await expect(page.locator(".choice")).to_have_text(["None of these"])
        await expect(bubbles(page).last).to_contain_text("Suggested replies: None of these.")
        row = picker.get_by_role("button", name="MM-10388 Placed on 2 Sept 2024 £1,245.00 1 item Cancelled")
        await picker.get_by_role("button").first.focus()
        await page.keyboard.press("Tab")
        await expect(row).to_be_focused()
        await page.keyboard.press("Enter")
        await gateway.until(lambda: bool(gateway.frames("choose")))
        chosen = gateway.frames("choose")[0]
        assert (chosen["sequence"], chosen["choice"]) == (offered["sequence"], 1)
        await expect(page.locator("textarea")).to_be_focused()
        await expect(page.get_by_role("list", name="Orders", exact=True)).to_contain_text("MM-10388")
        await expect(page.locator(".card.orders").get_by_role("button")).to_have_count(0)
        await expect(page.locator(".choice")).to_have_count(0)


async def test_orders_without_choices_are_only_told_about(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        await gateway.say("These are yours.", attachment=ORDERS)
        await expect(page.locator(".card.orders").get_by_role("listitem")).to_have_count(2)
        await expect(page.locator(".card.orders").get_by_role("button")).to_have_count(0)


async def test_a_product_says_in_words_what_can_be_had_and_shows_many_options_on_request(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        await gateway.say("This is it:", attachment=JACKET)
        card = page.get_by_role("region", name="Fell Waterproof Jacket")
        await expect(card).to_contain_text("£145.00")
        await expect(card.get_by_role("listitem")).to_have_text(["Moss, MOnly 2 left", "Moss, LSold out"])
        await gateway.say("And these:", attachment=BOOTS)
        options = page.get_by_role("list", name="Options of Scafell Walking Boots")
        await options.get_by_role("button", name="Show 6 more").click()
        await expect(options.get_by_role("listitem")).to_have_count(12)
        await expect(options.get_by_role("listitem").nth(6)).to_be_focused()


async def products_at(page: Page) -> list[tuple[float, float]]:
    """Where the compared products stand: left and top, the first of them at 0, 0."""
    boxes = [await product.bounding_box() for product in await page.locator(".comparison .product").all()]
    corners = [(box["x"], box["y"]) for box in boxes if box]
    return [(round(x - corners[0][0]), round(y - corners[0][1])) for x, y in corners]


async def test_products_are_compared_side_by_side_and_below_each_other_on_a_phone(
    browser: Browser, desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        await gateway.say("Here are both.", attachment=PRODUCTS)
        await expect(page.get_by_role("region", name="Comparison: Fell Waterproof")).to_be_visible()
        _, (left, top) = await products_at(page)
        assert (left > 150, top) == (True, 0)
        await gateway.say("All three.", attachment=MANY_PRODUCTS)
        await page.locator(".comparison.many").focus()
        await page.keyboard.press("End")
        assert await page.locator(".scroller").evaluate("node => node.scrollWidth <= node.clientWidth")
    context = await browser.new_context(**{**DESKTOP, **PHONE})
    async with context, visitor(context, gateway, path="/") as page:
        await open_chat(page)
        await gateway.say("Here are both.", attachment=PRODUCTS)
        await expect(page.locator(".comparison")).to_be_visible()
        _, (left, top) = await products_at(page)
        assert (left, top > 100) == (0, True)


async def test_a_day_is_picked_within_its_limits_sent_as_words_and_cannot_be_picked_again(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        await gateway.say("When did you order?", attachment=DATE_PICKER)
        field = page.get_by_label("Pick a day")
        await expect(field).to_have_attribute("min", "2024-03-14")
        send = page.get_by_role("button", name="Send this day")
        await send.click()
        await expect(page.locator(".problem")).to_have_text("Pick a day first, or write it below.")
        await expect(field).to_be_focused()
        await field.fill("2024-11-21")
        await expect(page.locator(".problem")).to_be_empty()
        await send.click()
        await expect(page.locator(".problem")).to_contain_text("from 14 March 2024 to 20 November 2024")
        assert gateway.frames("message") == []
        await field.fill("2024-11-12")
        await field.press("Enter")
        await gateway.until(lambda: bool(gateway.frames("message")))
        assert gateway.frames("message")[0]["text"] == "12 November 2024"
        await expect(field).to_be_disabled()
        await expect(page.locator("textarea")).to_be_focused()
        await page.reload()
        await expect(bubbles(page)).to_have_count(3)
        await expect(page.locator(".day-picker input")).to_be_hidden()
