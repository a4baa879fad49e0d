"""The command line: each command reads the settings, calls one module, and words its failure in one sentence.

Modules of commands are imported inside the commands, so that none waits for what another needs.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from frontdesk.errors import ERROR_MARK, OperatorError
from frontdesk.knowledge_commands import knowledge
from frontdesk.nlu_commands import nlu
from frontdesk.outbox_commands import outbox
from frontdesk.refund_commands import refunds
from frontdesk.settings import PROJECT_ROOT, read_settings
from frontdesk.shop_commands import shop
from frontdesk.trainer.measure.results import Part

app = typer.Typer(
    help="Frontdesk answers a shop's customers and hands over to people with the whole story.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
serve = typer.Typer(
    help="Run one server process in the foreground; `up` does this for you.", no_args_is_help=True
)
db = typer.Typer(help="The shop's database.", no_args_is_help=True)
demo = typer.Typer(help="The demo shop.", no_args_is_help=True)
agents = typer.Typer(help="The people at the desk.", no_args_is_help=True)
new = typer.Typer(help="Begin something new for the bot to talk about.", no_args_is_help=True)
app.add_typer(serve, name="serve", hidden=True)
app.add_typer(db, name="db")
app.add_typer(knowledge, name="knowledge")
app.add_typer(demo, name="demo")
app.add_typer(agents, name="agents")
app.add_typer(nlu, name="nlu")
app.add_typer(refunds, name="refunds")
app.add_typer(outbox, name="outbox")
app.add_typer(shop, name="shop")
app.add_typer(new, name="new")


def main() -> None:
    """Entry point of the `frontdesk` command."""
    try:
        app()
    except OperatorError as error:
        typer.secho(f"{ERROR_MARK}{error}", fg=typer.colors.RED, err=True)
        sys.exit(1)


@app.command()
def up(
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Gateways, Rasa processes and action servers; as FRONTDESK_WORKERS."),
    ] = None,
) -> None:
    """Prepare everything, start all processes and keep them running. Ctrl-C stops them."""
    from rich.console import Console

    from frontdesk.up import up as run

    given = {} if workers is None else {"workers": workers}
    raise typer.Exit(run(read_settings(**given), Console()))


@app.command()
def chat(
    url: Annotated[
        str, typer.Option(help="Address of the gateway; by default the one of the settings.")
    ] = "",
) -> None:
    """Talk to the running bot in this terminal, or from a script: one message per line of standard input."""
    from frontdesk.chat import chat as run

    raise typer.Exit(run(url or read_settings().gateway_url))


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check versions, ports, database, model, index and running services, and say what to do."""
    from frontdesk.doctor import doctor as run

    raise typer.Exit(run(read_settings(), as_json=as_json))


@app.command()
def check(
    root: Annotated[
        Path, typer.Option(help="Folder of the project to check; by default the one this program is part of.")
    ] = PROJECT_ROOT,
) -> None:
    """List every problem of examples, rules, responses, domain, held-out cases, articles; trains nothing."""
    from frontdesk.trainer.check.everything import check_project
    from frontdesk.trainer.check.report import errors_in, summary

    problems = check_project(
        root.resolve(), read_settings().state_dir, lambda line: typer.echo(line, err=True)
    )
    for problem in problems:
        typer.echo(problem)
    typer.echo(summary(problems))
    raise typer.Exit(int(errors_in(problems) > 0))


@app.command()
def train(
    tune: Annotated[
        bool,
        typer.Option(
            "--tune",
            help="Tune the sentence encoder on the examples and articles first, and keep it if it is better; "
            "takes minutes, and goes on where it was if it is ended.",
        ),
    ] = False,
    untuned: Annotated[
        bool, typer.Option("--untuned", help="Go back to the sentence encoder as it came.")
    ] = False,
) -> None:
    """Train the bot's model and index its articles, if they have changed; a running bot takes both up."""
    settings = read_settings()
    if tune and untuned:
        raise OperatorError("--tune and --untuned are opposites; give one of them.")
    if tune:
        from frontdesk.trainer.tuning import tune_encoder

        typer.echo(tune_encoder(settings, typer.echo))
    elif untuned:
        from frontdesk.trainer.tuning import back_to_untuned

        typer.echo(back_to_untuned(settings, typer.echo))
    else:
        from frontdesk.train import train_model

        typer.echo(train_model(settings, typer.echo))


@app.command("test")
def measure_model(
    only: Annotated[
        list[Part] | None, typer.Option(help="Measure only this; may be given more than once.")
    ] = None,
) -> None:
    """Measure the model of what is there now on what it was never trained on; no customer meets it yet."""
    from frontdesk.train import candidate, stop_at_errors
    from frontdesk.trainer.measure.run import measure

    settings = read_settings()
    stop_at_errors(settings, typer.echo)
    model = candidate(settings, typer.echo)
    raise typer.Exit(measure(settings, model, only or list(Part), typer.echo))


@new.command("intent")
def begin_intent(
    name: Annotated[str, typer.Argument(help="What the customer wants, as in price_match.")],
    topic: Annotated[str, typer.Option(help="The topic whose files it goes to.")] = "answers",
) -> None:
    """Add examples, rule, answer and held-out cases for a new wish, to be filled by you."""
    from frontdesk.trainer.beginnings import new_intent

    _tell_written(new_intent(PROJECT_ROOT, name, topic))


@new.command("topic")
def begin_topic(name: Annotated[str, typer.Argument(help="One word, as in repairs.")]) -> None:
    """Write one file of each kind for a new topic that needs an action, to be filled by you."""
    from frontdesk.trainer.beginnings import new_topic

    _tell_written(new_topic(PROJECT_ROOT, name))


def _tell_written(files: list[Path]) -> None:
    for file in files:
        typer.echo(f"written to {file.relative_to(PROJECT_ROOT)}")
    typer.echo("Replace what stands between < and >; `frontdesk check` shows what is left.")


Worker = Annotated[int, typer.Option(min=1, help="Which of several, counted from 1.")]


@serve.command("gateway")
def serve_gateway(worker: Worker = 1) -> None:
    """Serve customers and agents."""
    from frontdesk.serve import serve_gateway as run

    run(read_settings(), worker)


@serve.command("actions")
def serve_actions(worker: Worker = 1) -> None:
    """Serve Rasa's action calls, on loopback."""
    from frontdesk.serve import serve_actions as run

    run(read_settings(), worker)


@db.command("migrate")
def db_migrate() -> None:
    """Bring the database to the schema this version expects."""
    import asyncio

    from frontdesk.store import migrate_store

    typer.echo(asyncio.run(migrate_store(read_settings())))


@db.command("downgrade")
def db_downgrade(
    revision: Annotated[str, typer.Argument(help="A name in crm/migrations/versions, or `base`.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take the database's schema back, for an older version; what newer tables hold is lost."""
    import asyncio

    from frontdesk.store import downgrade_store

    if not yes:
        typer.confirm("What newer tables hold will be lost. Is there a backup?", abort=True)
    typer.echo(asyncio.run(downgrade_store(read_settings(), revision)))


@demo.command("load")
def demo_load() -> None:
    """Fill an empty database with the demo shop, and give it an agent who can sign in."""
    import asyncio

    from frontdesk.store import load_demo

    typer.echo(asyncio.run(load_demo(read_settings(), typer.echo)))


@agents.command("add")
def agents_add(
    name: Annotated[str, typer.Argument(help="Full name; customers read the first word of it.")],
    email: Annotated[str, typer.Argument(help="To sign in with, and for alerts.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input, do not ask.")
    ] = False,
) -> None:
    """Let somebody sign in to the desk; asks for a password of at least 12 characters."""
    import asyncio

    from frontdesk.agents import add_agent

    settings = read_settings()
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    added = asyncio.run(add_agent(settings, name=name, email=email, password=password))
    typer.echo(f"{added} can sign in at {settings.shown_url}/desk")


@agents.command("list")
def agents_list() -> None:
    """Name and e-mail of everybody who can sign in to the desk."""
    import asyncio

    from frontdesk.agents import list_agents

    for agent in asyncio.run(list_agents(read_settings())):
        typer.echo(f"{agent.name}  {agent.email}")


@app.command("prepare-store", hidden=True)
def prepare_store() -> None:
    """What `up` needs of the database: migrated, and with the demo shop where that is wanted."""
    import asyncio

    from frontdesk.store import prepare_store as run

    typer.echo(asyncio.run(run(read_settings(), typer.echo)))
