"""Whether a customer wants our news: changed once a turn, audited, with a receipt by e-mail.

The law wants to know when and where somebody consented: the customer's row says it of the latest word, the
audit log of all before. Undoing is saying the opposite, at any time, which is a change with a receipt, too.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.audit.services import record
from crm.customers.consent_errors import ConsentUnchanged
from crm.customers.consent_rules import ConsentSource, consent_refusal
from crm.customers.models import Customer
from crm.effects.services import once
from crm.mail.receipts import send_receipt
from crm.mail.texts import render

ASKED = "the customer asked for it in the chat and confirmed"


@dataclass(frozen=True)
class ConsentChange:
    """What is so now, whose it is, and the receipt's reference."""

    customer_id: int
    wanted: bool
    reference: str


async def change_consent(
    session: AsyncSession,
    *,
    customer: Customer,
    wanted: bool,
    conversation_id: str | None,
    turn_id: str,
    now: datetime,
    actor: str = "customer",
    source: ConsentSource = ConsentSource.CHAT,
    why: str = ASKED,
) -> ConsentChange:
    """Send news from now on, or none any more. Raises ConsentUnchanged, judged by the row as stored now.

    A second call of the same turn returns the first one's result; ValueError where the turn has changed
    another customer's.
    """

    async def perform() -> dict[str, Any]:
        current = await _locked(session, customer.id)
        refusal = consent_refusal(current.marketing_consent, wanted)
        if refusal is not None:
            raise ConsentUnchanged(refusal)
        before = _written(current)
        current.marketing_consent = wanted
        current.consent_changed_at, current.consent_source = now, source
        entry = await record(
            session,
            actor=actor,
            action="change_newsletter",
            subject=f"customer {current.id}",
            before=before,
            after=_written(current),
            why=why,
            conversation_id=conversation_id,
            turn_id=turn_id,
            now=now,
        )
        change = ConsentChange(current.id, wanted, f"NEWS-{entry.id}")
        said = render("newsletter_wanted" if wanted else "newsletter_stopped")
        await send_receipt(
            session,
            customer=current,
            order_number=None,
            title=said.subject,
            lines=said.body.splitlines(),
            reference=change.reference,
            now=now,
        )
        return asdict(change)

    change = ConsentChange(
        **await once(session, turn_id=turn_id, action="change_newsletter", perform=perform)
    )
    if change.customer_id != customer.id:
        raise ValueError(f"turn {turn_id} has changed another customer's consent")
    return change


async def _locked(session: AsyncSession, customer_id: int) -> Customer:
    """The customer as stored now; two who change the same one wait for each other."""
    found = await session.execute(
        select(Customer)
        .where(Customer.id == customer_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found.scalar_one()


def _written(customer: Customer) -> dict[str, Any]:
    at = customer.consent_changed_at
    return {
        "marketing_consent": customer.marketing_consent,
        "at": at.isoformat() if at else None,
        "source": customer.consent_source.value if customer.consent_source else None,
    }
