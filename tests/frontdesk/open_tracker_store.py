"""Run by the bot's Python: opens the tracker store of our endpoints file as `rasa run` does, and uses it."""

import asyncio
import sys

from rasa.core.tracker_store import TrackerStore
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered


async def main(endpoints: str) -> None:
    slot = {"type": "text", "mappings": [{"type": "custom"}]}
    domain = Domain.from_dict({"slots": {"order_number": slot}})
    configured = AvailableEndpoints.read_endpoints(endpoints).tracker_store
    store = TrackerStore.create(configured, domain)
    tracker = await store.get_or_create_tracker("a conversation", append_action_listen=False)
    tracker.update(SlotSet("order_number", "MM-10001"))
    tracker.update(UserUttered("Where is it? £5 – 雨"))
    await store.save(tracker)
    again = await TrackerStore.create(configured, domain).retrieve("a conversation")
    sys.stdout.write(
        f"{store.engine.dialect.name} {again.get_slot('order_number')} {again.latest_message.text}\n"
    )


asyncio.run(main(sys.argv[1]))
