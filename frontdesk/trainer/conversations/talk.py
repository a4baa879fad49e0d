"""A case talked through, step by step."""

from frontdesk.trainer.conversations.case import Case, Step
from frontdesk.trainer.conversations.customer import Customer, Reply, WentDifferently


async def talk_through(case: Case, customer: Customer) -> None:
    """Say and tap what the case says, and compare. Raises WentDifferently at the first difference."""
    await customer.owns(case.orders)
    for position, step in enumerate(case.steps, start=1):
        try:
            reply = await (customer.tap(step.tap) if step.tap else customer.write(step.say or ""))
            await _compare(step, reply, customer)
        except WentDifferently as difference:
            raise WentDifferently(f"step {position}, `{step.say or step.tap}`: {difference}") from None
    if case.then:
        left = await customer.left_behind()
        for name, wanted in case.then.items():
            if left.get(name) != wanted:
                raise WentDifferently(f"afterwards `{name}` is {left.get(name)}, not {wanted}")


async def _compare(step: Step, reply: Reply, customer: Customer) -> None:
    if reply.responses != step.expect:
        said = ", ".join(reply.responses) or "nothing"
        raise WentDifferently(
            f"it said {said} instead of {', '.join(step.expect) or 'nothing'}: {reply.text}"
        )
    for words in step.contains:
        if words.format(**customer.names) not in reply.text:
            raise WentDifferently(f"`{words.format(**customer.names)}` is not in what it said: {reply.text}")
    if step.attachment and step.attachment not in reply.attachments:
        raise WentDifferently(f"no {step.attachment} card came with it")
    if not (step.slots or step.paused):
        return
    tracker = await customer.tracker()
    for name, value in step.slots.items():
        wanted = value.format(**customer.names) if isinstance(value, str) else value
        if tracker["slots"][name] != wanted:
            raise WentDifferently(f"the slot `{name}` holds {tracker['slots'][name]!r}, not {wanted!r}")
    if tracker["paused"] != step.paused:
        raise WentDifferently("a person should answer from now on" if step.paused else "the bot was paused")
