"""What became of every promise, counted from the store, the tracker and what the customers saw."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.conversations.handover import Handover
from crm.conversations.models import Author, Conversation, Message, Turn, TurnState
from crm.conversations.turns import OPEN_STATES
from crm.database import Database
from crm.effects.models import Effect
from crm.escalations.models import LIVE_STATES, Escalation
from crm.outbox.models import OutboxEvent
from crm.outbox.services import MAIL
from tests.faults.customers import Customer

ACTION = "send_invoice"


@dataclass
class Verdict:
    """Sizes of the run first; everything from `lost` on has to be zero."""

    conversations: int = 0
    sockets: int = 0
    cut_sockets: int = 0
    acknowledged: int = 0
    answered_turns: int = 0
    escalated_turns: int = 0
    effects: int = 0
    lost: int = 0
    stored_twice: int = 0
    out_of_order: int = 0
    gaps_or_changes_seen: int = 0
    unlike_the_store: int = 0
    turns_left_open: int = 0
    heard_twice_by_the_bot: int = 0
    answered_twice: int = 0
    done_twice: int = 0
    done_and_untold: int = 0
    dead_ends: int = 0
    left_behind: int = 0
    what: list[str] = field(default_factory=list)

    def problems(self) -> dict[str, int]:
        """What must not have happened, and did."""
        names = [each.name for each in fields(self) if each.name != "what"]
        counts = {name: getattr(self, name) for name in names[names.index("lost") :]}
        return {name: count for name, count in counts.items() if count}

    def table(self, title: str, done: Counter[str]) -> str:
        """The counts in two columns, to be printed."""
        rows = [(name, str(number)) for name, number in sorted(done.items())]
        rows += [(each.name.replace("_", " "), str(getattr(self, each.name))) for each in fields(self)[:-1]]
        lines = [title, *(f"  {name:<28}{number:>8}" for name, number in rows)]
        return "\n".join([*lines, *(f"  ! {what}" for what in self.what[:20])])

    def bad(self, name: str, what: str) -> None:
        setattr(self, name, getattr(self, name) + 1)
        self.what.append(f"{name}: {what}")


async def open_turns(database: Database) -> int:
    async with database.reading() as session:
        return len((await session.scalars(select(Turn.id).where(Turn.state.in_(OPEN_STATES)))).all())


async def judge(database: Database, customers: Sequence[Customer], tracker: Path) -> Verdict:
    """Compare what was promised with what is there."""
    verdict = Verdict(conversations=len(customers))
    async with database.reading() as session:
        messages: defaultdict[str, list[Message]] = defaultdict(list)
        for message in await session.scalars(select(Message).order_by(Message.sequence)):
            messages[message.conversation_id].append(message)
        turns = list(await session.scalars(select(Turn)))
        rows = await session.execute(select(Conversation.id, Conversation.handover))
        states = dict(rows.all())
        called = set(
            await session.scalars(select(Escalation.conversation_id).where(Escalation.state.in_(LIVE_STATES)))
        )
        effects = list(await session.scalars(select(Effect).where(Effect.action == ACTION)))
        records = Counter(
            await session.scalars(select(AuditEntry.turn_id).where(AuditEntry.action == ACTION))
        )
        mails = [
            event.payload
            for event in await session.scalars(select(OutboxEvent).where(OutboxEvent.topic == MAIL))
        ]
    for customer in customers:
        _promises(verdict, customer, messages[customer.conversation_id])
    _turns(verdict, turns, messages)
    _effects(verdict, turns, effects, records, messages)
    _invoices_mailed(verdict, len(effects), mails)
    _dead_ends(verdict, customers, turns, states, called)
    _heard(verdict, tracker)
    return verdict


def _promises(verdict: Verdict, customer: Customer, stored: list[Message]) -> None:
    verdict.sockets += customer.connections
    verdict.cut_sockets += customer.cuts
    own = [message for message in stored if message.author == Author.CUSTOMER]
    by_id = Counter(message.client_message_id for message in own)
    for sent in customer.sent:
        if sent.sequence is None:
            continue
        verdict.acknowledged += 1
        if not by_id[sent.client_message_id]:
            verdict.bad("lost", f"{sent.text!r} of customer {customer.number}")
        elif by_id[sent.client_message_id] > 1:
            verdict.bad("stored_twice", f"{sent.text!r} of customer {customer.number}")
    order = [sent.client_message_id for sent in customer.sent if by_id[sent.client_message_id]]
    if [message.client_message_id for message in own] != order:
        verdict.bad("out_of_order", f"customer {customer.number} wrote in another order")
    if [message.sequence for message in stored] != list(range(1, len(stored) + 1)):
        verdict.bad("out_of_order", f"the numbers of customer {customer.number}'s messages have gaps")
    for promise in customer.broken_promises:
        verdict.bad("gaps_or_changes_seen", f"customer {customer.number}: {promise}")
    if [(m.sequence, m.text) for m in stored] != [(n, f["text"]) for n, f in sorted(customer.seen.items())]:
        verdict.bad(
            "unlike_the_store", f"customer {customer.number} saw {len(customer.seen)} of {len(stored)}"
        )


def _turns(verdict: Verdict, turns: list[Turn], messages: dict[str, list[Message]]) -> None:
    said: defaultdict[str | None, list[str]] = defaultdict(list)
    for each in messages.values():
        for message in each:
            if message.author == Author.BOT:
                said[message.turn_id].append(message.text)
    for turn in turns:
        verdict.answered_turns += turn.state == TurnState.ANSWERED
        verdict.escalated_turns += turn.state == TurnState.ESCALATED
        if turn.state in OPEN_STATES:
            verdict.bad("turns_left_open", f"{turn.bot_text!r} after {turn.attempts} attempts")
        if len(said[turn.id]) != len(set(said[turn.id])):
            verdict.bad("answered_twice", f"{turn.bot_text!r}: {said[turn.id]}")


def _effects(
    verdict: Verdict,
    turns: list[Turn],
    effects: list[Effect],
    records: Counter[str | None],
    messages: dict[str, list[Message]],
) -> None:
    by_turn = {turn.id: turn for turn in turns}
    verdict.effects = len(effects)
    for effect in effects:
        turn = by_turn[effect.turn_id]
        told = any(
            effect.result["order_number"] in message.text or effect.result["reference"] in message.text
            for message in messages[turn.conversation_id]
            if message.turn_id == turn.id and message.author != Author.CUSTOMER
        )
        if not told:
            verdict.bad("done_and_untold", f"{turn.bot_text!r}, which was {turn.state} ({turn.failure})")
    for turn_id, times in records.items():
        if times > 1:
            verdict.bad("done_twice", f"turn {turn_id} has {times} records of {ACTION}")


def _invoices_mailed(verdict: Verdict, effects: int, mails: list[dict[str, object]]) -> None:
    mailed = sum("invoice" in str(mail.get("subject", "")).lower() for mail in mails)
    if mailed != effects:
        verdict.bad("done_twice", f"{mailed} invoices were mailed for {effects} effects")


def _dead_ends(
    verdict: Verdict,
    customers: Sequence[Customer],
    turns: list[Turn],
    states: dict[str, Handover],
    called: set[str],
) -> None:
    last: dict[str, Turn] = {}
    for turn in sorted(turns, key=lambda turn: turn.message_sequence):
        last[turn.conversation_id] = turn
    for customer in customers:
        handover = states.get(customer.conversation_id)
        turn = last.get(customer.conversation_id)
        answered = handover == Handover.BOT and turn is not None and turn.state == TurnState.ANSWERED
        with_people = handover == Handover.WAITING and customer.conversation_id in called
        if not customer.done:
            verdict.bad("dead_ends", f"customer {customer.number} could not finish writing")
        elif not (answered or with_people):
            state = turn.state if turn else None
            verdict.bad("dead_ends", f"customer {customer.number} is at {handover}, the last turn is {state}")


def _heard(verdict: Verdict, tracker: Path) -> None:
    with sqlite3.connect(tracker) as file:
        events = [json.loads(data) for (data,) in file.execute("SELECT data FROM events")]
    heard = Counter(
        event["metadata"]["turn_id"]
        for event in events
        if event.get("event") == "user" and "turn_id" in (event.get("metadata") or {})
    )
    for turn_id, times in heard.items():
        if times > 1:
            verdict.bad("heard_twice_by_the_bot", f"turn {turn_id} {times} times")
