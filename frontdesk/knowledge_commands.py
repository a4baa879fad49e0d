"""`frontdesk knowledge`: the articles the bot answers from, and what customers made of them."""

from pathlib import Path
from typing import Annotated

import typer

from frontdesk.settings import read_settings

knowledge = typer.Typer(help="The articles the bot answers from.", no_args_is_help=True)

Days = Annotated[int, typer.Option(min=1, max=3650, help="How many days to look back.")]


@knowledge.command("index")
def knowledge_index(
    go_on: Annotated[bool, typer.Option(help="Succeed although an article is broken and left out.")] = False,
) -> None:
    """Embed the articles that are new or changed; export the sentence encoder first, if it is not there."""
    from frontdesk.knowledge_index import index_articles

    indexed = index_articles(read_settings(), typer.echo)
    for problem in indexed.problems:
        typer.echo(f"WARNING article left out: {problem}", err=not go_on)
    typer.echo(indexed.remark)
    if indexed.problems and not go_on:
        raise typer.Exit(1)


@knowledge.command("import")
def knowledge_import(
    source: Annotated[
        Path,
        typer.Argument(help="A file, or a folder of files: csv, tsv, json, jsonl, html, docx, pdf."),
    ],
    to: Annotated[
        Path | None, typer.Option("--to", help="Folder for the articles; without it, the one answered from.")
    ] = None,
    topic: Annotated[str, typer.Option(help="The topic of articles whose source names none.")] = "general",
) -> None:
    """Write an article for every question of a table, export or document; nobody's edits are written over."""
    from frontdesk.command_progress import command_progress
    from frontdesk.knowledge_import import import_articles

    with command_progress() as progress:
        report = import_articles(source, to or read_settings().articles_dir, topic, progress)
    for problem in report.problems:
        typer.echo(f"WARNING {problem}", err=True)
    counts = ", ".join(f"{outcome} {count}" for outcome, count in report.counts.items())
    typer.echo(f"Articles: {counts}. Problems: {len(report.problems)}.")
    if report.others:
        typer.echo(f"Files of other kinds, left alone: {report.others}.")


@knowledge.command("evaluate")
def knowledge_evaluate(
    docs: Annotated[
        Path, typer.Option(help='Documents, a JSON object a line: {"id", "title", "text", "questions": []}.')
    ],
    queries: Annotated[
        Path, typer.Option(help='Questions, a JSON object a line: {"query", "relevant_ids": []}.')
    ],
    hide_half: Annotated[
        bool, typer.Option("--hide-half", help="Take away the documents that answer half of the questions.")
    ] = False,
    json: Annotated[Path | None, typer.Option("--json", help="Write every figure to this file.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write a page to read to this file.")] = None,
) -> None:
    """Index documents in a temporary place and measure how well questions find them, beside simpler ways."""
    from frontdesk.command_progress import command_progress
    from frontdesk.retrieval.reports import as_json, as_lines, as_page
    from frontdesk.retrieval.run import run
    from frontdesk.understanding.destination import check_writable, write_whole

    check_writable(json)
    check_writable(html)
    with command_progress() as progress:
        done = run(read_settings(), docs, queries, hide_half, progress)
    for remark in done.corpus.remarks:
        typer.echo(f"WARNING {remark}", err=True)
    for line in as_lines(done):
        typer.echo(line)
    for path, content in ((json, as_json), (html, as_page)):
        if path is not None:
            write_whole(path, content(done))
            typer.echo(f"written to {path}", err=True)


@knowledge.command("gaps")
def knowledge_gaps(
    days: Days = 30,
    json: Annotated[Path | None, typer.Option("--json", help="Write everything to this file.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write a page with a map to this file.")] = None,
) -> None:
    """What customers asked and no article answered well, and which articles need attention."""
    import asyncio

    from frontdesk.gaps.as_json import as_json
    from frontdesk.gaps.as_page import page
    from frontdesk.gaps.as_text import as_text
    from frontdesk.gaps.run import report_gaps
    from frontdesk.understanding.destination import check_writable, write_whole

    check_writable(json)
    check_writable(html)
    report = asyncio.run(report_gaps(read_settings(), days, lambda what: typer.echo(what, err=True)))
    typer.echo(as_text(report))
    if json:
        write_whole(json, as_json(report))
    if html:
        write_whole(html, page(report))


@knowledge.command("recall")
def knowledge_recall(
    article: Annotated[str, typer.Argument(help="The name of the article's file, without .md.")],
    days: Days = 90,
    send: Annotated[
        str | None,
        typer.Option("--send", help="How it really is, reviewed: each customer reads these words."),
    ] = None,
    by: Annotated[
        str, typer.Option("--by", help="Who has reviewed the words; it stands in the audit log.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Send without asking once more.")] = False,
) -> None:
    """Who was told something that the article no longer says; with --send, tell them how it really is."""
    import asyncio

    from frontdesk.errors import OperatorError
    from frontdesk.gaps.recall import find
    from frontdesk.gaps.recall import send as send_to

    if send is not None and not by.strip():
        raise OperatorError("Say who has reviewed the words: --by NAME.")
    settings = read_settings()
    found = asyncio.run(find(settings, article, days))
    for each in found:
        way = each.channel.value if each.channel else "out of reach"
        when, which = f"{each.asked.asked_at:%d %b %Y %H:%M}", each.asked.conversation_id[:8]
        typer.echo(f"{when}  {which}  {way:12}  {each.gone[0]}")
    reached = [each.asked for each in found if each.channel]
    typer.echo(
        f"Conversations that were told what {article} no longer says: {len(found)}."
        f" Still within reach: {len(reached)}."
    )
    if send is None or not reached:
        return
    if not yes:
        typer.confirm(f"Send the correction to all that are within reach ({len(reached)})?", abort=True)

    def progress(done: int, total: int) -> None:
        typer.echo(f"\rsending: {done} of {total}", nl=done == total, err=True)

    sent = asyncio.run(send_to(settings, article, reached, send, by=by, say=progress))
    typer.echo(f"Sent: {sent.by_chat} in the chat, {sent.by_mail} by mail; {sent.not_sent} had it already.")
