"""`frontdesk nlu`: how well the bot's pipeline understands examples, whoever wrote them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontdesk.command_progress import command_progress
from frontdesk.settings import read_settings

if TYPE_CHECKING:
    from frontdesk.understanding.runs import Run

nlu = typer.Typer(help="How well messages are understood, measured on any examples.", no_args_is_help=True)

Train = Annotated[Path, typer.Option(help="Rasa NLU examples to learn: a YAML file, or a folder of them.")]
Test = Annotated[Path, typer.Option(help="Rasa NLU examples to ask, not learnt: a YAML file or a folder.")]
Json = Annotated[Path | None, typer.Option("--json", help="Write every figure to this file.")]
Html = Annotated[Path | None, typer.Option("--html", help="Write a report to read to this file.")]
Folds = Annotated[int, typer.Option(min=2, max=20, help="Into how many parts the examples are dealt.")]


@nlu.command("evaluate")
def nlu_evaluate(
    train: Train,
    test: Test,
    oos: Annotated[
        Path | None, typer.Option(help="Messages that are none of the bot's business, one a line.")
    ] = None,
    json: Json = None,
    html: Html = None,
    tune: Annotated[
        bool, typer.Option("--tune", help="Tune the sentence encoder on the examples to learn first.")
    ] = False,
) -> None:
    """Train the bot's pipeline on examples, in a folder of its own, and measure it on others."""
    from frontdesk.understanding.destination import check_writable
    from frontdesk.understanding.runs import evaluate

    check_writable(json)
    check_writable(html)
    with command_progress() as progress:
        run = evaluate(read_settings(), train, test, oos, progress, tune=tune)
    _tell(run, json, html)


@nlu.command("crossval")
def nlu_crossval(train: Train, folds: Folds = 5, json: Json = None, html: Html = None) -> None:
    """Measure the bot's pipeline on every example, each time trained on those of the other parts."""
    from frontdesk.understanding.destination import check_writable
    from frontdesk.understanding.runs import cross_validate

    check_writable(json)
    check_writable(html)
    with command_progress() as progress:
        run = cross_validate(read_settings(), train, folds, progress)
    _tell(run, json, html)


@nlu.command("errors")
def nlu_errors(
    train: Train,
    test: Annotated[
        Path | None, typer.Option(help="Examples to ask; without them, those of --train by cross-validation.")
    ] = None,
    folds: Folds = 5,
) -> None:
    """List the messages that are taken for something else, with the nearest training examples beside each."""
    from sentence_encoder import SentenceEncoder

    from frontdesk.understanding.as_text import error_lines
    from frontdesk.understanding.nearest import nearest_examples
    from frontdesk.understanding.runs import cross_validate, evaluate

    settings = read_settings()
    with command_progress() as progress:
        if test is None:
            run = cross_validate(settings, train, folds, progress)
        else:
            run = evaluate(settings, train, test, None, progress)
        wrong = [case for case in run.cases if case.intent is not None and not case.likeliest_is_right]
        progress("looking for the nearest examples", 0, 0)
        encoder = SentenceEncoder(settings.encoder_dir)
        neighbours = nearest_examples(wrong, run.sentences, run.dealt, encoder.encode)
    _tell_remarks(run)
    for line in error_lines(wrong, neighbours, run.figures.tested):
        typer.echo(line)


def _tell(run: "Run", json: Path | None, html: Path | None) -> None:
    from frontdesk.understanding.as_json import written
    from frontdesk.understanding.as_page import page
    from frontdesk.understanding.as_text import report_lines
    from frontdesk.understanding.destination import write_whole

    _tell_remarks(run)
    for line in report_lines(run):
        typer.echo(line)
    for path, content in ((json, written), (html, page)):
        if path is not None:
            write_whole(path, content(run))
            typer.echo(f"written to {path}", err=True)


def _tell_remarks(run: "Run") -> None:
    for remark in run.remarks:
        typer.echo(f"WARNING {remark}", err=True)
