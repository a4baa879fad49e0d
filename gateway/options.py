"""What the gateway is told at its start; nothing below reads the environment."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import limits
from pydantic import AfterValidator, BaseModel, ConfigDict, Field


@dataclass(frozen=True)
class Patience:
    """How long a customer's turn may take before each next step, in seconds."""

    # Say that it is taking longer than usual.
    excuse_after: float = 6.0
    # Give up on a bot that is alive but does not answer.
    answer_within: float = 20.0
    # Wait for a bot that has died; a restart takes 20 to 30 s on two cores.
    restart_within: float = 60.0
    # Keep listening for an answer that may still come after giving up.
    listen_for: float = 300.0
    # A turn begun by a gateway that died cannot still be running after this.
    orphan_after: float = 10.0


def _a_rate(written: str) -> str:
    """Raises ValueError, which pydantic turns into a sentence."""
    limits.parse(written)
    return written


Rate = Annotated[str, AfterValidator(_a_rate)]
Seconds = Annotated[float, Field(gt=0)]


class Limits(BaseModel):
    """What one visitor may send and how long they may take; docs/decisions/0026-guards.md says why.

    Rates are in the notation of the `limits` package. An address is one of IPv4 or 64 bits of IPv6.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text_length: int = Field(default=2_000, ge=1)
    frame_bytes: int = Field(default=16_384, ge=1_024)
    # Messages and photos.
    messages: Rate = "12/10 seconds"
    messages_of_visitor: Rate = "150/10 minutes"
    messages_of_address: Rate = "600/minute"
    # Conversations that one address begins.
    conversations: Rate = "30/minute"
    # Tokens that one address shows and nobody has given out.
    wrong_tokens: Rate = "30/minute"
    # Frames of whatever kind on one socket.
    frames: Rate = "120/10 seconds"
    sockets_per_address: int = Field(default=40, ge=1)
    # Until a new socket has said hello.
    hello_seconds: Seconds = 10.0
    # Until a request's body is there; a photo may come over a bad line.
    body_seconds: Seconds = 20.0
    photo_seconds: Seconds = 180.0
    # Until a request's head is there, and between two requests: longer than a proxy keeps a connection.
    idle_seconds: Seconds = 75.0


SHOPS_WATCHWORDS = Path(__file__).resolve().parents[1] / "nlu_data" / "watchwords.yml"


@dataclass(frozen=True)
class GatewayOptions:
    """Everything the gateway process needs, as plain values."""

    database_url: str
    state_dir: Path
    encoder_dir: Path
    index_dir: Path
    # Name or folder of a cross-encoder; none looks at the articles again where it is empty.
    reranker: str = ""
    vectors_in: str = "memory"
    # Whatever is saved in this folder is indexed at once; nowhere where another process does it.
    articles_dir: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    # Every gateway must be given the same addresses, written in the same way.
    rasa_urls: tuple[str, ...] = ("http://127.0.0.1:5005",)
    actions_urls: tuple[str, ...] = ("http://127.0.0.1:5055",)
    public_url: str = "http://127.0.0.1:8080"
    shop_name: str = "Maple & Moor"
    locale: str = "en"
    # Where Prometheus reads, on loopback; 0 takes any free port, None serves no figures.
    metrics_port: int | None = None
    demo: bool = True
    smtp_host: str | None = None
    smtp_port: int = 587
    smtp_user: str | None = None
    smtp_password: str | None = None
    smtp_starttls: bool = True
    mail_from: str = "support@maple-moor.example"
    # Peers whose X-Forwarded-For is believed: the TLS proxy in front of the gateway.
    trusted_proxies: frozenset[str] = frozenset()
    minutes_per_conversation: int = 4
    # The words that call a person before the bot is asked.
    watchwords: Path = SHOPS_WATCHWORDS
    patience: Patience = Patience()
    limits: Limits = field(default_factory=Limits)
    # Origins whose pages may carry the widget; all where there are none.
    shop_origins: frozenset[str] = frozenset()
    outbox_every: timedelta = timedelta(milliseconds=250)
    # Others may share the store: this gateway tells them what is new, and is told.
    several: bool = False
    # Carries what gateways tell each other; the database does where it is empty.
    redis_url: str = ""
