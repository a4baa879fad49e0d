"""What an operator can set, read from the environment once; every other package receives plain values."""

import json
import re
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from crm.policy import PolicyUnreadable, use_policy
from frontdesk.errors import OperatorError
from frontdesk.ports import LAST_PORT, ports_problem

PROJECT_ROOT = Path(__file__).resolve().parents[1]
ENV_PREFIX = "FRONTDESK_"
LOOPBACK = "127.0.0.1"
_POSTGRESQL = "postgresql+asyncpg:"

Port = Annotated[int, Field(ge=1, le=LAST_PORT)]


class SettingsError(OperatorError):
    """A setting has a value that cannot be used; the message names it."""


class Settings(BaseSettings):
    """All settings, frozen. Each is the environment variable FRONTDESK_<NAME>."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, frozen=True, extra="ignore", env_ignore_empty=True
    )

    state_dir: Path = Field(
        default=Path("var"),
        validate_default=True,
        description="Folder of everything Frontdesk writes; relative to the project",
    )
    database_url: str = Field(
        default="",
        validation_alias=AliasChoices(f"{ENV_PREFIX}DATABASE_URL", "DATABASE_URL"),
        description="The shop's database, postgresql://user:password@host/name; empty: SQLite",
    )
    tracker_url: str = Field(
        default="",
        description="Rasa's tracker store; empty: <name>_tracker beside the shop's PostgreSQL, else SQLite",
    )
    gateway_host: str = Field(default=LOOPBACK, description="Address the gateway listens on")
    gateway_port: Port = Field(default=8080, description="Port of the gateway: widget, desk, health")
    actions_port: Port = Field(default=5055, description="Port of the action server, on loopback")
    rasa_port: Port = Field(default=5005, description="Port of Rasa, on loopback")
    workers: int = Field(
        default=1,
        ge=1,
        le=64,
        description="Gateways, Rasa processes and action servers on this machine, as many of each",
    )
    worker_port: Port = Field(
        default=8090, description="Port of the first of several gateways alone, on loopback: its health"
    )
    rasa_urls: str = Field(
        default="",
        pattern=r"^(https?://[^\s,]+[\s,]*)*$",
        description="Addresses of Rasa processes elsewhere, comma-separated, the same for every gateway",
    )
    metrics_port: Port | None = Field(
        default=None,
        description="Port of the first gateway's figures for Prometheus, on loopback; empty: none",
    )
    redis_url: str = Field(
        default="",
        pattern=r"^((rediss?|unix)://\S+)?$",
        description="Redis that carries news between gateways; empty: the database does",
    )
    rasa_locks_url: str = Field(
        default="",
        pattern=r"^(rediss?://\S+)?$",
        description="Redis for the locks of Rasa processes on several machines; empty: in each process",
    )
    encoder: str = Field(
        default="frontdesk-minilm",
        min_length=1,
        description="Sentence encoder: the embedded one, or the name or folder of any SentenceTransformer",
    )
    encoder_precision: Literal["fp32", "int8"] = Field(
        default="fp32",
        description="Numbers the encoder computes with; int8 is quicker and a little less right",
    )
    reranker: str = Field(
        default="",
        description="Cross-encoder that looks at the nearest articles again: name or folder; empty: none",
    )
    knowledge_vectors: Literal["memory", "postgresql"] = Field(
        default="memory",
        description="Where the vectors of many articles are looked up; postgresql: the shop's, with pgvector",
    )
    public_url: str = Field(
        default="",
        pattern=r"^(https?://\S+)?$",
        description="Address customers and agents see; empty: the gateway's own",
    )
    trusted_proxies: str = Field(
        default="",
        description="Addresses or networks of proxies whose X-Forwarded-For is believed, comma-separated",
    )
    shop_origins: str = Field(
        default="",
        description="Origins whose pages may carry the widget, comma-separated; empty: all",
    )
    limits: Annotated[dict[str, Any], NoDecode] = Field(
        default_factory=dict,
        description='What one visitor may send, as JSON: {"messages": "12/10 seconds"}; docs/operations.md',
    )
    shop_name: str = Field(
        default="Maple & Moor", min_length=1, description="Name of the shop, as customers read it"
    )
    policy: Path | None = Field(
        default=None,
        description="File with the shop's own limits; what it leaves out is as in crm/policy/policy.yml",
    )
    demo: bool = Field(default=True, description="Load the demo shop and a demo agent into an empty database")
    smtp_host: str = Field(default="", description="Mail server; empty: mail is written to the state folder")
    smtp_port: Port = Field(default=587, description="Port of the mail server")
    smtp_user: str = Field(default="", description="Login at the mail server, if it wants one")
    smtp_password: str = Field(default="", repr=False, description="Password at the mail server")
    smtp_starttls: bool = Field(default=True, description="Encrypt the connection to the mail server")
    smtp_from: str = Field(
        default="support@maple-moor.example", pattern=r"^\S+@\S+$", description="Sender of every mail"
    )
    log_level: str = Field(
        default="INFO", description="Least severe messages to log: DEBUG, INFO, WARNING, ERROR"
    )

    @field_validator("state_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return (PROJECT_ROOT / value.expanduser()).resolve()

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("use DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @field_validator("limits", mode="before")
    @classmethod
    def _known_limits(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        # Only the gateway counts, and most commands start none.
        from gateway.options import Limits

        try:
            Limits.model_validate_json(value)
        except ValidationError as error:
            first = error.errors()[0]
            raise ValueError(": ".join([*map(str, first["loc"]), first["msg"]])) from None
        return json.loads(value)

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses_or_networks(cls, value: str) -> str:
        for proxy in value.replace(",", " ").split():
            try:
                ip_network(proxy, strict=False)
            except ValueError:
                raise ValueError(f"{proxy} is no address or network; write 10.0.0.7 or 10.0.0.0/8") from None
        return value

    @field_validator("shop_origins")
    @classmethod
    def _whole_origins(cls, value: str) -> str:
        for origin in value.replace(",", " ").split():
            if not re.fullmatch(r"https?://[^/\s]+", origin):
                raise ValueError(f"{origin} is no origin; write https://shop.example")
        return value

    @field_validator("database_url", "tracker_url")
    @classmethod
    def _with_our_driver(cls, value: str) -> str:
        if not value:
            return value
        # SQLAlchemy is slow to import, and most commands have no use for it.
        from crm.database_url import async_url

        return async_url(value)

    @field_validator("knowledge_vectors")
    @classmethod
    def _where_there_is_one(cls, value: str, info: ValidationInfo) -> str:
        if value == "postgresql" and not str(info.data.get("database_url", "")).startswith(_POSTGRESQL):
            raise ValueError("FRONTDESK_DATABASE_URL names no PostgreSQL; name one, or say memory")
        return value

    @field_validator("tracker_url")
    @classmethod
    def _no_file(cls, value: str) -> str:
        if value and not value.startswith(_POSTGRESQL):
            raise ValueError("it names another PostgreSQL database; an SQLite file lies in the state folder")
        return value

    @property
    def store_url(self) -> str:
        """SQLAlchemy URL of the shop's database."""
        return self.database_url or f"sqlite+aiosqlite:///{self.state_dir / 'crm.db'}"

    @property
    def tracker_store_url(self) -> str:
        """SQLAlchemy URL of Rasa's tracker store; empty where that is the file `tracker_db`."""
        if self.tracker_url or not self.database_url.startswith(_POSTGRESQL):
            return self.tracker_url
        from crm.database_url import database_beside

        return database_beside(self.database_url, "_tracker")

    @property
    def tracker_db(self) -> Path:
        return self.state_dir / "tracker.db"

    @property
    def encoder_dir(self) -> Path:
        return self.state_dir / "encoder"

    @property
    def index_dir(self) -> Path:
        return self.state_dir / "knowledge"

    @property
    def models_dir(self) -> Path:
        return self.state_dir / "models"

    @property
    def domain_dir(self) -> Path:
        return self.state_dir / "domain"

    @property
    def products_file(self) -> Path:
        return self.state_dir / "entities" / "products.yml"

    @property
    def mail_dir(self) -> Path:
        return self.state_dir / "mail"

    @property
    def logs_dir(self) -> Path:
        return self.state_dir / "logs"

    @property
    def articles_dir(self) -> Path:
        return PROJECT_ROOT / "knowledge" / "articles"

    @property
    def gateway_url(self) -> str:
        """Where this machine reaches the gateway; an address that means "all" is reached by loopback."""
        host = LOOPBACK if self.gateway_host in {"0.0.0.0", "::", ""} else self.gateway_host  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self.gateway_port}"

    @property
    def shown_url(self) -> str:
        """The gateway's address as people type it, without a slash at the end."""
        return self.public_url.rstrip("/") or self.gateway_url

    @property
    def rasa_addresses(self) -> tuple[str, ...]:
        """Where gateways reach Rasa: elsewhere, or the processes of this machine."""
        elsewhere = self.rasa_urls.replace(",", " ").split()
        return tuple(elsewhere) or tuple(loopback_url(port) for port in self.ports_from(self.rasa_port))

    @property
    def actions_addresses(self) -> tuple[str, ...]:
        return tuple(loopback_url(port) for port in self.ports_from(self.actions_port))

    def ports_from(self, first: int) -> range:
        """The ports of the processes of a kind; worker 1 has the first."""
        return range(first, first + self.workers)


def loopback_url(port: int) -> str:
    return f"http://{LOOPBACK}:{port}"


def read_settings(**given: object) -> Settings:
    """The settings of this process, with those `given` instead of the environment's.

    SettingsError where one has a value that cannot be used.
    """
    try:
        settings = Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from error
    try:
        use_policy(settings.policy)
    except PolicyUnreadable as error:
        raise SettingsError(f"The setting FRONTDESK_POLICY cannot be used: {error}") from error
    problem = ports_problem(
        settings.workers,
        alone={"gateway": settings.gateway_port},
        one_each={
            "actions": settings.actions_port,
            "rasa": settings.rasa_port,
            **({"worker": settings.worker_port} if settings.workers > 1 else {}),
            **({"metrics": settings.metrics_port} if settings.metrics_port else {}),
        },
    )
    if problem is not None:
        raise SettingsError(problem)
    if settings.workers > 1 and not sys.platform.startswith("linux"):
        raise SettingsError(
            "FRONTDESK_WORKERS must be 1 here: only Linux spreads connections over processes with one port."
        )
    return settings


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    field = str(first["loc"][0]) if first["loc"] else ""
    name = field if field.isupper() else f"{ENV_PREFIX}{field.upper()}"
    why = first["msg"].removeprefix("Value error, ")
    shown = "" if "PASSWORD" in name or "URL" in name else f" ({first['input']!r})"
    return f"The setting {name}{shown} cannot be used: {why[:1].lower()}{why[1:]}."
