"""Gathers the escalation document from the store."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.complaints.services import latest_complaint
from crm.conversations.ledger import entries_of
from crm.conversations.models import Author, Conversation
from crm.conversations.services import conversation_by_id, transcript
from crm.customers.models import Customer
from crm.customers.services import customer_by_id
from crm.escalations.models import Escalation, Reason
from crm.identity.models import IdentityProof
from crm.identity.services import Level, Proof, proof_of
from crm.money import format_money
from crm.orders.models import Order
from crm.orders.rules import normalise_order_number
from crm.orders.services import orders_of
from crm.refunds.services import open_refunds_of, waiting_requests_of
from escalation.document import (
    ComplaintCard,
    CustomerCard,
    EarlierCard,
    EscalationDocument,
    Identity,
    Line,
    OrderCard,
    OrderLineCard,
    PageCard,
    PreparedLine,
    RefundCard,
    ShipmentCard,
    Suggestion,
    Tried,
)
from escalation.sentiment import sentiment_of
from escalation.summary import prepared_label, summarise
from escalation.urgency import urgency_of

MOST_ORDERS = 5
MOST_EARLIER = 5
PROVEN_BY = {
    Level.STRANGER: "nothing",
    Level.ORDER: "order number and e-mail",
    Level.CUSTOMER: "code sent by e-mail",
}
# Never told to an agent: a secret (a code is one even after its use), or our and Rasa's own bookkeeping.
HIDDEN_SLOTS = frozenset(
    {
        "one_time_code",
        "email_tried",
        "code_sent_for",
        "code_wanted_for",
        "form_problem",
        "requested_slot",
        "session_started_metadata",
    }
)


async def tell_story(
    session: AsyncSession,
    *,
    conversation_id: str,
    reason: Reason,
    slots: Mapping[str, Any],
    suggestions: Sequence[Suggestion],
    now: datetime,
    matched: str | None = None,
    prepared: Mapping[str, str] | None = None,
) -> EscalationDocument:
    """The document as of now. Raises ConversationNotFound."""
    conversation = await conversation_by_id(session, conversation_id)
    lines = [
        Line(
            sequence=message.sequence,
            author=Author(message.author),
            name=message.author_name,
            text=message.text,
            at=message.created_at,
        )
        for message in await transcript(session, conversation_id)
    ]
    tried = [
        Tried(turn_id=entry.turn_id, kind=entry.kind, data=entry.data, at=entry.created_at)
        for entry in await entries_of(session, conversation_id)
    ]
    shown_slots = {
        name: value for name, value in slots.items() if value is not None and name not in HIDDEN_SLOTS
    }
    proof = await proof_of(session, conversation_id)
    identity = Identity(level=proof.level, proven_by=PROVEN_BY[proof.level])
    customer = await _customer_card(session, proof)
    orders = await _order_cards(session, proof, shown_slots)
    complaint = await _complaint_card(session, conversation_id)
    sentiment = sentiment_of([(line.sequence, line.text) for line in lines if line.author is Author.CUSTOMER])
    page = conversation.page
    lines_prepared = [
        PreparedLine(label=prepared_label(name), value=value) for name, value in (prepared or {}).items()
    ]
    return EscalationDocument(
        conversation_id=conversation_id,
        reason=reason,
        urgency=urgency_of(reason, sentiment),
        created_at=now,
        matched=matched,
        summary=summarise(
            reason=reason,
            identity=identity,
            customer=customer,
            transcript=lines,
            tried=tried,
            orders=orders,
            sentiment=sentiment,
            complaint=complaint,
            matched=matched,
            prepared=lines_prepared,
        ),
        transcript=lines,
        tried=tried,
        slots=shown_slots,
        identity=identity,
        customer=customer,
        complaint=complaint,
        prepared=lines_prepared,
        orders=orders,
        open_refunds=await _refund_cards(session, proof),
        earlier=await _earlier(session, conversation, proof),
        sentiment=sentiment,
        suggestions=list(suggestions),
        page=PageCard(
            url=page.get("url", ""),
            title=page.get("title", ""),
            language=page.get("language", ""),
            device=page.get("device", ""),
        ),
    )


async def _customer_card(session: AsyncSession, proof: Proof) -> CustomerCard | None:
    if proof.customer_id is None:
        return None
    customer: Customer | None = await customer_by_id(session, proof.customer_id)
    if customer is None:
        return None
    return CustomerCard(
        id=customer.id,
        name=customer.name,
        email=customer.email,
        phone=customer.phone,
        since=customer.created_at,
        order_count=len(await orders_of(session, customer.id, limit=1_000)),
        marketing_consent=customer.marketing_consent,
    )


async def _order_cards(session: AsyncSession, proof: Proof, slots: Mapping[str, Any]) -> list[OrderCard]:
    """The customer's newest orders, those asked about first."""
    if proof.customer_id is None:
        return []
    named = normalise_order_number(str(slots.get("order_number") or ""))
    orders = await orders_of(session, proof.customer_id, limit=1_000)

    def asked_about(order: Order) -> bool:
        return order.number == named or order.id in proof.order_ids

    orders.sort(key=lambda order: (not asked_about(order), -order.placed_at.timestamp()))
    return [_order_card(order, asked_about(order)) for order in orders[:MOST_ORDERS]]


def _order_card(order: Order, asked_about: bool) -> OrderCard:
    return OrderCard(
        number=order.number,
        status=str(order.status),
        placed_at=order.placed_at,
        total=str(order.total_money),
        paid_with=[payment.label for payment in order.payments],
        lines=[
            OrderLineCard(
                name=line.name, quantity=pieces, price=format_money(line.unit_price, order.currency)
            )
            for line, pieces in order.billed
        ],
        shipments=[
            ShipmentCard(
                carrier=str(shipment.carrier),
                tracking_code=shipment.tracking_code,
                expected_on=shipment.expected_on,
                delivered_at=shipment.delivered_at,
            )
            for shipment in order.shipments
        ],
        asked_about=asked_about,
    )


async def _complaint_card(session: AsyncSession, conversation_id: str) -> ComplaintCard | None:
    complaint = await latest_complaint(session, conversation_id)
    if complaint is None:
        return None
    return ComplaintCard(
        reference=complaint.reference,
        order_number=complaint.order.number,
        kind=complaint.kind,
        items=list(complaint.items),
        details=complaint.details,
        wish=complaint.wish,
        created_at=complaint.created_at,
    )


async def _refund_cards(session: AsyncSession, proof: Proof) -> list[RefundCard]:
    """Money that is asked for, and money on its way."""
    if proof.customer_id is None:
        return []
    numbers = {
        payment.id: order.number
        for order in await orders_of(session, proof.customer_id, limit=1_000)
        for payment in order.payments
    }
    asked_for = [
        RefundCard(
            order_number=number,
            amount=format_money(request.amount, request.currency),
            reason=f"{request.reference}: {request.reason.replace('_', ' ')}",
            status=str(request.state),
            created_at=request.created_at,
        )
        for request, number in await waiting_requests_of(session, proof.customer_id)
    ]
    return asked_for + [
        RefundCard(
            order_number=numbers.get(refund.payment_id, ""),
            amount=format_money(refund.amount, refund.currency),
            reason=refund.reason,
            status=str(refund.status),
            created_at=refund.created_at,
        )
        for refund in await open_refunds_of(session, proof.customer_id)
    ]


async def _earlier(session: AsyncSession, conversation: Conversation, proof: Proof) -> list[EarlierCard]:
    """Earlier escalations of the same browser, or of the same proven customer."""
    same = [Conversation.visitor_id == conversation.visitor_id]
    if proof.customer_id is not None:
        of_customer = select(IdentityProof.conversation_id).where(
            IdentityProof.customer_id == proof.customer_id
        )
        same.append(Conversation.id.in_(of_customer))
    found = await session.scalars(
        select(Escalation)
        .join(Conversation, Conversation.id == Escalation.conversation_id)
        .where(or_(*same))
        .order_by(Escalation.created_at.desc())
        .limit(MOST_EARLIER)
    )
    return [
        EarlierCard(
            id=escalation.id,
            reason=escalation.reason,
            state=escalation.state,
            created_at=escalation.created_at,
            note=escalation.note,
        )
        for escalation in found
    ]
