"""Every conversation case, with the bot on trial."""

from collections.abc import Callable, Sequence

import aiohttp

from frontdesk.trainer.conversations.case import Case
from frontdesk.trainer.conversations.customer import Customer, WentDifferently
from frontdesk.trainer.conversations.talk import talk_through
from frontdesk.trainer.measure.results import ConversationCase
from frontdesk.trainer.measure.stage import Stage

_LONGEST = aiohttp.ClientTimeout(total=60)


async def measure_conversations(
    stage: Stage, cases: Sequence[Case], say: Callable[[str], None]
) -> list[ConversationCase]:
    """How each of them went, each with a customer of its own."""
    found: list[ConversationCase] = []
    async with aiohttp.ClientSession(timeout=_LONGEST) as http:
        for case in cases:
            customer = await Customer.arrive(http, stage.rasa_url, stage.database)
            try:
                await talk_through(case, customer)
            except WentDifferently as difference:
                found.append(ConversationCase(str(case), str(difference)))
            except (aiohttp.ClientError, KeyError, TimeoutError) as error:
                found.append(ConversationCase(str(case), f"{type(error).__name__}: {error}"))
            else:
                found.append(ConversationCase(str(case), None))
            if len(found) % 25 == 0:
                say(f"{len(found)} of {len(cases)} conversations")
    return found
