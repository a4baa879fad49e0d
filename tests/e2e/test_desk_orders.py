"""Orders at the desk in an agent's browser: every operation, past a rule with a reason, and back."""

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from crm.orders.models import OrderStatus
from crm.refunds.models import RefundReason
from crm.refunds.position import Part
from crm.refunds.requests import request_refund
from tests.e2e.axe import barriers
from tests.e2e.chromium import PHONE, needs_chromium
from tests.e2e.desk_page import page_of, sign_in
from tests.gateway.desk.order_stage import Stored, order_now, proven_by, stored
from tests.gateway.desk.stage import Stage

pytestmark = [pytest.mark.asyncio(loop_scope="module"), needs_chromium]

WHY = "Identified on the telephone, and agreed with the warehouse."


def sheet(page: Page) -> Locator:
    return page.locator(".sheet")


def operation(page: Page, name: str) -> Locator:
    return sheet(page).locator(f"[data-operation={name}]").first


async def open_order(page: Page, order: Stored) -> None:
    """Take the waiting conversation and open its customer's only order, by the keys."""
    await page.keyboard.press("j")
    await page.keyboard.press("t")
    await expect(page.locator("[data-deed=resolve]")).to_be_visible()
    await page.keyboard.press("o")
    await sheet(page).get_by_role("button", name=f"Open order {order.number}").click()
    await expect(sheet(page).get_by_role("heading", name="What happened")).to_be_visible()


async def send(page: Page, go: str) -> None:
    await sheet(page).locator(".operation").get_by_role("button", name=go, exact=True).click()


async def done(page: Page, event: str) -> None:
    """The newest thing in the order's story is this."""
    await expect(sheet(page).locator(".story__event").first).to_contain_text(event)


async def test_an_order_is_cancelled_and_that_is_taken_back(browser: Browser, stage: Stage) -> None:
    order = await stored(stage, "MM-10432", OrderStatus.PAID)
    await proven_by(stage, order.customer_id)
    async with page_of(browser, stage) as page:
        await sign_in(page)
        await open_order(page, order)
        await operation(page, "cancel").click()
        await sheet(page).get_by_label("Why", exact=True).select_option("no_longer_needed")
        await send(page, "Cancel the order")
        await done(page, "Cancelled")
        assert (await order_now(stage, order.number)).status is OrderStatus.CANCELLED
        await operation(page, "undo").click()
        await sheet(page).get_by_label("Why, for colleagues").fill("The customer wants it after all.")
        await send(page, "Take it back")
        await done(page, "Cancelling taken back")
        assert (await order_now(stage, order.number)).status is OrderStatus.PAID


async def test_a_rule_is_shown_and_a_reason_goes_past_it(browser: Browser, stage: Stage) -> None:
    order = await stored(stage, "MM-10432", OrderStatus.PACKING)
    await proven_by(stage, order.customer_id)
    async with page_of(browser, stage) as page:
        await sign_in(page)
        await open_order(page, order)
        forbidden = sheet(page).locator(".forbidden li").filter(has_text="Cancel the order")
        await expect(forbidden).to_contain_text("It is being packed.")
        await forbidden.get_by_role("button", name="Cancel the order, past the rule").click()
        await sheet(page).get_by_label("Why", exact=True).select_option("other")
        await send(page, "Cancel the order")
        assert (await order_now(stage, order.number)).status is OrderStatus.PACKING, (
            "no reason, no cancelling"
        )
        await sheet(page).get_by_label("Why the rule does not count here").fill(WHY)
        await send(page, "Cancel the order")
        await done(page, f"Past the rule: {WHY}")


async def test_items_and_payment_are_changed(browser: Browser, stage: Stage) -> None:
    order = await stored(stage, "MM-10432", OrderStatus.PAID)
    await proven_by(stage, order.customer_id)
    async with page_of(browser, stage) as page:
        await sign_in(page)
        await open_order(page, order)
        await operation(page, "change_items").click()
        await sheet(page).get_by_label("Instead of Moorland Wool Jumper, M").select_option(index=1)
        await sheet(page).get_by_label("Pays a difference, or gets it").select_option(index=1)
        await send(page, "Change the items")
        await done(page, "Items changed")
        await expect(sheet(page)).to_contain_text("1 × Moorland Wool Jumper, L")
        await operation(page, "change_payment").click()
        await sheet(page).get_by_label("Payment", exact=True).select_option(index=1)
        await send(page, "Change the payment")
        await done(page, "Payment changed")
    assert (await order_now(stage, order.number)).total == 6490


async def test_goods_come_back_and_their_money_goes_out(browser: Browser, stage: Stage) -> None:
    order = await stored(stage, "MM-10432", OrderStatus.DELIVERED)
    await proven_by(stage, order.customer_id)
    async with page_of(browser, stage) as page:
        await sign_in(page)
        await open_order(page, order)
        await operation(page, "return").click()
        await sheet(page).get_by_label("Why", exact=True).select_option("too_small")
        assert await barriers(page) == [], "the form of a return"
        await send(page, "Register the return")
        await done(page, "Return registered")
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Orders and tasks").click()
        await sheet(page).get_by_role("button", name=f"Open order {order.number}").click()
        await operation(page, "receive").click()
        await send(page, "Book the goods in")
        await done(page, "Goods booked in")
        await expect(sheet(page)).to_contain_text("Given back")
        assert (await order_now(stage, order.number)).status is OrderStatus.RETURNED


async def test_an_exchange_says_what_is_missing_before_it_is_registered(
    browser: Browser, stage: Stage
) -> None:
    order = await stored(stage, "MM-10432", OrderStatus.DELIVERED)
    await proven_by(stage, order.customer_id)
    async with page_of(browser, stage) as page:
        await sign_in(page)
        await open_order(page, order)
        await operation(page, "exchange").click()
        await sheet(page).get_by_label("Instead of Moorland Wool Jumper, M").select_option(index=1)
        await sheet(page).get_by_label("Why", exact=True).select_option("too_small")
        await send(page, "Register the exchange")
        refusal = sheet(page).get_by_role("alert")
        await expect(refusal).to_contain_text("It costs £5.00 more: say what pays that.")
        await expect(refusal.get_by_role("button")).to_have_count(0)
        await sheet(page).get_by_label("Pays a difference, or gets it").select_option(index=1)
        await send(page, "Register the exchange")
        await done(page, "Exchange registered")
        await operation(page, "withdraw").click()
        await send(page, "Withdraw the return")
        await done(page, "Return withdrawn")


async def test_a_refund_is_decided_from_the_list_of_tasks(browser: Browser, stage: Stage) -> None:
    order = await stored(stage, "MM-10432", OrderStatus.DELIVERED)
    async with stage.database.transaction() as session:
        await request_refund(
            session,
            order=await order_now(stage, order.number),
            reason=RefundReason.DAMAGED,
            parts=[Part(order.line_id, 1)],
            conversation_id="desk",
            turn_id="turn-1",
            now=stage.clock(),
        )
    async with page_of(browser, stage, **PHONE) as page:
        await sign_in(page)
        await page.get_by_role("button", name="Orders and tasks").tap()
        assert await barriers(page) == [], "tasks"
        await sheet(page).get_by_role("button", name=f"Open order {order.number}").tap()
        await operation(page, "pay_refund").tap()
        assert await barriers(page) == [], "the form of a payment"
        assert await wider_than_its_place(page) == []
        await send(page, "Pay £59.90 back")
        await expect(sheet(page).locator(".matter")).to_contain_text("paid")
        await expect(sheet(page)).to_contain_text("Given back")
        assert await wider_than_its_place(page) == []


async def wider_than_its_place(page: Page) -> list[str]:
    found: list[str] = await page.locator("html, .sheet, .sheet__body, .card, .operation").evaluate_all(
        "nodes => nodes.filter(node => node.scrollWidth > node.clientWidth + 1).map(node => node.className)"
    )
    return found


async def test_a_number_that_is_nothing_and_a_lost_server_are_told_and_tried_again(
    browser: Browser, stage: Stage
) -> None:
    order = await stored(stage, "MM-10432", OrderStatus.PAID)
    async with page_of(browser, stage) as page:
        await sign_in(page)
        await page.keyboard.press("o")
        await sheet(page).get_by_label("Order number").fill("MM-99999")
        await page.keyboard.press("Enter")
        await expect(sheet(page).get_by_role("alert")).to_contain_text("There is no such order")
        await sheet(page).get_by_role("button", name="Back").click()
        await page.route("**/orders/MM-10432", lambda route: route.abort(), times=1)
        await sheet(page).get_by_label("Order number").fill(order.number)
        await page.keyboard.press("Enter")
        await expect(sheet(page).get_by_role("alert")).to_contain_text("cannot be reached")
        await sheet(page).get_by_role("button", name="Try again").click()
        await expect(sheet(page).get_by_role("heading", name="MM-10432")).to_be_visible()
        await operation(page, "cancel").click()
        await expect(sheet(page).get_by_label("How you know that it is the customer")).to_be_visible()
