"""What the gateway is told at its start; nothing below reads the environment."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path


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


@dataclass(frozen=True)
class Limits:
    """What one customer may send; rates in the notation of the `limits` package."""

    text_length: int = 2_000
    frame_bytes: int = 16_384
    messages: str = "12/10 seconds"
    conversations: str = "30/minute"
    sockets_per_address: int = 40


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
    # Whatever is saved in this folder is indexed at once; nowhere where another process does it.
    articles_dir: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    rasa_url: str = "http://127.0.0.1:5005"
    actions_url: str = "http://127.0.0.1:5055"
    public_url: str = "http://127.0.0.1:8080"
    shop_name: str = "Maple & Moor"
    locale: str = "en"
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
    limits: Limits = Limits()
    outbox_every: timedelta = timedelta(milliseconds=250)
