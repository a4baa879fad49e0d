"""A conversation with everything in it that the desk can show."""

from typing import Any

from crm.complaints.models import ComplaintKind, Wish
from crm.complaints.services import report_problem
from crm.escalations.models import Escalation, Reason
from crm.identity.services import prove_order
from crm.orders.models import OrderStatus
from crm.refunds.models import RefundReason
from crm.refunds.position import Part
from crm.refunds.requests import request_refund
from escalation.document import Suggestion
from tests.crm.factories import stored_order
from tests.e2e.cards import (
    ARTICLE,
    BOOTS,
    DATE_PICKER,
    FROM_THE_FUTURE,
    JACKET,
    ORDER,
    ORDERS,
    PRODUCTS,
    RECEIPT,
)
from tests.gateway.desk.stage import Stage

CARDS = (ARTICLE, ORDER, ORDERS, JACKET, BOOTS, PRODUCTS, DATE_PICKER, RECEIPT, FROM_THE_FUTURE)
EMAIL = "nia@example.org"


async def everything_happened(stage: Stage) -> Escalation:
    """Nia proved her order, was shown every card, reported a damage and asked for her money."""
    now = stage.clock()
    order = await stored_order(stage.database, email=EMAIL, status=OrderStatus.DELIVERED, placed_at=now)

    async def prove(session: Any, conversation: Any) -> None:
        told = {"conversation_id": conversation.id, "turn_id": "0" * 32, "now": now}
        await prove_order(
            session, conversation_id=conversation.id, order_number=order.number, email=EMAIL, now=now
        )
        await report_problem(
            session,
            order=order,
            kind=ComplaintKind.DAMAGED,
            items=["Moorland Wool Jumper, M"],
            details="The left sleeve is torn along the seam.",
            wish=Wish.REFUND,
            **told,
        )
        parts = [Part(line_id=order.lines[0].id, quantity=1)]
        await request_refund(session, order=order, reason=RefundReason.DAMAGED, parts=parts, **told)

    return await stage.escalated(
        *[("bot", f"Card number {position}.") for position in range(len(CARDS))],
        ("customer", "my jumper arrived torn, I want my money back"),
        attachments=dict(enumerate(CARDS)),
        reason=Reason.COMPLAINT,
        prove=prove,
        tried=[
            (1, "understood", {"intents": [{"name": "report_damaged", "confidence": 0.62}], "entities": []}),
            (1, "article", {"title": "Damaged parcels", "score": 0.55}),
            (1, "action", {"name": "action_report_problem", "error": "TimeoutError", "error_id": "e-1"}),
            (1, "effect", {"action": "action_request_refund"}),
        ],
        suggestions=[Suggestion(text="I am sorry.", title="Damaged", url="/help/damaged", score=0.8)],
        slots={"order_number": order.number},
        page={
            "title": "Fell jacket",
            "url": "https://shop.example/j",
            "language": "en-GB",
            "device": "phone",
        },
    )
