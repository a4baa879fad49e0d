"""The base of every action: one transaction, errors become responses, the ledger is kept."""

import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import structlog
from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.ext.asyncio import AsyncSession

from actions.reply import Attachment, Button, Reply
from actions.turn import CustomerTurn, customer_texts, latest_wish
from actions.wording import readable
from crm.conversations.ledger import note
from crm.conversations.models import LedgerKind
from crm.database import Database, new_id
from crm.errors import SupportError
from crm.escalations.models import Reason
from crm.questions.models import Outcome
from crm.questions.services import keep_question
from escalation.document import Suggestion
from escalation.matters import came_again, insists, is_refusal
from escalation.services import escalate
from escalation.suggestions import suggest
from escalation.understood import understood
from knowledge.links import links_in
from knowledge.search import Answer, KnowledgeIndex

log = structlog.get_logger("actions")


@dataclass(frozen=True)
class Dependencies:
    """What actions work with; wired once, at the edge of the process."""

    database: Database
    index: KnowledgeIndex
    clock: Callable[[], datetime]
    public_url: str


@dataclass(frozen=True)
class Found:
    """What the knowledge index had, read before the transaction begins."""

    answer: Answer | None = None
    suggestions: Sequence[Suggestion] = ()
    possible: Answer | None = None
    # The nearest article where it answers nothing: where an answer might one day be written.
    nearest: Answer | None = None
    # Articles that may be meant as well.
    others: Sequence[Answer] = ()


class SupportAction(Action, ABC):  # type: ignore[misc]  # rasa-sdk is not typed
    """Reads the turn, asks one service inside one transaction, and answers after the commit.

    A SupportError becomes its response. Anything else is a fault of ours: it is logged with an id, the
    customer is told, and a person takes over. Rasa never sees an exception.
    """

    action_name: ClassVar[str]
    # Forgotten when the action is over, however it ended.
    forgets: ClassVar[tuple[str, ...]] = ()
    # Whether the action is worth a line in the ledger when it had nothing to answer.
    always_noted: ClassVar[bool] = True
    # Whether a matter that a person has dealt with days ago goes back to a person instead of this action.
    yields_to_people: ClassVar[bool] = True

    def __init__(self, dependencies: Dependencies) -> None:
        self.database = dependencies.database
        self.index = dependencies.index
        self.clock = dependencies.clock
        self.public_url = dependencies.public_url

    def name(self) -> str:
        return self.action_name

    def look_up(self, turn: CustomerTurn) -> Found:
        """What the action needs from the knowledge index."""
        return Found()

    @abstractmethod
    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        """Ask the service and name the answer. Raises SupportError for what cannot be."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        turn = CustomerTurn.of(tracker, domain)
        with structlog.contextvars.bound_contextvars(
            conversation_id=turn.conversation_id, turn_id=turn.turn_id, action=self.action_name
        ):
            try:
                reply = await self._attempt(turn)
            except Exception as error:
                reply = await self._recover(turn, error)
            reply.remember(**dict.fromkeys(self.forgets))
            log.info("action done", responses=reply.responses)
            return reply.deliver(dispatcher)

    async def _attempt(self, turn: CustomerTurn) -> Reply:
        found = self.look_up(turn)
        async with self.database.transaction() as session:
            await self._note(session, turn, LedgerKind.UNDERSTOOD, understood(turn.parse_data))
            savepoint = await session.begin_nested()
            try:
                reply = await self._same_matter(session, turn, found)
                if reply is None:
                    reply = await self.perform(session, turn, found)
            except SupportError as error:
                await (savepoint.commit() if error.keeps_changes else savepoint.rollback())
                return await self._refused(session, turn, error, found)
            await savepoint.commit()
            refusal = next(filter(is_refusal, reply.responses), None)
            if refusal is not None:
                return await self._note_refusal(session, turn, found, reply, response=refusal)
            if self.always_noted or not reply.is_empty:
                result = {"name": self.action_name, "result": reply.responses}
                await self._note(session, turn, LedgerKind.ACTION, result)
        return reply

    async def _refused(
        self, session: AsyncSession, turn: CustomerTurn, error: SupportError, found: Found
    ) -> Reply:
        """The error's own words, and a line about what was refused and why."""
        log.info("action refused", error=type(error).__name__)
        said = Reply().say(error.response, **readable(error.values))
        return await self._note_refusal(
            session, turn, found, said, response=error.response, error=type(error).__name__
        )

    async def _note_refusal(
        self, session: AsyncSession, turn: CustomerTurn, found: Found, said: Reply, **refusal: str
    ) -> Reply:
        """What was said; a person instead where the customer has heard the same refusal before."""
        about = turn.slots.get("order_number")
        again = is_refusal(refusal["response"]) and await insists(
            session, turn.conversation_id, turn.turn_id, response=refusal["response"], about=about
        )
        data = {"name": self.action_name, **refusal}
        await self._note(session, turn, LedgerKind.REFUSED, {**data, "about": about} if about else data)
        if not again:
            return said
        return await self.hand_over(session, turn, Reason.INSISTED, "utter_handover_insisted", found)

    async def tells_again(self, session: AsyncSession, turn: CustomerTurn) -> bool:
        """Whether a person has dealt with this wish of the same customer within the last days."""
        return await came_again(
            session,
            turn.conversation_id,
            wish=latest_wish(turn.events),
            order_number=turn.slots.get("order_number"),
            now=self.clock(),
        )

    async def _same_matter(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply | None:
        """Bring the person back, where the action is the one that would answer."""
        answers = self.always_noted and not self.action_name.startswith("action_ask_")
        if not (self.yields_to_people and answers and await self.tells_again(session, turn)):
            return None
        return await self.hand_over(session, turn, Reason.SAME_MATTER, "utter_handover_same_matter", found)

    async def _recover(self, turn: CustomerTurn, error: Exception) -> Reply:
        """Tell a person and the customer about a fault of ours; the log gets its kind, not its message."""
        error_id = new_id()[:12]
        frames = traceback.extract_tb(error.__traceback__)[-6:]
        where = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
        log.error("action crashed", error_id=error_id, error=type(error).__name__, where=where)
        # A form takes an answer with no slot in it for a misunderstanding, so one is always set.
        reply = Reply().leave_form().remember(form_problem=None)
        try:
            async with self.database.transaction() as session:
                failure = {"name": self.action_name, "error": type(error).__name__, "error_id": error_id}
                await self._note(session, turn, LedgerKind.ACTION, failure)
                await self._escalate(session, turn, Reason.ACTION_FAILED, ())
        except Exception as second:
            log.error("no escalation after a crash", error_id=error_id, error=type(second).__name__)
            # The gateway takes silence for a failure: it tells the customer and calls a person itself.
            return reply
        return reply.say("utter_action_failed").pause()

    async def hand_over(
        self,
        session: AsyncSession,
        turn: CustomerTurn,
        reason: Reason,
        response: str,
        found: Found,
        *,
        attachment: Attachment | None = None,
        prepared: Mapping[str, str] | None = None,
        **values: Any,
    ) -> Reply:
        """Give the conversation to a person, and stop the bot until it is handed back.

        `prepared` is what the person needs for the wish, by the names in escalation/texts.
        """
        await self._escalate(session, turn, reason, found.suggestions, prepared)
        return Reply().say(response, attachment=attachment, **values).leave_form().pause()

    async def _escalate(
        self,
        session: AsyncSession,
        turn: CustomerTurn,
        reason: Reason,
        suggestions: Sequence[Suggestion],
        prepared: Mapping[str, str] | None = None,
    ) -> None:
        await escalate(
            session,
            conversation_id=turn.conversation_id,
            turn_id=turn.turn_id or None,
            reason=reason,
            now=self.clock(),
            slots=turn.story,
            suggestions=suggestions,
            tracker_events=turn.events,
            prepared=prepared,
        )

    def suggestions(self, turn: CustomerTurn) -> list[Suggestion]:
        """Replies an agent could send to what the customer last asked."""
        return suggest(self.index, customer_texts(turn.events), self.public_url)

    async def answer(
        self,
        session: AsyncSession,
        turn: CustomerTurn,
        answer: Answer,
        response: str = "utter_answer",
        choices: Sequence[Button] = (),
        outcome: Outcome = Outcome.ANSWERED,
        others: Sequence[Answer] = (),
    ) -> Reply:
        """Say what an article says, show where it is from and where its links lead, and write down that it
        was offered.

        The customer is asked whether it helped: nobody has said so yet.
        """
        article, score = answer.article, round(answer.score, 2)
        offered = {"slug": article.slug, "title": article.title, "score": score}
        await self._note(session, turn, LedgerKind.ARTICLE, offered)
        await self._keep(session, turn, outcome, answer, answer.passage)
        links = [
            {"title": link.title, "url": self._whole(link.address)}
            for link in links_in(article.body, answer.passage)
        ]
        also = [
            {"title": other.article.title, "url": self._whole(other.article.url_path)} for other in others
        ]
        return Reply().say(
            response,
            choices=choices,
            passage=answer.passage,
            attachment={
                "kind": "article",
                "title": article.title,
                "url": self._whole(article.url_path),
                "score": score,
                "helped": None,
                **({"links": links} if links else {}),
                **({"others": also} if also else {}),
            },
        )

    def _whole(self, address: str) -> str:
        """An address of the shop's pages as one that can be opened from anywhere."""
        return f"{self.public_url.rstrip('/')}{address}" if address.startswith("/") else address

    def nearest(self, turn: CustomerTurn) -> Answer | None:
        """The article that comes nearest to what was asked, however far that is."""
        return next(iter(self.index.search(turn.question, k=1)), None)

    async def keep_unanswered(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> None:
        """Write down what was asked and not answered: trainers see what articles are missing."""
        await self._keep(session, turn, Outcome.UNANSWERED, found.nearest, passage="")

    async def _keep(
        self, session: AsyncSession, turn: CustomerTurn, outcome: Outcome, answer: Answer | None, passage: str
    ) -> None:
        await keep_question(
            session,
            conversation_id=turn.conversation_id,
            turn_id=turn.turn_id,
            question=turn.question,
            outcome=outcome,
            slug=answer.article.slug if answer else None,
            passage=passage,
            score=answer.score if answer else 0.0,
            now=self.clock(),
        )

    async def _note(
        self, session: AsyncSession, turn: CustomerTurn, kind: LedgerKind, data: dict[str, Any]
    ) -> None:
        await note(
            session,
            conversation_id=turn.conversation_id,
            turn_id=turn.turn_id or None,
            kind=kind,
            data=data,
            now=self.clock(),
        )
