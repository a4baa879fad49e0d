"""Something went wrong with an order: gather what a person needs, write it down, hand it over prepared."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.form import FORM_MEMORY, Draft
from actions.forms.identity import ORDER_QUESTIONS, OrderForm, readable_order
from actions.forms.questions import FreeText, OneOf
from actions.reply import Reply, choice
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn, was_said
from crm.complaints.errors import NothingWrongYet
from crm.complaints.models import Complaint, ComplaintKind, Wish
from crm.complaints.rules import (
    WISHES,
    NotYet,
    means_whole_parcel,
    meant_items,
    not_yet,
    tells_nothing_came,
)
from crm.complaints.services import report_problem
from crm.escalations.models import Reason
from crm.identity.errors import NotProven
from crm.identity.services import order_for_reading
from crm.orders.models import Order

FORM = "complaint_form"
KINDS = {f"report_{kind.value}": kind for kind in ComplaintKind}
# What a tap on "all of it" stands for; read like words.
WHOLE_PARCEL = "everything"
MOST_ITEMS_OFFERED = 4
COMPLAINT_MEMORY = ("complaint_kind", "complaint_item_text", "problem_text", "complaint_wish")
# A first message of so many words has told the story; "there is something missing from my parcel" has not.
TELLING_WORDS = 8

WISH_WORDS = {
    Wish.REPLACEMENT.value: (
        "replacement", "replace", "replaced", "new one", "new ones", "another one", "send it again", "resend",
        "re-send", "swap", "right one", "right item", "correct one", "correct item",
    ),
    Wish.REFUND.value: ("refund", "refunded", "money", "money back", "reimburse"),
    Wish.REPAIR.value: ("repair", "repaired", "mend", "mended", "fix", "fixed"),
    Wish.WAIT.value: ("wait", "keep waiting", "chase", "chase it", "ask the courier", "find it"),
    Wish.ADVICE.value: (
        "don't mind", "dont mind", "do not mind", "not sure", "don't know", "dont know", "you decide",
        "up to you", "either", "whichever", "whatever",
    ),
}  # fmt: skip


class ItemText(FreeText):
    """Which of the things ordered, in words or by a tap."""

    def read(self, turn: CustomerTurn, asked: bool) -> str | None:
        return turn.entity(self.slot) or super().read(turn, asked)


class ValidateComplaintForm(OrderForm):
    """Which order, which part of it, what is wrong, and how it may be put right.

    The kind follows the customer: who corrects it before the details are asked for need not begin again.
    """

    action_name = "validate_complaint_form"
    own_intents = frozenset(KINDS)
    questions = (
        *ORDER_QUESTIONS,
        ItemText("complaint_item_text", most=200),
        FreeText("problem_text", most=1_000),
        OneOf("complaint_wish", WISH_WORDS),
    )

    async def take(self, session: AsyncSession, draft: Draft) -> None:
        kind = KINDS.get(draft.turn.intent)
        if kind is not None and (draft.begins or draft.asked in {"order_number", "email"}):
            draft.set("complaint_kind", kind.value)
        if draft.begins:
            if not draft.turn.tapped and len(draft.turn.text.split()) >= TELLING_WORDS:
                draft.set("problem_text", " ".join(draft.turn.text.split())[:1_000])
            sorry = [f"utter_complaint_sorry_{each.value}" for each in ComplaintKind]
            # Once in a conversation: twice would sound like a machine.
            if not any(was_said(draft.turn.events, each) for each in sorry):
                draft.reply.say(f"utter_complaint_sorry_{draft.slots.get('complaint_kind')}")
        await super().take(session, draft)

    async def own_question(self, session: AsyncSession, draft: Draft, order: Order) -> str | None:
        kind = ComplaintKind(draft.slots["complaint_kind"])
        if self._answer_instead(order, kind, ""):
            return None
        item = draft.slots.get("complaint_item_text") or _known_item(
            order, kind, str(draft.slots.get("problem_text") or "")
        )
        if item is None:
            return "complaint_item_text"
        draft.set("complaint_item_text", item)
        if self._answer_instead(order, kind, item):
            return None
        if kind is not ComplaintKind.LATE and not draft.slots.get("problem_text"):
            return "problem_text"
        return "complaint_wish" if draft.slots.get("complaint_wish") is None else None

    def _answer_instead(self, order: Order, kind: ComplaintKind, item: str) -> bool:
        return answer_instead(order, kind, item, self.clock()) is not None


class AskItem(SupportAction):
    """Offers what was ordered, so that a tap is enough."""

    action_name = "action_ask_complaint_form_complaint_item_text"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        order = await order_for_reading(
            session, turn.conversation_id, turn.slots["order_number"], self.clock()
        )
        names = [line.name for line in order.lines][:MOST_ITEMS_OFFERED]
        choices = [choice(name, complaint_item_text=name) for name in names]
        everything = turn.label("utter_label_everything") or ""
        return Reply().say(
            f"utter_ask_item_{turn.slots['complaint_kind']}",
            choices=[*choices, choice(everything, complaint_item_text=WHOLE_PARCEL)],
        )


class AskProblem(SupportAction):
    """The question that fits what went wrong."""

    action_name = "action_ask_complaint_form_problem_text"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        return Reply().say(f"utter_ask_problem_{turn.slots['complaint_kind']}")


class AskWish(SupportAction):
    """Offers the ways in which this kind of problem can be put right."""

    action_name = "action_ask_complaint_form_complaint_wish"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        kind = ComplaintKind(turn.slots["complaint_kind"])
        response = "utter_ask_wish_late" if kind is ComplaintKind.LATE else "utter_ask_wish"
        return Reply().say(
            response,
            choices=[
                choice(turn.label(f"utter_label_wish_{wish.value}") or "", complaint_wish=wish.value)
                for wish in (*WISHES[kind], Wish.ADVICE)
            ],
        )


class ReportProblem(SupportAction):
    """Writes the report down and brings in a person; says instead what is known where nothing is wrong yet.

    Everything is checked again: with the action server down, Rasa comes here with unchecked slots.
    """

    action_name = "action_report_problem"
    # The same matter again goes to a person from here, with what was gathered.
    yields_to_people = False
    forgets = (*FORM_MEMORY, *COMPLAINT_MEMORY)

    def look_up(self, turn: CustomerTurn) -> Found:
        return Found(suggestions=self.suggestions(turn))

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        problem = turn.slots.get("form_problem")
        if problem:
            return Reply().say(problem)
        number, kind = turn.slots.get("order_number"), turn.slots.get("complaint_kind")
        if not number or not kind:
            raise NotProven
        order = await order_for_reading(session, turn.conversation_id, number, self.clock())
        item = str(turn.slots.get("complaint_item_text") or "")
        instead = answer_instead(order, ComplaintKind(kind), item, self.clock())
        if instead is not None:
            raise NothingWrongYet(instead)
        complaint = await file_complaint(session, turn, order, self.clock())
        again = await self.tells_again(session, turn)
        return await self.hand_over(
            session,
            turn,
            Reason.SAME_MATTER if again else Reason.COMPLAINT,
            "utter_handover_same_matter" if again else f"utter_complaint_passed_on_{kind}",
            found,
            attachment=_receipt(turn, complaint),
        )


async def file_complaint(
    session: AsyncSession, turn: CustomerTurn, order: Order, now: datetime, last_words: str = ""
) -> Complaint:
    """Store what the form has gathered so far; `last_words` are added to the customer's own."""
    kind = ComplaintKind(turn.slots["complaint_kind"])
    item = str(turn.slots.get("complaint_item_text") or "")
    names = [line.name for line in order.lines]
    wish = turn.slots.get("complaint_wish")
    details = [str(turn.slots.get("problem_text") or ""), last_words]
    return await report_problem(
        session,
        order=order,
        kind=kind,
        items=names if means_whole_parcel(item, names) else meant_items(item, names),
        details="\n".join(words for words in details if words),
        wish=Wish(wish) if wish in WISHES[kind] else Wish.ADVICE,
        conversation_id=turn.conversation_id,
        turn_id=turn.turn_id,
        now=now,
    )


async def keep_what_was_gathered(
    session: AsyncSession, turn: CustomerTurn, now: datetime, last_words: str = ""
) -> None:
    """Write down a report that ends before its last question, where there is enough to be one."""
    kind, told = turn.slots.get("complaint_kind"), turn.slots.get("problem_text") or last_words
    if turn.form != FORM or not kind or not told:
        return
    order = await readable_order(session, turn, dict(turn.slots), now)
    item = str(turn.slots.get("complaint_item_text") or "")
    if order is not None and answer_instead(order, ComplaintKind(kind), item, now) is None:
        await file_complaint(session, turn, order, now, last_words)


def answer_instead(order: Order, kind: ComplaintKind, item: str, now: datetime) -> NotYet | None:
    """What the order itself says about the report; `item` are the customer's words for what it is about."""
    whole_parcel = means_whole_parcel(item, [line.name for line in order.lines])
    return not_yet(order, kind, whole_parcel=whole_parcel, now=now)


def _known_item(order: Order, kind: ComplaintKind, story: str) -> str | None:
    """What it is about, where the order or the customer's first message leaves no doubt."""
    if kind is ComplaintKind.LATE:
        return WHOLE_PARCEL
    if len(order.lines) == 1:
        whole = kind is ComplaintKind.MISSING and order.lines[0].quantity == 1
        return WHOLE_PARCEL if whole else order.lines[0].name
    meant = meant_items(story, [line.name for line in order.lines])
    if len(meant) == 1:
        return meant[0]
    return WHOLE_PARCEL if kind is ComplaintKind.MISSING and tells_nothing_came(story) else None


def _receipt(turn: CustomerTurn, complaint: Complaint) -> dict[str, Any]:
    rows = [
        ("utter_label_receipt_order", complaint.order.number),
        ("utter_label_receipt_about", ", ".join(complaint.items)),
    ]
    if complaint.wish is not Wish.ADVICE:
        wish = turn.label(f"utter_label_wish_{complaint.wish.value}") or ""
        rows.append(("utter_label_receipt_wish", wish))
    return {
        "kind": "receipt",
        "title": turn.label(f"utter_label_complaint_{complaint.kind.value}"),
        "reference": complaint.reference,
        "lines": [{"label": turn.label(label), "value": value} for label, value in rows if value],
    }
