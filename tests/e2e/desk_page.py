"""The desk in an agent's browser, over the real interface and store, as its tests drive it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Page, expect

from crm.conversations.models import Author
from crm.conversations.services import transcript
from crm.escalations.models import Escalation, Reason
from escalation.document import Suggestion
from tests.e2e.chromium import DESKTOP
from tests.gateway.desk.stage import PASSWORD, Stage

ANSWER = "Parcels can stand still for two working days between depots."


@asynccontextmanager
async def page_of(browser: Browser, stage: Stage, **looks: Any) -> AsyncIterator[Page]:
    """A browser at the desk's address. No script may fail and nothing may break the security policy."""
    complaints: list[str] = []
    async with await browser.new_context(**{**DESKTOP, **looks}) as context:
        page = await context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: complaints.append(message.text) if "Content Security" in message.text else None,
        )
        await page.goto(str(stage.server.make_url("/desk")))
        yield page
        assert complaints == [], complaints


async def sign_in(page: Page, email: str = "mara@shop.example") -> None:
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator(".queue[aria-busy=false]")).to_be_visible()


async def somebody_waits(stage: Stage, text: str = "my parcel stands still, a person please") -> Escalation:
    understood = {"intents": [{"name": "order_status", "confidence": 0.82}], "entities": []}
    return await stage.escalated(
        ("bot", "Hello!"),
        ("customer", text),
        reason=Reason.ASKED_FOR,
        tried=[
            (1, "understood", understood),
            (1, "article", {"title": "Delivery times", "score": 0.71}),
            (1, "refused", {"name": "action_cancel_order", "response": "utter_not_proven"}),
        ],
        suggestions=[Suggestion(text=ANSWER, title="Tracking", url="/help/tracking", score=0.83)],
        page={"title": "Fell Runner jacket", "url": "https://shop.example/j"},
    )


async def said_by_agents(stage: Stage, escalation: Escalation) -> list[str]:
    async with stage.database.reading() as session:
        lines = await transcript(session, escalation.conversation_id)
    return [line.text for line in lines if line.author == Author.AGENT]


def reply_box(page: Page) -> Any:
    return page.locator(".composer textarea")
