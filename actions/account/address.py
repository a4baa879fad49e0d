"""A new address: for the account, for what is not packed yet, or for both; read back before it counts."""

import re
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.account.receipts import account_card, account_undo_choices, occasion
from actions.forms.form import FORM_MEMORY, Draft
from actions.forms.identity import ACCOUNT_QUESTIONS, AccountForm
from actions.forms.questions import Confirmation, FreeText, OneOf, OrderNumber, says_yes
from actions.orders.receipts import undo_choices
from actions.reply import Reply, choice
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn
from actions.wording import named_orders
from crm.customers.addresses import AddressProblem, PostalAddress, read_address
from crm.customers.changes import AddressChange, change_address, redirectable_orders
from crm.customers.models import AddressKind, Customer
from crm.customers.rules import redirect_refusal
from crm.identity.errors import NotProven
from crm.identity.services import customer_for_acting, order_for_reading
from crm.orders.models import Order
from crm.orders.rules import normalise_order_number

ADDRESS_MEMORY = (
    *FORM_MEMORY,
    "address_text",
    "address_for",
    "address_order",
    "address_orders",
    "address_kind",
)
ACCOUNT, ORDER, BOTH = "account", "order", "both"
_BILLING = re.compile(
    r"\b(?:bill|billing|invoice|invoicing|card) address\b"
    r"|\baddress (?:on|for) (?:my |the )?(?:bills?|invoices?|card)\b",
    re.I,
)
ADDRESS_FOR = {
    BOTH: ("both", "all", "everything", "yes", "that too", "that as well"),
    ORDER: ("only the order", "just the order", "order only", "the order", "that order", "this order"),
    ACCOUNT: ("account", "future", "next orders", "no"),
}


class AddressText(FreeText):
    """An address in words, its lines kept; one with a postcode also corrects what was read back."""

    def read(self, turn: CustomerTurn, asked: bool) -> str | None:
        if turn.tapped:
            return None
        text = turn.text.strip()[: self.most]
        if isinstance(read_address(text), PostalAddress):
            return text
        return text if super().read(turn, asked) is not None else None


class ValidateChangeAddressForm(AccountForm):
    """Whose account, the new address, what it is for, and a yes.

    An order that is named and cannot be redirected any more is told at once; the wish goes on without it.
    """

    action_name = "validate_change_address_form"
    own_intents = frozenset({"change_address"})
    questions = (
        OrderNumber(),
        *ACCOUNT_QUESTIONS,
        AddressText("address_text", most=300),
        OneOf("address_for", ADDRESS_FOR),
        Confirmation(),
    )

    async def take(self, session: AsyncSession, draft: Draft) -> None:
        given = draft.answers.pop("order_number", None)
        draft.slots["order_number"] = draft.turn.slots.get("order_number")
        await super().take(session, draft)
        if draft.begins:
            draft.set("address_order", normalise_order_number(str(given)) if given else None)
            billing = bool(_BILLING.search(draft.turn.text))
            draft.set("address_kind", (AddressKind.BILLING if billing else AddressKind.SHIPPING).value)
            # Parcels do not go to a billing address, so no order is asked about.
            draft.set("address_for", ACCOUNT if billing else None)
        if "address_text" not in draft.answers:
            return
        found = read_address(str(draft.answers["address_text"]))
        if isinstance(found, AddressProblem):
            draft.reject("address_text", f"utter_address_{found.value}")
            return
        draft.set("address_text", str(found))
        # A yes to the address before does not count for this one.
        draft.set("confirmation", None)

    async def own_question(self, session: AsyncSession, draft: Draft, customer: Customer) -> str | None:
        if draft.slots.get("address_kind") == AddressKind.SHIPPING:
            await self._tell_refusal(session, draft)
        if not draft.slots.get("address_text"):
            return "address_text"
        if draft.slots.get("confirmation") is not None:
            return None
        # What is read back is what a yes counts for: an order placed in between goes where it was to go.
        orders = await _orders_for(session, customer, draft.slots.get("address_order"))
        draft.set("address_orders", [order.number for order in orders])
        if draft.slots.get("address_for") is None:
            if orders:
                return "address_for"
            draft.set("address_for", ACCOUNT)
        return "confirmation"

    async def _tell_refusal(self, session: AsyncSession, draft: Draft) -> None:
        """Once: the order is forgotten, so that it is not told again."""
        number = draft.slots.get("address_order")
        if not number:
            return
        try:
            order = await order_for_reading(session, draft.turn.conversation_id, number, self.clock())
        except NotProven:
            draft.set("address_order", None)
            return
        refusal = redirect_refusal(order)
        if refusal is not None:
            draft.reply.say(f"utter_address_order_refused_{refusal.value}", order_number=order.number)
            draft.set("address_order", None)
            draft.set("address_for", ACCOUNT)


class AskAddressFor(SupportAction):
    """Names the orders that are not packed yet, and asks whether they are meant, too."""

    action_name = "action_ask_change_address_form_address_for"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        await customer_for_acting(session, turn.conversation_id, self.clock())
        return Reply().say(
            "utter_address_orders_not_packed",
            orders=named_orders(turn, _read_back(turn)),
            choices=[
                choice(turn.label(f"utter_label_address_{option}") or "", address_for=option)
                for option in (BOTH, ORDER, ACCOUNT)
            ],
        )


class AskAddressConfirmation(SupportAction):
    """Reads the address back and says what it will count for."""

    action_name = "action_ask_change_address_form_confirmation"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        await customer_for_acting(session, turn.conversation_id, self.clock())
        if turn.slots.get("address_kind") == AddressKind.BILLING:
            return Reply().say("utter_address_confirm_billing", address=turn.slots["address_text"])
        return Reply().say(
            f"utter_address_confirm_{turn.slots['address_for']}",
            address=turn.slots["address_text"],
            orders=named_orders(turn, _read_back(turn)),
        )


class ChangeAddress(SupportAction):
    """Saves on a yes, and leaves everything as it is on a no.

    Everything is checked again: with the action server down, Rasa comes here with unchecked slots.
    """

    action_name = "action_change_address"
    forgets = ADDRESS_MEMORY

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        problem = turn.slots.get("form_problem")
        if problem:
            return Reply().say(problem)
        customer = await customer_for_acting(session, turn.conversation_id, self.clock())
        if turn.slots.get("confirmation") is False:
            return Reply().say("utter_address_kept")
        address = read_address(str(turn.slots.get("address_text") or ""))
        wanted = turn.slots.get("address_for")
        # A yes that a failed turn left behind in the tracker is not a yes to this one.
        confirmed = turn.slots.get("confirmation") is True and says_yes(turn)
        if not confirmed or wanted not in ADDRESS_FOR or not isinstance(address, PostalAddress):
            raise NotProven
        change = await change_address(
            session,
            customer=customer,
            address=address,
            account=wanted in (ACCOUNT, BOTH),
            kind=AddressKind(turn.slots.get("address_kind") or AddressKind.SHIPPING),
            order_numbers=_read_back(turn) if wanted in (ORDER, BOTH) else [],
            by=occasion(turn, self.clock()),
        )
        return self._said(turn, change)

    def _said(self, turn: CustomerTurn, change: AddressChange) -> Reply:
        """What was saved, with a button that takes it back; several orders alone are matters of their own."""
        receipt = _receipt(turn, change) if change.account or change.redirected else None
        way_back = []
        if len(change.references) > len(change.redirected):
            way_back = account_undo_choices(turn, change.undo_until)
        elif len(change.redirected) == 1:
            way_back = undo_choices(turn, change.redirected[0], change.undo_until)
        if change.left_out:
            left_out = named_orders(turn, change.left_out)
            return Reply().say(
                "utter_address_saved_partly", attachment=receipt, choices=way_back, left_out=left_out
            )
        return Reply().say("utter_address_saved", attachment=receipt, choices=way_back)


async def _orders_for(session: AsyncSession, customer: Customer, named: str | None) -> list[Order]:
    """The orders the new address may be for: the one that was named, or all that are not packed yet."""
    orders = await redirectable_orders(session, customer.id)
    return [order for order in orders if named in (None, order.number)]


def _read_back(turn: CustomerTurn) -> list[str]:
    """The numbers of the orders that the customer was asked about."""
    return list(turn.slots.get("address_orders") or ())


def _receipt(turn: CustomerTurn, change: AddressChange) -> dict[str, Any]:
    counts_for = [turn.label("utter_label_receipt_account") or ""] if change.account else []
    rows = [
        ("utter_label_receipt_new_address", change.address),
        ("utter_label_receipt_saved_for", ", ".join([*counts_for, *change.redirected])),
    ]
    return account_card(turn, "utter_label_receipt_address", change.references, rows, change.undo_until)
