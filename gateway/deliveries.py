"""What leaves the shop by the outbox, and who takes it: mail server, payment provider, carrier."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from crm.database import Database
from crm.mail.delivery import deliver_due_mail
from crm.mail.mailer import FolderMailer, Mailer, SmtpMailer
from crm.outbox.services import CARRIER, MAIL, PAYMENTS
from crm.payments.delivery import deliver_due_payments
from crm.payments.sandbox import SandboxProvider
from crm.returns.carrier_sandbox import SandboxCarrier
from crm.returns.labels import deliver_due_labels
from gateway.options import GatewayOptions


class Report(Protocol):
    """What came of a round."""

    @property
    def failed(self) -> int: ...


@dataclass(frozen=True)
class Delivery:
    """One round hands over all that is due of a topic."""

    topic: str
    deliver: Callable[[], Awaitable[Report]]


def deliveries(database: Database, options: GatewayOptions) -> tuple[Delivery, ...]:
    """Everything that has somebody outside to take it."""
    mailer = _mailer(options)
    provider = SandboxProvider(options.state_dir / "sandbox" / "payments.db")
    carrier = SandboxCarrier(options.state_dir / "sandbox" / "carrier.db")
    return (
        Delivery(MAIL, lambda: deliver_due_mail(database, mailer)),
        Delivery(PAYMENTS, lambda: deliver_due_payments(database, provider)),
        Delivery(CARRIER, lambda: deliver_due_labels(database, carrier)),
    )


def _mailer(options: GatewayOptions) -> Mailer:
    if options.smtp_host is None:
        return FolderMailer(options.state_dir / "mail", options.mail_from)
    return SmtpMailer(
        options.smtp_host,
        options.smtp_port,
        options.mail_from,
        username=options.smtp_user,
        password=options.smtp_password,
        start_tls=options.smtp_starttls or None,
    )
