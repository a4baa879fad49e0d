"""Whether a customer wants our news: changed once a turn, audited, with a receipt by e-mail and the way back.

The law wants to know when and where somebody consented: the customer's row says it of the latest word, the
audit log of all before. Taking a change back within its time makes it not have been: the word before counts
again, with its own time and place. Saying the opposite, at any time, is a change of its own.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm.customers.consent_errors import ConsentUnchanged
from crm.customers.consent_rules import ConsentSource, consent_refusal
from crm.customers.locking import locked_customer
from crm.customers.models import Customer
from crm.effects.services import once
from crm.operations.errors import UndoRefused, UndoRule
from crm.operations.letters import send_consent_changed
from crm.operations.models import Operation, OperationKind
from crm.operations.occasion import CUSTOMER, Occasion
from crm.operations.services import write_down

ACTION = "change_newsletter"


@dataclass(frozen=True)
class ConsentChange:
    """What is so now, whose it is, the receipt's reference, and until when the customer can take it back."""

    customer_id: int
    wanted: bool
    reference: str
    undo_until: datetime | None = None


async def change_consent(
    session: AsyncSession, *, customer: Customer, wanted: bool, by: Occasion
) -> ConsentChange:
    """Send news from now on, or none any more. Raises ConsentUnchanged, judged by the row as stored now.

    A second call of the same turn returns the first one's result; ValueError where the turn has changed
    another customer's.
    """

    async def perform() -> dict[str, Any]:
        current = await locked_customer(session, customer.id)
        refusal = consent_refusal(current.marketing_consent, wanted)
        if refusal is not None:
            raise ConsentUnchanged(refusal)
        before = _written(current)
        current.marketing_consent = wanted
        current.consent_changed_at = by.now
        current.consent_source = ConsentSource.CHAT if by.actor == CUSTOMER else ConsentSource.DESK
        after = _written(current)
        operation = await write_down(
            session,
            current,
            OperationKind.CHANGE_CONSENT,
            by,
            action=ACTION,
            before=before,
            after=after,
            receipt={"wanted": wanted},
            inverse={"before": before, "after": after},
        )
        await send_consent_changed(session, current, operation, wanted, by.now)
        until = operation.undo_until
        return {
            "customer_id": current.id,
            "wanted": wanted,
            "reference": operation.reference,
            "undo_until": until.isoformat() if until else None,
        }

    result = await once(session, turn_id=by.turn_id, action=ACTION, perform=perform)
    if result["customer_id"] != customer.id:
        raise ValueError(f"turn {by.turn_id} has changed another customer's consent")
    until = result["undo_until"]
    return ConsentChange(**{**result, "undo_until": datetime.fromisoformat(until) if until else None})


async def consent_as_before(
    session: AsyncSession, customer: Customer, operation: Operation, now: datetime
) -> None:
    """The inverse. Raises UndoRefused where something was said since."""
    before, after = operation.inverse["before"], operation.inverse["after"]
    if _written(customer) != after:
        raise UndoRefused(UndoRule.MOVED_ON, reference=operation.reference)
    customer.marketing_consent = before["marketing_consent"]
    customer.consent_changed_at = datetime.fromisoformat(before["at"]) if before["at"] else None
    customer.consent_source = ConsentSource(before["source"]) if before["source"] else None
    await session.flush()


def _written(customer: Customer) -> dict[str, Any]:
    at = customer.consent_changed_at
    return {
        "marketing_consent": customer.marketing_consent,
        "at": at.isoformat() if at else None,
        "source": customer.consent_source.value if customer.consent_source else None,
    }
