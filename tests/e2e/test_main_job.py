"""The main job, end to end: a customer is helped, and a human takes over with the whole story."""

import asyncio
import email
import re
from collections.abc import AsyncIterator
from email import policy
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.orders.models import Order, OrderStatus
from crm.refunds.models import Refund
from tests.e2e.chromium import launched, needs_chromium
from tests.e2e.shop import PATIENCE_MS, Shop
from tests.wording import pattern_of

pytestmark = [pytest.mark.asyncio(loop_scope="module"), needs_chromium]

PAID = ("MM-10002", "owen.hale@example.com")
SHIPPED = ("MM-10001", "isla.thornton@example.com")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


async def code_mailed_to(address: str, mail_folder: Path) -> str:
    """The one-time code in the latest mail to this address, once those that wait before it have gone."""
    async with asyncio.timeout(60):
        while (code := await asyncio.to_thread(_latest_code, address, mail_folder)) is None:
            await asyncio.sleep(0.2)
    return code


def _latest_code(address: str, mail_folder: Path) -> str | None:
    for file in sorted(mail_folder.glob("*.eml"), reverse=True):
        message = email.message_from_bytes(file.read_bytes(), policy=policy.default)
        body = message.get_body(("plain",))
        if message["To"] == address and body is not None:
            return re.findall(r"\b\d{6}\b", body.get_content())[0]
    return None


async def test_an_order_is_shown_to_who_knows_its_number_and_e_mail(browser: Browser, shop: Shop) -> None:
    number, address = SHIPPED
    async with shop.customer(browser) as customer:
        await customer.write("where is my order?")
        await customer.hears("utter_ask_order_number")
        await customer.write(number)
        await customer.hears("utter_ask_email")
        await customer.write("somebody.else@example.com")
        await expect(customer.page.locator(".log")).to_contain_text(pattern_of("utter_order_not_matched"))
        assert await customer.page.locator(".log .card").count() == 0
        await customer.write(address)
        await expect(customer.page.locator(".log .card")).to_contain_text(number, timeout=PATIENCE_MS)


async def test_a_cancellation_takes_code_and_clear_yes_and_happens_once(browser: Browser, shop: Shop) -> None:
    number, address = PAID
    async with shop.customer(browser) as customer:
        await customer.write(f"please cancel order {number}")
        await customer.hears("utter_ask_email")
        await customer.write(address)
        await customer.hears("utter_code_sent")
        await customer.write(await code_mailed_to(address, shop.stack.state_dir / "mail"))
        await customer.hears("utter_ask_cancel_reason")
        await customer.page.get_by_role("button", name=re.compile("by mistake")).click()
        await customer.hears("utter_cancel_confirm")
        await customer.page.get_by_role("button", name=re.compile("^Yes")).click()
        await expect(customer.page.locator(".log .card").last).to_contain_text(number, timeout=PATIENCE_MS)
    async with shop.store() as database, database.reading() as session:
        order = (await session.scalars(select(Order).where(Order.number == number))).one()
        assert order.status == OrderStatus.CANCELLED
        refunds = list(await session.scalars(select(Refund).where(Refund.payment_id == order.payments[0].id)))
        assert [refund.amount for refund in refunds] == [order.payments[0].captured]
        audited = list(await session.scalars(select(AuditEntry).where(AuditEntry.subject.contains(number))))
        assert len(audited) == 1


async def test_a_question_is_answered_from_an_article_with_its_link(browser: Browser, shop: Shop) -> None:
    async with shop.customer(browser) as customer:
        await customer.write("how do i wash a wool jumper?")
        card = customer.page.locator(".log .card").last
        await expect(card).to_be_visible(timeout=PATIENCE_MS)
        link = await customer.page.locator(".log a[href*='/help/']").last.get_attribute("href")
        assert link is not None
        await customer.page.goto(link)
        await expect(customer.page.locator("h1")).not_to_be_empty()


async def test_what_is_not_understood_twice_reaches_a_person(browser: Browser, shop: Shop) -> None:
    async with shop.customer(browser) as customer:
        await customer.write("hmm hmm hmm")
        await expect(customer.bubbles).to_have_count(3, timeout=PATIENCE_MS)
        await customer.write("hmm hmm hmm")
        await customer.sees("close this page and come back")


async def test_a_person_takes_over_answers_and_hands_back(browser: Browser, shop: Shop) -> None:
    async with shop.agent(browser) as desk, shop.customer(browser) as customer:
        await customer.write("do you ship to Ireland?")
        await expect(customer.page.locator(".log .card").last).to_be_visible(timeout=PATIENCE_MS)
        await customer.write("I want to talk to a person")
        await customer.sees("close this page and come back")
        waiting = desk.locator(".queue").get_by_text("talk to a person").first
        await expect(waiting).to_be_visible(timeout=PATIENCE_MS)
        await waiting.click()
        await desk.get_by_role("button", name="Take over", exact=True).click()
        await customer.sees("Mara has joined the conversation")
        await desk.locator(".composer textarea").fill("Hello, Mara here. We do ship to Ireland.")
        await desk.keyboard.press("Enter")
        await customer.sees("Hello, Mara here.")
        await customer.write("wonderful, thank you Mara")
        await expect(desk.get_by_text("wonderful, thank you Mara").first).to_be_visible(timeout=PATIENCE_MS)
        await desk.get_by_role("button", name="Hand back").first.click()
        await customer.sees("handed you back to the assistant")
        await customer.write("how long do I have to send something back?")
        await customer.sees("30 days")
        assert await customer.count("passed everything you wrote to a colleague") == 0
