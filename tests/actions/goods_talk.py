"""Customers in the forms about things of an order: shortcuts through what other tests are about."""

from crm.database import Database
from crm.orders.services import order_by_number
from crm.refunds.models import RefundRequest
from crm.refunds.services import requests_of, returns_of
from crm.returns.models import Return
from tests.actions.form_talk import FormTalk
from tests.actions.rasa import Outcome
from tests.crm.baskets import EMAIL
from tests.crm.mailbox import codes_sent


async def type_the_code(talk: FormTalk, database: Database) -> Outcome:
    """Let the code be sent and type it; what the form makes of it."""
    assert talk.slots["requested_slot"] == "one_time_code"
    await talk.ask()
    code = (await codes_sent(database, EMAIL))[-1]
    return await talk.give(code, one_time_code=code)


async def returns_stored(database: Database, number: str = "MM-10432") -> list[Return]:
    async with database.reading() as session:
        return await returns_of(session, (await order_by_number(session, number)).id)


async def requests_stored(database: Database, number: str = "MM-10432") -> list[RefundRequest]:
    async with database.reading() as session:
        return await requests_of(session, (await order_by_number(session, number)).id)
