"""What this process counts, by Prometheus' rules for names: base units, no personal data in any label."""

from prometheus_client import GC_COLLECTOR, PLATFORM_COLLECTOR, PROCESS_COLLECTOR, CollectorRegistry
from prometheus_client.metrics import Counter, Gauge, Histogram

ANSWERED = "answered"

# From a greeting out of the cache to the longest that a customer is asked to wait.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60)

REGISTRY = CollectorRegistry()
for _collector in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
    REGISTRY.register(_collector)

TURNS = Counter(
    "frontdesk_turns", "Turns the bot was asked for, by what came of them", ["outcome"], registry=REGISTRY
)
TURN_SECONDS = Histogram(
    "frontdesk_turn_stage_seconds",
    "Where a turn went: waiting for its place, bot (Rasa with its actions), storing the replies, whole",
    ["stage"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
MESSAGES = Counter(
    "frontdesk_messages_stored",
    "Customers' messages stored and acknowledged, by their frame",
    ["kind"],
    registry=REGISTRY,
)
STORE_SECONDS = Histogram(
    "frontdesk_message_store_seconds",
    "From a customer's frame to its acknowledgement",
    buckets=_SECONDS,
    registry=REGISTRY,
)
SOCKETS = Gauge("frontdesk_sockets", "Open sockets of this gateway", ["page"], registry=REGISTRY)
REQUEST_SECONDS = Histogram(
    "frontdesk_http_request_seconds",
    "HTTP requests by the route they matched; sockets are counted when they end",
    ["method", "route", "status"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
