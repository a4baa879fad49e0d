"""Telling again: the same refusal heard twice, and a matter that a person has dealt with days ago."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.conversations.ledger import entries_of
from crm.conversations.models import Conversation, LedgerKind
from crm.conversations.services import conversation_by_id
from crm.escalations.models import Escalation, EscalationState
from crm.escalations.services import latest_escalation
from crm.identity.models import IdentityProof
from crm.identity.services import proof_of

SAME_WITHIN = timedelta(days=7)
# How responses that refuse by a rule of the shop are named: utter_cancel_refused_shipped.
REFUSED = "_refused"
# Wishes that say "it is still not right", and the matter they belong to. Asking where a parcel is again is
# no such wish, nor is anything the customer confirms and the bot then does.
MATTERS: Mapping[str, str] = {
    "report_late": "arrival",
    "report_missing": "arrival",
    "report_damaged": "fault",
    "report_wrong_item": "fault",
    "refund_status": "money",
    "payment_problem": "money",
    "complain": "complaint",
}


def is_refusal(response: str) -> bool:
    """Whether a response is a rule's no, by its name."""
    return REFUSED in response


async def insists(
    session: AsyncSession, conversation_id: str, turn_id: str, *, response: str, about: str | None
) -> bool:
    """Whether an earlier turn has heard the same refusal about the same order.

    What was refused before a person dealt with the conversation does not count any more.
    """
    latest = await latest_escalation(session, conversation_id)
    since = latest.ended_at if latest else None
    return any(
        entry.kind == LedgerKind.REFUSED
        and entry.turn_id != turn_id
        and entry.data.get("response") == response
        and entry.data.get("about") == about
        and (since is None or entry.created_at > since)
        for entry in await entries_of(session, conversation_id)
    )


async def came_again(
    session: AsyncSession,
    conversation_id: str,
    *,
    wish: str | None,
    order_number: str | None,
    now: datetime,
) -> bool:
    """Whether a person resolved the same matter of the same visitor or customer within the last week."""
    if wish is None or wish not in MATTERS:
        return False
    conversation = await conversation_by_id(session, conversation_id)
    proof = await proof_of(session, conversation_id)
    whose = [Conversation.visitor_id == conversation.visitor_id]
    if proof.customer_id is not None:
        of_customer = select(IdentityProof.conversation_id).where(
            IdentityProof.customer_id == proof.customer_id
        )
        whose.append(Conversation.id.in_(of_customer))
    resolved = await session.scalars(
        select(Escalation)
        .join(Conversation, Conversation.id == Escalation.conversation_id)
        .where(
            or_(*whose),
            Escalation.state == EscalationState.RESOLVED,
            Escalation.ended_at > now - SAME_WITHIN,
        )
    )
    return any(same_matter(escalation.document, wish, order_number) for escalation in resolved)


def same_matter(document: Mapping[str, Any], wish: str, order_number: str | None) -> bool:
    """Whether an escalation's document was about this wish, and about this order where both name one."""
    matters = {
        MATTERS.get(intents[0]["name"])
        for entry in document["tried"]
        if entry["kind"] == LedgerKind.UNDERSTOOD and (intents := entry["data"].get("intents"))
    }
    if MATTERS[wish] not in matters:
        return False
    earlier = (document.get("complaint") or {}).get("order_number") or document["slots"].get("order_number")
    return order_number is None or earlier is None or order_number == earlier
