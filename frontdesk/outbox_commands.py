"""`frontdesk outbox`: what could not be handed over, and trying it again."""

from typing import Annotated

import typer

from frontdesk.settings import read_settings

outbox = typer.Typer(
    help="What could not be handed to the mail server, the payment provider or the carrier.",
    no_args_is_help=True,
)


@outbox.command("list")
def outbox_list() -> None:
    """Dead letters, oldest first: what was refused, or tried too often."""
    import asyncio

    from frontdesk.dead_letters import list_dead_letters

    letters = asyncio.run(list_dead_letters(read_settings()))
    for letter in letters:
        typer.echo(
            f"{letter.id}  {letter.topic}  {letter.what}  {letter.since:%d %b %Y %H:%M}  {letter.error}"
        )
    if not letters:
        typer.echo("Nothing is stuck.")


@outbox.command("retry")
def outbox_retry(
    number: Annotated[int, typer.Argument(help="As `outbox list` shows it.")],
) -> None:
    """Let one be handed over again, now that its cause is gone."""
    import asyncio

    from frontdesk.dead_letters import retry

    asyncio.run(retry(read_settings(), number))
    typer.echo(f"{number} is tried again.")
