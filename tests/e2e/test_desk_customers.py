"""A customer's own data in an agent's browser: changed beside their conversation, and taken back."""

import pytest
from playwright.async_api import Browser, expect

from crm.customers.models import Customer
from crm.orders.models import OrderStatus
from tests.e2e.axe import barriers
from tests.e2e.chromium import PHONE, needs_chromium
from tests.e2e.desk_page import page_of, sign_in
from tests.e2e.test_desk_orders import done, operation, send, sheet, wider_than_its_place
from tests.gateway.desk.order_stage import proven_by, stored
from tests.gateway.desk.stage import Stage

pytestmark = [pytest.mark.asyncio(loop_scope="module"), needs_chromium]


@pytest.mark.parametrize("looks", [{}, PHONE], ids=["desktop", "phone"])
async def test_a_number_and_a_mailbox_are_changed_and_the_mailbox_goes_back(
    browser: Browser, stage: Stage, looks: dict[str, object]
) -> None:
    order = await stored(stage, "MM-10432", OrderStatus.PAID)
    await proven_by(stage, order.customer_id)
    async with page_of(browser, stage, **looks) as page:
        await sign_in(page)
        await page.keyboard.press("j")
        await page.keyboard.press("t")
        await expect(page.locator("[data-deed=resolve]")).to_be_visible()
        await page.keyboard.press("o")
        await operation(page, "change_phone").click()
        await sheet(page).get_by_label("New telephone number").fill("ring me")
        await send(page, "Change the number")
        await expect(sheet(page).get_by_role("alert")).to_contain_text("That is no telephone number")
        await sheet(page).get_by_label("New telephone number").fill("07700 900456")
        assert await barriers(page) == [], "the form of a number"
        await send(page, "Change the number")
        await done(page, "Telephone number changed")
        await operation(page, "change_email").click()
        await sheet(page).get_by_label("New e-mail address").fill("new.me@example.org")
        await send(page, "Change the e-mail address")
        await done(page, "E-mail address changed")
        assert await wider_than_its_place(page) == []
        assert await barriers(page) == [], "the account with its story"
        await operation(page, "undo").click()
        await sheet(page).get_by_label("Why, for colleagues").fill("It was mistyped, says the customer.")
        await send(page, "Take it back")
        await done(page, "New e-mail address taken back")
    async with stage.database.reading() as session:
        customer = await session.get_one(Customer, order.customer_id)
    assert (customer.phone, "new.me" in customer.email) == ("07700 900456", False)
