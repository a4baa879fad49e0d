"""Do the processes answer, or are their ports free to start them?"""

import asyncio
from dataclasses import dataclass

import aiohttp

from frontdesk.checks import Finding, fail, ok, warn
from frontdesk.ports import holder_of, is_free
from frontdesk.running import as_running
from frontdesk.settings import LOOPBACK, Settings, loopback_url

TIMEOUT = aiohttp.ClientTimeout(total=5)


@dataclass(frozen=True)
class Service:
    """`health` answers 200 when the process is really ours and healthy; `setting` moves its port."""

    name: str
    setting: str
    host: str
    port: int
    health: str


async def service_checks(settings: Settings) -> list[Finding]:
    settings = as_running(settings)
    kinds = (
        ("actions", settings.actions_port, "/health"),
        ("rasa", settings.rasa_port, "/status"),
        *([("worker", settings.worker_port, "/health/live")] if settings.workers > 1 else []),
    )
    services = [
        Service(
            "gateway",
            "FRONTDESK_GATEWAY_PORT",
            settings.gateway_host,
            settings.gateway_port,
            f"{settings.gateway_url}/health/ready",
        ),
        *(
            Service(kind, f"FRONTDESK_{kind.upper()}_PORT", LOOPBACK, port, f"{loopback_url(port)}{health}")
            for kind, first, health in kinds
            for port in settings.ports_from(first)
        ),
    ]
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        return list(await asyncio.gather(*(_service(session, service) for service in services)))


async def _service(session: aiohttp.ClientSession, service: Service) -> Finding:
    subject = f"{service.name.capitalize()}, port {service.port}"
    try:
        if is_free(service.host, service.port):
            return ok(subject, "not running, and the port is free")
    except (OSError, OverflowError) as error:
        return fail(subject, f"nothing can listen on {service.host}: {error}", "Set FRONTDESK_GATEWAY_HOST.")
    try:
        async with session.get(service.health) as answer:
            if answer.status == 200:
                return ok(subject, "running and ready")
            said = (await answer.text())[:300]
    except (aiohttp.ClientError, TimeoutError):
        holder = holder_of(service.port) or "another program"
        return fail(
            subject,
            f"in use by {holder}, which does not answer as Frontdesk does",
            f"Stop it, or set {service.setting}.",
        )
    if service.name == "gateway" and '"checks"' in said:
        return warn(subject, f"running but not ready: {said}", "See its log; it may still be starting.")
    return fail(
        subject,
        f"answers {answer.status} to {service.health}",
        f"Stop what is there, or set {service.setting}.",
    )
