"""Ways for a mail to leave: by SMTP, or into a folder where a demo's owner can read it."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import aiosmtplib

from crm.files import write_whole
from crm.mail.message import Mail, MailFailed, compose

PERMANENT_FAILURES = range(500, 600)


class Mailer(Protocol):
    """The port of outgoing mail."""

    async def send(self, mail: Mail) -> None:
        """Hand the mail over for good. Raises MailFailed."""
        ...


class SmtpMailer:
    """Sends through an SMTP server, one connection per mail.

    `start_tls` None means: encrypt where the server offers it. Times out after `timeout` seconds.
    """

    def __init__(
        self,
        host: str,
        port: int,
        sender: str,
        *,
        username: str | None = None,
        password: str | None = None,
        use_tls: bool = False,
        start_tls: bool | None = None,
        timeout: float = 10.0,
    ) -> None:
        self._host = host
        self._port = port
        self._sender = sender
        self._username = username
        self._password = password
        self._use_tls = use_tls
        self._start_tls = start_tls
        self._timeout = timeout

    async def send(self, mail: Mail) -> None:
        message = compose(mail, self._sender, datetime.now(UTC))
        try:
            await aiosmtplib.send(
                message,
                hostname=self._host,
                port=self._port,
                username=self._username,
                password=self._password,
                use_tls=self._use_tls,
                start_tls=self._start_tls,
                timeout=self._timeout,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            permanent = all(refusal.code in PERMANENT_FAILURES for refusal in error.recipients)
            raise MailFailed("the mail server refused the recipient", permanent=permanent) from error
        except aiosmtplib.SMTPDataError as error:
            raise MailFailed(str(error), permanent=error.code in PERMANENT_FAILURES) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailFailed(f"{type(error).__name__}: {error}") from error


class FolderMailer:
    """Writes each mail as an .eml file; a half-written one is never seen, a repeated one replaces itself."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    async def send(self, mail: Mail) -> None:
        message = compose(mail, self._sender, datetime.now(UTC))
        try:
            await asyncio.to_thread(write_whole, self._folder / f"{mail.reference}.eml", bytes(message))
        except OSError as error:
            raise MailFailed(f"{type(error).__name__}: {error}") from error
