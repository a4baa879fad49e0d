"""A customer who talks to the running bot as the gateway does."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from sqlalchemy import func, select

from crm.audit.models import AuditEntry
from crm.conversations.services import open_conversation
from crm.customers.models import Customer as Shopper
from crm.database import Database, new_id
from crm.days import day_in_shop
from crm.escalations.services import live_escalation
from crm.orders.models import Carrier, Order, OrderStatus, Shipment
from crm.payments.models import Payment
from tests.crm.factories import make_customer, make_order, make_product
from tests.crm.mailbox import codes_sent

_FIRST_NUMBER = 50_001


@dataclass
class Reply:
    """What came back for one message."""

    responses: list[str]
    text: str
    choices: dict[str, str]
    attachments: list[str]


@dataclass
class Customer:
    """One conversation; `names` are what {order}, {email} and so on stand for."""

    http: aiohttp.ClientSession
    rasa_url: str
    database: Database
    conversation_id: str
    names: dict[str, str] = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)
    seen_events: int = 0

    @classmethod
    async def arrive(cls, http: aiohttp.ClientSession, rasa_url: str, database: Database) -> "Customer":
        now = datetime.now(UTC)
        async with database.transaction() as session:
            conversation = await open_conversation(
                session, token=new_id(), address_hash=new_id(), page={}, now=now
            )
        return cls(http, rasa_url, database, conversation.id)

    async def owns(self, orders: list[dict[str, Any]]) -> None:
        """Store the case's orders under numbers that no other case has."""
        for position, wanted in enumerate(orders, start=1):
            suffix = "" if position == 1 else str(position)
            number = await self._next_number()
            email = str(wanted.get("email", f"customer{new_id()[:8]}@example.com")).format(**self.names)
            await _store(self.database, number, email, wanted)
            self.names |= {
                f"order{suffix}": number,
                f"digits{suffix}": number.removeprefix("MM-"),
                f"email{suffix}": email,
            }

    async def write(self, text: str) -> Reply:
        """Say something; `{code}` stands for the code in the latest mail to this customer."""
        if "{code}" in text:
            self.names["code"] = (await self.codes())[-1]
        return await self._send(text.format(**self.names))

    async def tap(self, title: str) -> Reply:
        assert title in self.choices, f"{title!r} is not on offer, only {list(self.choices)}"
        return await self._send(self.choices[title])

    async def codes(self) -> list[str]:
        return await codes_sent(self.database, self.names["email"])

    async def tracker(self) -> Mapping[str, Any]:
        async with self.http.get(
            f"{self.rasa_url}/conversations/{self.conversation_id}/tracker",
            params={"include_events": "ALL"},
        ) as answer:
            found: Mapping[str, Any] = await answer.json()
            return found

    async def left_behind(self) -> dict[str, Any]:
        """What the store says about this conversation, in the words of a case's `then`."""
        async with self.database.reading() as session:
            escalation = await live_escalation(session, self.conversation_id)
            audited = await session.scalar(
                select(AuditEntry.action).where(AuditEntry.conversation_id == self.conversation_id)
            )
            found: dict[str, Any] = {
                "escalated": str(escalation.reason) if escalation else None,
                "audited": audited,
            }
            if "order" in self.names:
                order = (
                    await session.execute(select(Order).where(Order.number == self.names["order"]))
                ).scalar_one()
                refunded = await session.scalar(
                    select(func.sum(Payment.refunded)).where(Payment.order_id == order.id)
                )
                found |= {
                    "order": order.status.value,
                    "refunded": refunded or 0,
                    "codes": len(await self.codes()),
                }
        return found

    async def _send(self, text: str) -> Reply:
        turn_id = new_id()
        body = {
            "sender": self.conversation_id,
            "message": text,
            "metadata": {"turn_id": turn_id, "conversation_id": self.conversation_id},
        }
        async with self.http.post(f"{self.rasa_url}/webhooks/rest/webhook", json=body) as answer:
            assert answer.status == 200, await answer.text()
            messages = await answer.json()
        events = (await self.tracker())["events"]
        fresh, self.seen_events = events[self.seen_events :], len(events)
        said = [event for event in fresh if event["event"] == "bot"]
        reply = Reply(
            responses=[str((event.get("metadata") or {}).get("utter_action")) for event in said],
            text="\n".join(message.get("text", "") for message in messages),
            choices={
                choice["title"]: choice["payload"]
                for message in messages
                for choice in message.get("buttons", [])
            },
            attachments=[
                message["custom"]["attachment"]["kind"] for message in messages if message.get("custom")
            ],
        )
        assert not re.search(r"\{\w+\}", reply.text), f"a placeholder was not filled: {reply.text}"
        self.choices = reply.choices
        return reply

    async def _next_number(self) -> str:
        async with self.database.reading() as session:
            taken = await session.scalar(
                select(func.count()).select_from(Order).where(Order.number >= f"MM-{_FIRST_NUMBER}")
            )
        return f"MM-{_FIRST_NUMBER + (taken or 0)}"


async def _store(database: Database, number: str, email: str, wanted: Mapping[str, Any]) -> None:
    """An order of this customer, who may have others already."""
    now = datetime.now(UTC)
    status = OrderStatus(wanted.get("status", "paid"))
    dated: dict[str, Any] = {"placed_at": now - timedelta(days=3)}
    if status is OrderStatus.DELIVERED:
        dated["delivered_at"] = now - timedelta(days=wanted.get("delivered_days_ago", 1))
    if status is OrderStatus.PENDING:
        dated["payments"] = []
    async with database.transaction() as session:
        product = make_product()
        owner = await session.scalar(select(Shopper).where(Shopper.email == email)) or make_customer(email)
        session.add_all([product, owner])
        await session.flush()
        order = make_order(number, owner, product.variants[0], status=status, **dated)
        if status in (OrderStatus.SHIPPED, OrderStatus.DELIVERED):
            order.shipments.append(_parcel(now, wanted.get("expected_in_days", 2)))
        session.add(order)


def _parcel(now: datetime, expected_in_days: int) -> Shipment:
    return Shipment(
        carrier=Carrier.DPD,
        tracking_code="15501234567890",
        shipped_at=now - timedelta(days=1),
        expected_on=day_in_shop(now) + timedelta(days=expected_in_days),
    )
