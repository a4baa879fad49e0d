"""The two server processes of the root environment, as `up` starts them."""

import resource
import socket
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sentence_encoder import EncoderMissing

from escalation.watchwords import WatchwordsUnusable
from frontdesk.errors import OperatorError
from frontdesk.logs import AccessLogger, configure_logging
from frontdesk.settings import LOOPBACK, Settings
from knowledge.index_file import IndexUnusable
from knowledge.reranking import RerankerUnusable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.options import GatewayOptions


class CannotServe(OperatorError):
    """Something that `frontdesk up` prepares is missing."""


def serve_gateway(settings: Settings, worker: int = 1) -> None:
    """Serve customers and agents until told to stop.

    Of several gateways each takes its share of the connections to the port, and answers on one of its own,
    which only this machine reaches.
    """
    from aiohttp import web

    from gateway.app import build_app

    configure_logging("gateway", settings.log_level)
    hold_as_many_sockets_as_allowed()
    options = gateway_options(settings, worker)
    several = settings.workers > 1
    with _explained():
        app = build_app(options)
    web.run_app(
        app,
        host=settings.gateway_host,
        port=settings.gateway_port,
        reuse_port=several,
        sock=_own_socket(settings.worker_port + worker - 1) if several else None,
        access_log_class=AccessLogger,
        print=None,
        shutdown_timeout=5,
        # For a request's head, too: whoever sends it byte by byte is let go.
        keepalive_timeout=options.limits.idle_seconds,
    )


def hold_as_many_sockets_as_allowed() -> None:
    """Raise the number of open files to what the system permits this process; 1,024 is a usual beginning."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        # Some systems name no limit and have one all the same.
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _own_socket(port: int) -> socket.socket:
    return socket.create_server((LOOPBACK, port))


def serve_actions(settings: Settings, worker: int = 1) -> None:
    """Serve Rasa's action calls on loopback until told to stop."""
    from actions.server import run_action_server

    configure_logging("actions", settings.log_level)
    with _explained():
        run_action_server(
            database_url=settings.store_url,
            index_dir=settings.index_dir,
            encoder_dir=settings.encoder_dir,
            port=settings.actions_port + worker - 1,
            public_url=settings.shown_url,
            reranker=settings.reranker,
            vectors_in=settings.knowledge_vectors,
        )


def gateway_options(settings: Settings, worker: int = 1) -> "GatewayOptions":
    """What of the settings concerns the gateway."""
    from gateway.options import GatewayOptions, Limits

    return GatewayOptions(
        database_url=settings.store_url,
        state_dir=settings.state_dir,
        encoder_dir=settings.encoder_dir,
        index_dir=settings.index_dir,
        reranker=settings.reranker,
        vectors_in=settings.knowledge_vectors,
        # One process of an installation indexes what is saved.
        articles_dir=settings.articles_dir if worker == 1 else None,
        host=settings.gateway_host,
        port=settings.gateway_port,
        rasa_urls=settings.rasa_addresses,
        actions_urls=settings.actions_addresses,
        several=True,
        redis_url=settings.redis_url,
        public_url=settings.shown_url,
        shop_name=settings.shop_name,
        metrics_port=settings.metrics_port + worker - 1 if settings.metrics_port else None,
        demo=settings.demo,
        smtp_host=settings.smtp_host or None,
        smtp_port=settings.smtp_port,
        smtp_user=settings.smtp_user or None,
        smtp_password=settings.smtp_password or None,
        smtp_starttls=settings.smtp_starttls,
        mail_from=settings.smtp_from,
        trusted_proxies=frozenset(settings.trusted_proxies.replace(",", " ").split()),
        shop_origins=frozenset(settings.shop_origins.replace(",", " ").split()),
        limits=Limits.model_validate(settings.limits),
    )


@contextmanager
def _explained() -> "Iterator[None]":
    try:
        yield
    except RerankerUnusable as error:
        raise CannotServe(f"{error} (setting FRONTDESK_RERANKER)") from error
    except (EncoderMissing, IndexUnusable, WatchwordsUnusable) as error:
        raise CannotServe(str(error)) from error
