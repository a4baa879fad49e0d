"""`frontdesk refunds`: deciding about requests for money back."""

from typing import Annotated

import typer

from frontdesk.settings import read_settings

refunds = typer.Typer(help="Requests for money back that wait for a decision.", no_args_is_help=True)

Reference = Annotated[str, typer.Argument(help="As `refunds list` shows it, like MM-10432-F1.")]
By = Annotated[str, typer.Option("--by", help="Who decides; it stands in the audit log.")]


@refunds.command("list")
def refunds_list() -> None:
    """What waits for a decision, oldest first."""
    import asyncio

    from frontdesk.refund_requests import list_requests

    for waiting in asyncio.run(list_requests(read_settings())):
        since = f"{waiting.since:%d %b %Y}"
        typer.echo(f"{waiting.reference}  {waiting.amount}  {waiting.reason}  asked {since}")


@refunds.command("pay")
def refunds_pay(reference: Reference, by: By) -> None:
    """Agree, and send the money back the way it came; the customer gets an e-mail."""
    import asyncio

    from frontdesk.refund_requests import pay

    typer.echo(f"{asyncio.run(pay(read_settings(), reference, by=by))} is on its way back.")


@refunds.command("decline")
def refunds_decline(
    reference: Reference,
    by: By,
    because: Annotated[str, typer.Option("--because", help="The customer reads it in an e-mail.")],
) -> None:
    """Turn a request down; its things may be asked for again."""
    import asyncio

    from frontdesk.refund_requests import decline

    asyncio.run(decline(read_settings(), reference, by=by, why=because))
    typer.echo(f"{reference} is declined.")
