"""A customer's e-mail address: it is where codes go, so who has it is the customer. People change it.

The chat never changes it: who has got hold of a signed-in browser, or of a mailbox for a minute, would keep
the account for good. They can only ask for it, and a colleague decides who is asking.

Taking it back is a colleague's doing as well, whatever the policy says of other changes. The new mailbox can
prove itself by code as soon as it stands there. Were it allowed to undo, a stranger whose address was typed
by mistake could decide where the account goes; and who has stolen one could shake off a colleague's reversal
of the theft by undoing that. The old mailbox cannot prove itself any more; it is the one that has to hear of
it, before anything is sent to the new one, and to be told how to stop it. The notice has the operation's
reference: with it, and whatever else convinces them, a colleague takes the change back for somebody whom no
code can prove.

So: a notice to the address that loses the account, first, with the new one hidden but for its first letter
and what follows the @; then a receipt to the new one. What the losing mailbox had proven ends: codes under
way run out, and its conversations have to enter another one. Only the conversation that asked keeps its
proof, and on the way back none does.
"""

from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm.customers.contact_rules import ContactRule, contact_refusal, read_email
from crm.customers.errors import ContactRefused
from crm.customers.locking import locked_customer
from crm.customers.models import Customer
from crm.customers.receipts import CustomerChange
from crm.effects.services import once
from crm.identity.revoking import revoke_mailbox
from crm.mail.address import masked_email, normalise_email
from crm.mail.sending import send_mail
from crm.mail.texts import render
from crm.operations.errors import UndoRefused, UndoRule
from crm.operations.letters import send_account_changed
from crm.operations.models import Operation, OperationKind
from crm.operations.occasion import Occasion
from crm.operations.services import write_down

ACTION = OperationKind.CHANGE_EMAIL.value


async def change_email(
    session: AsyncSession, *, customer: Customer, email: str, by: Occasion
) -> CustomerChange:
    """Give the account to another mailbox, once a turn. Raises ContactRefused, judged as it is stored now."""
    read = read_email(email)
    if read is None:
        raise ContactRefused(ContactRule.NO_EMAIL)
    new = normalise_email(read)

    async def perform() -> dict[str, Any]:
        current = await locked_customer(session, customer.id)
        before = current.email
        refusal = contact_refusal(before, new)
        if refusal is not None:
            raise ContactRefused(refusal)
        if not await _give_to(session, current, new, by.now, but=by.conversation_id):
            raise ContactRefused(ContactRule.EMAIL_TAKEN)
        operation = await write_down(
            session,
            current,
            OperationKind.CHANGE_EMAIL,
            by,
            action=ACTION,
            before={"value": before},
            after={"value": new},
            receipt={"email": new},
            inverse={"before": before, "after": new},
        )
        await _tell_loser(session, current, before, operation, by.now)
        await send_account_changed(session, current, operation, by.now)
        return CustomerChange.of(current, new, operation).stored()

    result = await once(session, turn_id=by.turn_id, action=ACTION, perform=perform)
    return CustomerChange.restored(result, customer, by.turn_id)


async def email_as_before(
    session: AsyncSession, customer: Customer, operation: Operation, now: datetime
) -> None:
    """The inverse. Raises UndoRefused where it was changed again, or the old address is another's by now."""
    before, after = operation.inverse["before"], operation.inverse["after"]
    if customer.email != after or not await _give_to(session, customer, before, now, but=None):
        raise UndoRefused(UndoRule.MOVED_ON, reference=operation.reference)
    await _tell_loser(session, customer, after, operation, now)


async def _give_to(
    session: AsyncSession, customer: Customer, new: str, now: datetime, *, but: str | None
) -> bool:
    """False where the address is another customer's, also one who takes it at this moment."""
    try:
        async with session.begin_nested():
            customer.email = new
    except IntegrityError:
        return False
    await revoke_mailbox(session, customer.id, now, but=but)
    return True


async def _tell_loser(
    session: AsyncSession, customer: Customer, losing: str, operation: Operation, now: datetime
) -> None:
    notice = render(
        "email_taken_away",
        name=customer.name,
        new=masked_email(customer.email),
        reference=operation.reference,
    )
    await send_mail(session, to=losing, text=notice, now=now)
