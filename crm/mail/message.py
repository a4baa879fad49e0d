"""A mail as it goes out."""

from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr


@dataclass(frozen=True)
class Enclosure:
    """A file that goes with a mail; `content_type` is like `application/pdf`."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Mail:
    """Plain text to one person. `reference` is the same for every attempt to send it."""

    to: str
    subject: str
    text: str
    reference: str
    enclosures: tuple[Enclosure, ...] = ()


class MailFailed(Exception):
    """A mail did not go out; `permanent` where trying again cannot help."""

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.permanent = permanent


def compose(mail: Mail, sender: str, now: datetime) -> EmailMessage:
    """The message in full; `sender` is `Name <address>`.

    Its id follows from the reference, so that mailboxes can tell a second delivery from a second mail.
    Raises MailFailed where an address or the subject cannot stand in a header.
    """
    message = EmailMessage()
    name, address = parseaddr(sender)
    try:
        message["From"] = Address(display_name=name, addr_spec=address)
        message["To"] = Address(addr_spec=mail.to)
        message["Subject"] = mail.subject
    except (ValueError, IndexError, MessageError) as error:
        raise MailFailed(f"not a mail that can be sent: {error}", permanent=True) from error
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{mail.reference}@{address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    for enclosure in mail.enclosures:
        maintype, _, subtype = enclosure.content_type.partition("/")
        message.add_attachment(enclosure.content, maintype=maintype, subtype=subtype, filename=enclosure.name)
    return message
