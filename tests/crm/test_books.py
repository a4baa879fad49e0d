"""Money never drifts, after any sequence of operations and whatever the payment provider answers.

Each step draws one operation on one order of a store, on SQLite and on PostgreSQL; after it the books of the
order add up, no payment gives back more than it took, the gift card's balance is the sum of its ledger, the
shelf has lost what customers hold and nothing else, and the payment provider's own journal says the same as
the shop. How many sequences: `BOOKS_EXAMPLES=500 uv run pytest tests/crm/test_books.py` (the long form).
"""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from crm.database import Database
from crm.operations.services import operations_of
from crm.operations.undoing import undo
from crm.orders.models import Order, OrderStatus
from crm.refunds.decisions import decline_request, pay_request
from crm.refunds.models import RefundReason
from crm.refunds.position import Part
from crm.refunds.requests import request_refund
from crm.refunds.services import requests_of
from crm.refunds.withdrawing import withdraw_request
from tests.crm.book_after_arrival import AfterArrival
from tests.crm.book_before_sending import BeforeSending
from tests.stores import Stores

EXAMPLES = int(os.environ.get("BOOKS_EXAMPLES", "12"))
STEPS = 14


class Books(BeforeSending, AfterArrival):
    """Everything that can be done to an order, and money asked back, decided on, and taken back."""

    @precondition(
        lambda self: self.tries(self.seen.status is not OrderStatus.DELIVERED or self.seen.under_way)
    )
    @rule(mugs=st.integers(1, 2), reason=st.sampled_from([RefundReason.DAMAGED, RefundReason.MISSING]))
    def ask_money_back(self, mugs: int, reason: RefundReason) -> None:
        self.do(
            "refund request",
            lambda session, order, turn: request_refund(
                session,
                order=order,
                reason=reason,
                parts=[Part(self.wardrobe.mugs, mugs)],
                conversation_id=self.conversation,
                turn_id=turn,
                now=self.now,
            ),
        )

    @precondition(lambda self: self.seen.asked)
    @rule(agree=st.booleans())
    def decide(self, agree: bool) -> None:
        async def answer(session: Any, order: Order, _turn: str) -> None:
            for request in await requests_of(session, order.id):
                if request.state.value != "open":
                    continue
                if agree:
                    await pay_request(session, reference=request.reference, actor="agent 1", now=self.now)
                else:
                    await decline_request(
                        session, reference=request.reference, actor="agent 1", why="worn", now=self.now
                    )

        self.do("pay request" if agree else "decline request", answer)

    @precondition(lambda self: self.seen.asked)
    @rule()
    def not_wanted_back_any_more(self) -> None:
        self.do(
            "withdraw request",
            lambda session, order, turn: withdraw_request(
                session, order=order, conversation_id=self.conversation, turn_id=turn, now=self.now
            ),
        )

    @precondition(lambda self: self.seen.done)
    @rule(by_agent=st.booleans())
    def take_back_the_last(self, by_agent: bool) -> None:
        async def newest(session: Any, order: Order, _turn: str) -> None:
            done = [each for each in await operations_of(session, order) if each.undone_at is None]
            if done:
                actor = "agent 1" if by_agent else "customer"
                await undo(session, reference=done[-1].reference, actor=actor, now=self.now)

        self.do("undo", newest)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


def test_money_never_drifts(
    stores: Stores,
    empty_store: str,
    runner: asyncio.Runner,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Place(AbstractContextManager[tuple[Database, Path]]):
        count = 0

        def __enter__(self) -> tuple[Database, Path]:
            Place.count += 1
            folder = tmp_path / str(Place.count)
            folder.mkdir()
            self.store = stores.store(empty_store)
            self.database = Database(runner.run(self.store.__aenter__()))
            return self.database, folder

        def __exit__(self, *_: object) -> None:
            runner.run(self.database.close())
            with suppress(StopAsyncIteration):
                runner.run(self.store.__aexit__(None, None, None))

    class InThisStore(Books):
        pass

    InThisStore.place = Place
    InThisStore.runner = runner
    InThisStore.done = Counter()
    run_state_machine_as_test(
        InThisStore,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            # A whole sequence is told as it went; shrinking one would run hundreds more.
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    if "BOOKS_EXAMPLES" in os.environ:
        with capsys.disabled():
            sys.stdout.write(f"\n{type(stores).__name__}: {dict(sorted(InThisStore.done.items()))}\n")
    assert InThisStore.done["sequences"] >= EXAMPLES
