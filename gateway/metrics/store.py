"""What lies in the store, counted when it is asked for; every gateway over one store says the same."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.conversations.models import Turn, TurnState
from crm.escalations.models import Escalation, EscalationState
from crm.outbox.models import OutboxEvent

OPEN_TURNS = (TurnState.QUEUED, TurnState.RUNNING)


@dataclass(frozen=True)
class Standing:
    """Counts by their label, and ages in seconds (0 where nothing waits)."""

    open_turns: dict[str, int] = field(default_factory=dict)
    escalations: dict[tuple[str, str], int] = field(default_factory=dict)
    longest_wait: float = 0.0
    outbox: dict[str, int] = field(default_factory=dict)
    outbox_age: float = 0.0
    dead_letters: dict[str, int] = field(default_factory=dict)


async def standing(session: AsyncSession, now: datetime) -> Standing:
    """How things stand in the store now."""
    turns = await session.execute(
        select(Turn.state, func.count()).where(Turn.state.in_(OPEN_TURNS)).group_by(Turn.state)
    )
    escalations = await session.execute(
        select(Escalation.reason, Escalation.state, func.count()).group_by(
            Escalation.reason, Escalation.state
        )
    )
    waiting_since = await session.scalar(
        select(func.min(Escalation.created_at)).where(Escalation.state == EscalationState.OPEN)
    )
    undelivered = OutboxEvent.delivered_at.is_(None)
    events = await session.execute(
        select(OutboxEvent.topic, OutboxEvent.dead, func.count())
        .where(undelivered)
        .group_by(OutboxEvent.topic, OutboxEvent.dead)
    )
    # Money that may still be taken back waits on purpose: only what is due grows old.
    due_since = await session.scalar(
        select(func.min(OutboxEvent.available_at)).where(undelivered, OutboxEvent.dead.is_(False))
    )
    counted = list(events)
    return Standing(
        open_turns={str(state): count for state, count in turns},
        escalations={(str(reason), str(state)): count for reason, state, count in escalations},
        longest_wait=_age(waiting_since, now),
        outbox={topic: count for topic, dead, count in counted if not dead},
        outbox_age=_age(due_since, now),
        dead_letters={topic: count for topic, dead, count in counted if dead},
    )


class StandingCollector(Collector):
    """A standing in Prometheus' words."""

    def __init__(self, found: Standing) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        found = self._found
        yield _gauge("frontdesk_open_turns", "Turns that are not settled", "state", found.open_turns)
        yield _gauge("frontdesk_outbox_events", "Events that wait for delivery", "topic", found.outbox)
        yield _gauge("frontdesk_dead_letters", "Events nobody delivers any more", "topic", found.dead_letters)
        yield GaugeMetricFamily(
            "frontdesk_outbox_age_seconds", "How long the event is overdue that is longest", found.outbox_age
        )
        yield GaugeMetricFamily(
            "frontdesk_longest_wait_seconds",
            "How long the customer has waited for a person who has longest",
            found.longest_wait,
        )
        reasons = CounterMetricFamily(
            "frontdesk_escalations", "Conversations that reached people", labels=["reason"]
        )
        states = GaugeMetricFamily(
            "frontdesk_escalations_now", "Escalations by their state", labels=["state"]
        )
        for labels, family in ((0, reasons), (1, states)):
            sums: dict[str, int] = {}
            for key, count in found.escalations.items():
                sums[key[labels]] = sums.get(key[labels], 0) + count
            for label, count in sums.items():
                family.add_metric([label], count)
            yield family


def _gauge(name: str, about: str, label: str, counts: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=[label])
    for value, count in counts.items():
        family.add_metric([value], count)
    return family


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
