"""Does mail get away: the server answers, encrypts where that is wanted, and takes the login."""

import aiosmtplib

from frontdesk.checks import Finding, fail, ok, warn
from frontdesk.settings import Settings

SUBJECT = "Mail"
TIMEOUT_S = 5.0


async def mail_checks(settings: Settings) -> list[Finding]:
    return [await _mail(settings)]


async def _mail(settings: Settings) -> Finding:
    if not settings.smtp_host:
        if settings.demo:
            return ok(SUBJECT, f"no mail server is set; what would be sent lies in {settings.mail_dir}")
        remedy = "Without FRONTDESK_SMTP_HOST no customer gets a one-time code, and no agent an alert."
        return warn(SUBJECT, f"no mail server is set; mail lies in {settings.mail_dir}", remedy)
    server = f"{settings.smtp_host}:{settings.smtp_port}"
    client = aiosmtplib.SMTP(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_user or None,
        password=settings.smtp_password or None,
        start_tls=settings.smtp_starttls,
        timeout=TIMEOUT_S,
    )
    try:
        # Everything but a mail: nobody is to be bothered by a check.
        async with client:
            await client.noop()
    except aiosmtplib.SMTPAuthenticationError:
        remedy = "Check FRONTDESK_SMTP_USER and FRONTDESK_SMTP_PASSWORD."
        return fail(SUBJECT, f"{server} does not let {settings.smtp_user} in", remedy)
    except (aiosmtplib.SMTPException, OSError) as error:
        words = " ".join(str(error).split()) or type(error).__name__
        remedy = (
            "Check FRONTDESK_SMTP_HOST and FRONTDESK_SMTP_PORT, and FRONTDESK_SMTP_STARTTLS "
            "where the server cannot encrypt."
        )
        return fail(SUBJECT, f"{server} is of no use ({words})", remedy)
    return ok(SUBJECT, f"{server} answers{' and takes the login' if settings.smtp_user else ''}")
