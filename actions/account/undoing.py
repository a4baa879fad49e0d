"""Taking a change of one's own data back: the steps of the form for undoing where no order is meant."""

import re
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.form import Draft
from actions.forms.identity import take_code, unconfirmed
from actions.forms.questions import says_yes
from actions.reply import Reply
from actions.turn import CustomerTurn
from actions.wording import named_orders
from crm.customers.models import Customer
from crm.identity.errors import NotProven
from crm.identity.services import customer_for_acting
from crm.operations.latest_of_customer import (
    account_changed_last,
    account_undo_refusal,
    orders_beside,
    undo_latest_of_customer,
)
from crm.operations.services import latest_undoable

ACCOUNT = "account"
_REFERENCE = re.compile(r"\bC-\d+-O\d+\b", re.I)


async def is_about_account(session: AsyncSession, draft: Draft) -> bool:
    """Whether the wish to undo is about the customer's own data and no order.

    Tapped, by the receipt's reference, or because that is what this conversation has changed last.
    """
    turn = draft.turn
    if turn.entity("undo_of") == ACCOUNT or _REFERENCE.search(turn.text):
        return True
    if draft.answers.get("order_number"):
        return False
    return await account_changed_last(session, turn.conversation_id)


async def take_account(session: AsyncSession, draft: Draft, now: datetime) -> None:
    """Keep what was answered: an e-mail address, its code, a yes."""
    for name in ("order_number", "email"):
        if name in draft.answers:
            draft.set(name, draft.answers[name])
    proven = await _proven_customer(session, draft.turn, now) is not None
    await take_code(session, draft, now, proven=proven)
    draft.set("confirmation", draft.answers.get("confirmation"))


async def account_question(session: AsyncSession, draft: Draft, now: datetime) -> str | None:
    """E-mail address and code, unless they were given before, and then a yes; none for what is refused."""
    customer = await _proven_customer(session, draft.turn, now)
    if customer is None:
        email = draft.slots.get("email")
        if not email:
            return "email"
        draft.set("code_wanted_for", email)
        return "one_time_code"
    if await account_undo_refusal(session, customer, now) is not None:
        return None
    return unconfirmed(draft)


async def ask_account(session: AsyncSession, turn: CustomerTurn, now: datetime) -> Reply:
    """Says what will be as it was before."""
    customer = await customer_for_acting(session, turn.conversation_id, now)
    operation = await latest_undoable(session, customer, now)
    if operation is None:
        raise NotProven
    beside = [order.number for order in await orders_beside(session, operation)]
    return Reply().say(f"utter_undo_confirm_{operation.kind.value}", what=_named(turn, beside))


async def undo_account(session: AsyncSession, turn: CustomerTurn, now: datetime) -> Reply:
    """Takes it back on a yes, leaves it on a no, and says why not where a rule forbids it."""
    customer = await customer_for_acting(session, turn.conversation_id, now)
    confirmed = turn.slots.get("confirmation")
    if confirmed is False:
        return Reply().say("utter_undo_account_left")
    # A yes that a failed turn left behind in the tracker is not a yes to this one.
    if confirmed is not True or not says_yes(turn):
        raise await account_undo_refusal(session, customer, now) or NotProven()
    undone = await undo_latest_of_customer(session, customer=customer, turn_id=turn.turn_id, now=now)
    reply = Reply().say(f"utter_undo_done_{undone.kind.value}", what=_named(turn, undone.orders))
    if undone.left_out:
        reply.say("utter_undo_orders_left_out", left_out=named_orders(turn, undone.left_out))
    return reply


def _named(turn: CustomerTurn, orders: list[str] | tuple[str, ...]) -> str:
    """`your account`, or `your account and order MM-10432`."""
    account = turn.label("utter_label_receipt_account") or ""
    if not orders:
        return account
    return turn.label("utter_label_and", some=account, last=named_orders(turn, orders)) or account


async def _proven_customer(session: AsyncSession, turn: CustomerTurn, now: datetime) -> Customer | None:
    try:
        return await customer_for_acting(session, turn.conversation_id, now)
    except NotProven:
        return None
