"""A stand-in for the action server that starts in a second: `python -m tests.faults.actions`.

Its one action is a real service of the shop with a real effect, an invoice that is mailed, called in one
transaction as every action does. The long form of the suite has the real action server in its place.
"""

import asyncio
import random
import sys
from datetime import UTC, datetime

from aiohttp import web

from crm.database import STORE_ERRORS, Database
from crm.errors import SupportError
from crm.identity.services import prove_order
from crm.invoices.services import send_invoice

SLOWEST = 0.15


class Actions:
    """Answers with a text, or with a 500 as an action that failed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def webhook(self, request: web.Request) -> web.Response:
        body = await request.json()
        now = datetime.now(UTC)
        await asyncio.sleep(random.uniform(0, SLOWEST))
        try:
            async with self._database.transaction() as session:
                order = await prove_order(
                    session,
                    conversation_id=body["conversation_id"],
                    order_number=body["order"],
                    email=body["email"],
                    now=now,
                )
                sent = await send_invoice(
                    session,
                    order=order,
                    conversation_id=body["conversation_id"],
                    turn_id=body["turn_id"],
                    now=now,
                )
        except SupportError as error:
            return web.json_response({"text": type(error).__name__})
        except STORE_ERRORS:
            return web.Response(status=500)
        await asyncio.sleep(random.uniform(0, SLOWEST))
        return web.json_response({"text": f"sent: {sent.reference}"})

    async def ready(self, _request: web.Request) -> web.Response:
        await self._database.ping()
        return web.Response()


def main(port: str, database_url: str) -> None:
    actions = Actions(Database(database_url))
    app = web.Application()
    app.router.add_post("/webhook", actions.webhook)
    app.router.add_get("/health/ready", actions.ready)
    web.run_app(app, host="127.0.0.1", port=int(port), print=None, handler_cancellation=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
