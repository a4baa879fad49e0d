"""A customer who has proven their mailbox, in one of the account's forms."""

from sqlalchemy import select

from actions.support_action import Dependencies
from crm.audit.models import AuditEntry
from crm.customers.models import Customer
from crm.database import Database
from crm.orders.models import Order
from tests.actions.form_talk import FormTalk
from tests.crm.factories import stored_conversation
from tests.crm.mailbox import codes_sent

EMAIL = "nia@example.com"


async def begun(
    dependencies: Dependencies, database: Database, form: str, text: str, intent: str, **entities: str
) -> FormTalk:
    """The form after e-mail and code."""
    talk = FormTalk(dependencies, await stored_conversation(database), form)
    await talk.give(text, intent, **entities)
    if talk.slots["requested_slot"] == "email":
        await talk.give(EMAIL, email=EMAIL)
    assert (await talk.ask()).responses == ["utter_code_sent_account"]
    code = (await codes_sent(database, EMAIL))[-1]
    await talk.give(code, one_time_code=code)
    return talk


async def stored(database: Database) -> tuple[Customer, Order, list[AuditEntry]]:
    async with database.reading() as session:
        customer = (await session.execute(select(Customer))).scalars().first()
        order = (await session.execute(select(Order))).scalars().first()
        entries = list(await session.scalars(select(AuditEntry).order_by(AuditEntry.id)))
    assert customer is not None
    assert order is not None
    return customer, order, entries
