"""Requests for money back, as an operator sees and decides them."""

from dataclasses import dataclass
from datetime import UTC, datetime

from crm.money import format_money
from crm.refunds.decisions import decline_request, pay_request
from crm.refunds.errors import MoreThanHeld, RequestDecided, RequestNotFound
from crm.refunds.services import waiting_requests
from frontdesk.errors import OperatorError
from frontdesk.ready_database import ready_database
from frontdesk.settings import Settings


@dataclass(frozen=True)
class Waiting:
    """A request that somebody has to decide about."""

    reference: str
    order_number: str
    amount: str
    reason: str
    since: datetime


async def list_requests(settings: Settings) -> list[Waiting]:
    """What waits, oldest first. Raises OperatorError where the database is not ready."""
    async with ready_database(settings) as database, database.reading() as session:
        return [
            Waiting(
                request.reference,
                number,
                format_money(request.amount, request.currency),
                request.reason.replace("_", " "),
                request.created_at,
            )
            for request, number in await waiting_requests(session)
        ]


async def pay(settings: Settings, reference: str, *, by: str) -> str:
    """Send the money of a request back; returns how much. Raises OperatorError."""
    async with ready_database(settings) as database:
        try:
            async with database.transaction() as session:
                refunds = await pay_request(session, reference=reference, actor=by, now=datetime.now(UTC))
                return format_money(sum(refund.amount for refund in refunds), refunds[0].currency)
        except (RequestNotFound, RequestDecided, MoreThanHeld) as error:
            raise _refused(reference, error) from error


async def decline(settings: Settings, reference: str, *, by: str, why: str) -> None:
    """Turn a request down; the customer reads `why`. Raises OperatorError."""
    async with ready_database(settings) as database:
        try:
            async with database.transaction() as session:
                await decline_request(session, reference=reference, actor=by, why=why, now=datetime.now(UTC))
        except (RequestNotFound, RequestDecided) as error:
            raise _refused(reference, error) from error


def _refused(reference: str, error: Exception) -> OperatorError:
    if isinstance(error, RequestNotFound):
        return OperatorError(f"There is no request {reference}: see `frontdesk refunds list`.")
    if isinstance(error, RequestDecided):
        return OperatorError(f"{reference} has been decided already, so nothing was changed.")
    return OperatorError(
        f"The order of {reference} does not hold so much any more: something went back since. "
        "Decline the request, and let the customer ask for the rest."
    )
