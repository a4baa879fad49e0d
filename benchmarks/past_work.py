"""What a shop has done before: ended operations, refunds, returns and mails of one order in five."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast, literal
from sqlalchemy.sql import ColumnElement

from crm.operations.models import OperationKind
from crm.outbox.services import MAIL
from crm.refunds.models import RefundReason, RefundStatus, RequestState
from crm.returns.models import Postage, ReturnKind, ReturnReason, ReturnState

WITH_A_PAST = 5
LINES_EACH = 2
PRICE = 2_000
FIRST_NUMBER = 1_000_000
CURRENCY = "GBP"

Number = ColumnElement[int]


def named(prefix: str, n: Number) -> ColumnElement[str]:
    return literal(prefix, String) + cast(n, String)


def _refund(n: Number, now: datetime) -> dict[str, Any]:
    """Stands for past work only: the payments' own figures are as if it had failed."""
    return {
        "payment_id": n * WITH_A_PAST,
        "amount": PRICE,
        "currency": CURRENCY,
        "reason": "a refund that the provider refused",
        "status": RefundStatus.FAILED,
        "created_at": now,
        "failure": "refused",
    }


def _operation(n: Number, now: datetime) -> dict[str, Any]:
    return {
        "reference": named("past-", n),
        "order_id": n * WITH_A_PAST,
        "kind": OperationKind.CHANGE_ADDRESS,
        "actor": "customer",
        "receipt": {"address": "4 Mill Lane, Kendal, LA9 4AB"},
        "inverse": {},
        "turn_id": named("past-", n),
        "done_at": now,
    }


def _audited(n: Number, now: datetime) -> dict[str, Any]:
    return {
        "at": now,
        "actor": "customer",
        "action": "change_address",
        "subject": literal("order #W", String) + cast(n * WITH_A_PAST + FIRST_NUMBER, String),
        "before": {},
        "after": {},
        "why": "the customer asked for it in the chat and confirmed",
        "conversation_id": named("conversation-", n),
        "turn_id": named("past-", n),
    }


def _effect(n: Number, now: datetime) -> dict[str, Any]:
    return {"turn_id": named("past-", n), "action": "change_address", "result": {}, "created_at": now}


def _mail(n: Number, now: datetime) -> dict[str, Any]:
    return {
        "topic": MAIL,
        "payload": {"to": "customer@example.com", "subject": "Your order", "text": ""},
        "created_at": now,
        "available_at": now,
        "attempts": 1,
        "delivered_at": now,
        "dead": False,
    }


def _request(n: Number, now: datetime) -> dict[str, Any]:
    return {
        "reference": named("past-", n),
        "order_id": n * WITH_A_PAST,
        "amount": PRICE,
        "currency": CURRENCY,
        "reason": RefundReason.DAMAGED,
        "state": RequestState.DECLINED,
        "conversation_id": named("past-", n),
        "turn_id": named("past-", n),
        "created_at": now,
        "decided_at": now,
    }


def _request_line(n: Number, now: datetime) -> dict[str, Any]:
    return {
        "request_id": n,
        "order_line_id": n * WITH_A_PAST * LINES_EACH,
        "quantity": 1,
        "amount": PRICE,
        "state": RequestState.DECLINED,
    }


def _return(n: Number, now: datetime) -> dict[str, Any]:
    return {
        "reference": named("past-", n),
        "order_id": n * WITH_A_PAST,
        "kind": ReturnKind.REFUND,
        "reason": ReturnReason.CHANGED_MIND,
        "state": ReturnState.WITHDRAWN,
        "postage": Postage.FREE_LABEL,
        "amount": PRICE,
        "currency": CURRENCY,
        "conversation_id": named("past-", n),
        "turn_id": named("past-", n),
        "announced_at": now,
        "closed_at": now,
    }


def _return_line(n: Number, now: datetime) -> dict[str, Any]:
    return {
        "return_id": n,
        "order_line_id": n * WITH_A_PAST * LINES_EACH,
        "quantity": 1,
        "amount": PRICE,
    }


PAST: dict[str, Callable[..., dict[str, Any]]] = {
    "refunds": _refund,
    "refund_requests": _request,
    "refund_request_lines": _request_line,
    "returns": _return,
    "return_lines": _return_line,
    "operations": _operation,
    "audit_log": _audited,
    "effects": _effect,
    "outbox": _mail,
}
