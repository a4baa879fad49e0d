"""Mail leaves whole and once, by a real SMTP server or into a folder."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select

from crm.database import Database
from crm.mail.delivery import deliver_due_mail
from crm.mail.mailer import FolderMailer, Mailer, SmtpMailer
from crm.mail.message import Enclosure, Mail, MailFailed, compose
from crm.mail.sending import send_mail
from crm.mail.texts import MailText, render
from crm.outbox.models import OutboxEvent
from crm.outbox.services import MAIL, enqueue

SENDER = "Maple & Moor <help@mapleandmoor.example>"
MAIL_TO_NIA = Mail(
    to="nia@example.org", subject="Your jumper – £59.80", text="Hello Nia,\n\nü €\n", reference="20261103-7"
)


class Inbox:
    """An SMTP server's handler that keeps what arrives, and refuses when told to."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.answer_to_recipient = "250 OK"
        self.answer_to_data = "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answer_to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer_to_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer_to_data.startswith("250"):
            self.received.append(envelope.original_content or b"")
        return self.answer_to_data


@pytest.fixture
async def inbox() -> AsyncIterator[tuple[Inbox, asyncio.Server]]:
    handler = Inbox()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(handler, hostname="localhost"), "127.0.0.1", 0
    )
    yield handler, server
    server.close()
    await server.wait_closed()


@pytest.fixture(params=["smtp", "folder"])
def postal_service(
    request: pytest.FixtureRequest, inbox: tuple[Inbox, asyncio.Server], tmp_path: Path
) -> tuple[Mailer, Callable[[], list[EmailMessage]]]:
    """A mailer, and a way to see what it has delivered."""
    handler, server = inbox
    if request.param == "folder":
        folder = tmp_path / "mail"
        return FolderMailer(folder, SENDER), lambda: [_parsed(file.read_bytes()) for file in _mails(folder)]
    return _smtp(server), lambda: [_parsed(content) for content in handler.received]


async def test_every_mailer_delivers_the_mail_as_written(postal_service: Any) -> None:
    mailer, delivered = postal_service
    await mailer.send(MAIL_TO_NIA)
    (message,) = delivered()
    assert message["To"] == "nia@example.org"
    assert message["Subject"] == "Your jumper – £59.80"
    assert message["From"].addresses[0].addr_spec == "help@mapleandmoor.example"
    assert message["From"].addresses[0].display_name == "Maple & Moor"
    assert message.get_content().replace("\r\n", "\n") == MAIL_TO_NIA.text
    assert message["Auto-Submitted"] == "auto-generated"
    assert abs((datetime.now(UTC) - message["Date"].datetime).total_seconds()) < 60


async def test_every_mailer_gives_a_second_attempt_the_same_message_id(postal_service: Any) -> None:
    mailer, delivered = postal_service
    await mailer.send(MAIL_TO_NIA)
    await mailer.send(MAIL_TO_NIA)
    assert {message["Message-ID"] for message in delivered()} == {"<20261103-7@mapleandmoor.example>"}


@pytest.mark.parametrize(
    "mail",
    [
        Mail("nia@example.org\r\nBcc: all@example.org", "Hello", "", "1"),
        Mail("nia@example.org", "Hello\r\nBcc: all@example.org", "", "1"),
        Mail("nia@example.org, all@example.org", "Hello", "", "1"),
        Mail("not an address", "Hello", "", "1"),
        Mail("<nia@example.org>", "Hello", "", "1"),
        Mail("", "Hello", "", "1"),
    ],
    ids=[
        "header in the address",
        "header in the subject",
        "two addresses",
        "no address",
        "brackets",
        "nothing",
    ],
)
async def test_every_mailer_refuses_what_is_not_one_mail_to_one_person(
    postal_service: Any, mail: Mail
) -> None:
    mailer, delivered = postal_service
    with pytest.raises(MailFailed) as failed:
        await mailer.send(mail)
    assert failed.value.permanent
    assert delivered() == []


@pytest.mark.parametrize(
    ("recipient", "data", "permanent"),
    [
        ("550 no such mailbox", "250 OK", True),
        ("450 try later", "250 OK", False),
        ("250 OK", "552 too big", True),
        ("250 OK", "451 disk full", False),
    ],
)
async def test_an_smtp_refusal_says_whether_trying_again_helps(
    inbox: tuple[Inbox, asyncio.Server], recipient: str, data: str, permanent: bool
) -> None:
    handler, server = inbox
    handler.answer_to_recipient, handler.answer_to_data = recipient, data
    with pytest.raises(MailFailed) as failed:
        await _smtp(server).send(MAIL_TO_NIA)
    assert failed.value.permanent is permanent


async def test_a_mail_server_that_is_down_is_worth_another_try(inbox: tuple[Inbox, asyncio.Server]) -> None:
    _, server = inbox
    mailer = _smtp(server)
    server.close()
    with pytest.raises(MailFailed) as failed:
        await mailer.send(MAIL_TO_NIA)
    assert not failed.value.permanent


async def test_a_folder_holds_only_whole_mails_that_only_their_owner_reads(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    await FolderMailer(folder, SENDER).send(MAIL_TO_NIA)
    assert [path.name for path in folder.iterdir()] == ["20261103-7.eml"]
    assert (folder / "20261103-7.eml").stat().st_mode & 0o077 == 0


async def test_a_folder_that_cannot_be_written_is_a_failed_mail(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file where the folder should be")
    with pytest.raises(MailFailed):
        await FolderMailer(tmp_path / "mail", SENDER).send(MAIL_TO_NIA)


async def test_due_mail_is_sent_once_and_its_text_forgotten(database: Database, tmp_path: Path) -> None:
    await _queue(database, "nia@example.org", "123456")
    mailer = FolderMailer(tmp_path / "mail", SENDER)
    assert (await deliver_due_mail(database, mailer)).sent == 1
    assert (await deliver_due_mail(database, mailer)).sent == 0
    (file,) = _mails(tmp_path / "mail")
    assert "123456" in _parsed(file.read_bytes()).get_content()
    async with database.reading() as session:
        event = (await session.execute(select(OutboxEvent))).scalar_one()
    assert "123456" not in str(event.payload)


@pytest.mark.parametrize("unusable", ["not an address", "<nia@example.org>"])
async def test_one_mail_that_fails_does_not_hold_up_the_next(
    database: Database, inbox: tuple[Inbox, asyncio.Server], unusable: str
) -> None:
    handler, server = inbox
    await _queue(database, unusable, "first")
    await _queue(database, "nia@example.org", "second")
    report = await deliver_due_mail(database, _smtp(server))
    assert (report.sent, report.failed) == (1, 1)
    assert len(handler.received) == 1
    async with database.reading() as session:
        events = (await session.execute(select(OutboxEvent).order_by(OutboxEvent.id))).scalars().all()
    assert [(event.dead, event.delivered_at is not None) for event in events] == [
        (True, False),
        (False, True),
    ]


async def test_a_mail_waits_in_the_outbox_while_the_server_is_down(
    database: Database, inbox: tuple[Inbox, asyncio.Server]
) -> None:
    handler, server = inbox
    handler.answer_to_data = "451 later"
    await _queue(database, "nia@example.org", "123456")
    assert (await deliver_due_mail(database, _smtp(server))).failed == 1
    async with database.reading() as session:
        event = (await session.execute(select(OutboxEvent))).scalar_one()
    assert (event.dead, event.delivered_at, event.attempts) == (False, None, 1)
    assert event.last_error is not None
    assert "451" in event.last_error or "later" in event.last_error
    assert event.payload["text"] == "123456"


def test_the_wording_of_the_code_mail_is_complete() -> None:
    text = render("one_time_code", name="Nia", code="012345")
    assert "Nia" in text.body
    assert "012345" in text.body
    assert not re.search(r"[{}]", text.subject + text.body)


def test_a_wording_that_lacks_a_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        render("one_time_code", name="Nia")


def test_a_name_with_braces_stays_a_name() -> None:
    assert "{code}" in render("one_time_code", name="{code}", code="012345").body


def test_a_composed_mail_has_one_sender_and_one_receiver() -> None:
    message = compose(MAIL_TO_NIA, "help@mapleandmoor.example", datetime.now(UTC))
    assert len(message["To"].addresses) == len(message["From"].addresses) == 1


def _smtp(server: asyncio.Server) -> SmtpMailer:
    return SmtpMailer("127.0.0.1", server.sockets[0].getsockname()[1], SENDER, timeout=20)


def _mails(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.eml"))


def _parsed(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


async def _queue(database: Database, to: str, text: str) -> None:
    async with database.transaction() as session:
        await enqueue(session, MAIL, {"to": to, "subject": "Hello", "text": text}, datetime.now(UTC))


async def test_what_is_enclosed_arrives_and_is_not_kept(
    database: Database, postal_service: tuple[Mailer, Callable[[], list[EmailMessage]]]
) -> None:
    mailer, delivered = postal_service
    async with database.transaction() as session:
        await send_mail(
            session,
            to="nia@example.org",
            text=MailText("Your invoice", "It is enclosed."),
            now=datetime.now(UTC),
            enclosures=[Enclosure("INV-1.pdf", "application/pdf", b"%PDF-1.4 \x00\xff")],
        )
    assert (await deliver_due_mail(database, mailer)).sent == 1
    (message,) = delivered()
    (enclosed,) = message.iter_attachments()
    assert (enclosed.get_filename(), enclosed.get_content_type()) == ("INV-1.pdf", "application/pdf")
    assert enclosed.get_content() == b"%PDF-1.4 \x00\xff"
    async with database.reading() as session:
        (event,) = await session.scalars(select(OutboxEvent))
    assert "enclosures" not in event.payload
