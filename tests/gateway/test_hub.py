from gateway.hub import CHANGED, QUEUE_LENGTH, Event, Subscription


async def _all_of(subscription: Subscription, count: int) -> list[Event]:
    return [await subscription.get() for _ in range(count)]


async def test_what_waits_to_be_read_is_said_once_and_again_after_it_was_read() -> None:
    subscription = Subscription()
    typing = {"type": "typing", "author": "bot", "on": False}
    for event in (CHANGED, typing, CHANGED):
        subscription.put(event)
    assert await _all_of(subscription, 2) == [CHANGED, typing]

    subscription.put(CHANGED)
    assert await subscription.get() == CHANGED


async def test_changes_of_two_conversations_are_two_events() -> None:
    subscription = Subscription()
    events: list[Event] = [{"type": "changed", "conversation_id": name} for name in ("a", "b", "a")]
    for event in events:
        subscription.put(event)
    assert await _all_of(subscription, 2) == events[:2]


async def test_a_change_that_was_pushed_out_of_a_full_queue_can_be_said_again() -> None:
    subscription = Subscription()
    subscription.put(CHANGED)
    for number in range(QUEUE_LENGTH):
        subscription.put({"type": "judged", "sequence": number})
    subscription.put(CHANGED)
    assert (await _all_of(subscription, QUEUE_LENGTH))[-1] == CHANGED
