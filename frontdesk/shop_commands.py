"""`frontdesk shop`: a shop's own data, and whether its books are right."""

from pathlib import Path
from typing import Annotated

import typer

from frontdesk.settings import read_settings

shop = typer.Typer(help="The shop's own customers, goods and orders.", no_args_is_help=True)


@shop.command("load")
def shop_load(
    folder: Annotated[Path, typer.Argument(help="Folder with users.csv, products.csv, orders.csv ...")],
    currency: Annotated[str, typer.Option(help="Currency of all its amounts (ISO 4217).")] = "USD",
) -> None:
    """Load a folder of CSV files, all of it or nothing; a second time changes nothing."""
    import asyncio

    from frontdesk.shop import load

    for line in asyncio.run(load(read_settings(), folder, currency)):
        typer.echo(line)


@shop.command("audit")
def shop_audit() -> None:
    """Add the books of every order and gift card up; ends with 1 where one does not add up."""
    import asyncio

    from frontdesk.shop import audit

    report, wrong = asyncio.run(audit(read_settings()))
    for line in report:
        typer.echo(line)
    raise typer.Exit(code=int(wrong))
