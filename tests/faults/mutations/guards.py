"""The guards, and how each is taken out: what stands in a file, and what stands there without the guard."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """One guard less; `before` stands in `file` exactly once."""

    guard: str
    file: str
    before: str
    after: str


MUTATIONS = (
    Mutation(
        "an action is done once",
        "crm/effects/services.py",
        "    stored = await effect_of(session, turn_id=turn_id, action=action)\n    if stored is not None:\n"
        "        return stored\n    async with",
        "    turn_id = f'{turn_id[:20]}-{datetime.now(UTC).microsecond}'\n    async with",
    ),
    Mutation(
        "a repeated message is known",
        "gateway/chat/incoming.py",
        "    return await message_by_client_id(session, conversation_id, client_message_id)",
        "    return None",
    ),
    Mutation(
        "stored before it is acknowledged",
        "gateway/chat/socket.py",
        "        reception = self._on.reception\n        match frame:",
        "        reception = self._on.reception\n"
        "        await self._send(\n"
        '            {"type": "ack", "client_message_id": frame.client_message_id, "sequence": 1}\n'
        "        )\n        match frame:",
    ),
    Mutation(
        "the tracker is read before sending again",
        "gateway/chat/turns.py",
        "                if maybe_delivered:\n",
        "                if maybe_delivered and resent:\n",
    ),
    Mutation(
        "turns left by a crash are taken up",
        "gateway/chat/turns.py",
        "        for conversation_id in waiting:\n",
        "        for conversation_id in waiting[:0]:\n",
    ),
    Mutation(
        "a socket resumes where the browser was",
        "gateway/chat/socket.py",
        "self._sent = frame.last_sequence if",
        "self._sent = frame.last_sequence + 1 if",
    ),
)
