"""The report as a table for a terminal."""

from collections.abc import Iterator, Sequence

from crm.questions.models import Outcome
from insights.gaps.expired import Expired
from insights.gaps.report import Gap, GapReport
from insights.gaps.upkeep import Pair

_MOST_THEMES = 20
_MOST_PAIRS = 10
_MOST_SLUGS = 12
_LONGEST = 90


def as_text(report: GapReport) -> str:
    """What matters most; JSON and the page have all of it."""
    return "\n".join(_lines(report))


def summary(report: GapReport) -> str:
    """One sentence about the period."""
    asked = sum(report.asked.values())
    if not asked:
        return "Nobody asked the articles anything in this period."
    unanswered, told = report.asked[Outcome.UNANSWERED], sum(count.not_helped for count in report.counts)
    return (
        f"Of {asked:,} questions {unanswered:,} had no answer, and of {told:,} answers customers said that"
        f" they did not help: {len(report.gaps):,} themes."
    )


def _lines(report: GapReport) -> Iterator[str]:
    yield f"{report.since:%d %b %Y} to {report.until:%d %b %Y}. {summary(report)}"
    if report.gaps:
        yield ""
        yield "times  chats  no answer  no help  question"
        for gap in report.gaps[:_MOST_THEMES]:
            yield from _gap(gap)
        if len(report.gaps) > _MOST_THEMES:
            yield f"... and {len(report.gaps) - _MOST_THEMES:,} themes more: --json or --html has them."
    yield from _slugs("Never used", report.never_used)
    yield from _expired(report.expired)
    yield from _pairs("May say the same", report.overlapping)
    yield from _pairs("May contradict each other", report.contradicting)


def _gap(gap: Gap) -> Iterator[str]:
    theme = gap.theme
    yield (
        f"{theme.questions:5}{theme.conversations:7}{theme.unanswered:11}{theme.not_helped:9}"
        f"  {_short(theme.name)}"
    )
    if theme.examples:
        yield f"{'':34}{_short('; '.join(theme.examples))}"
    if gap.nearest:
        yield f"{'':34}nearest: {gap.nearest.slug} ({gap.nearest.score:.2f})"


def _slugs(title: str, slugs: Sequence[str]) -> Iterator[str]:
    if slugs:
        more = f" and {len(slugs) - _MOST_SLUGS:,} more" if len(slugs) > _MOST_SLUGS else ""
        yield ""
        yield f"{title}: {', '.join(slugs[:_MOST_SLUGS])}{more}."


def _expired(articles: Sequence[Expired]) -> Iterator[str]:
    if articles:
        yield ""
        yield f"Expired, not answered from ({len(articles)}):"
        for article in articles[:_MOST_SLUGS]:
            whose = f", kept by {_short(article.owner)}" if article.owner else ""
            yield f"  {article.slug}: valid until {article.valid_until:%d %b %Y}{whose}"


def _pairs(title: str, pairs: Sequence[Pair]) -> Iterator[str]:
    if pairs:
        yield ""
        yield f"{title} ({len(pairs)}):"
        for pair in pairs[:_MOST_PAIRS]:
            yield f"  {pair.one_slug}: {_short(pair.one_text)}"
            yield f"  {pair.other_slug}: {_short(pair.other_text)}"


def _short(text: str) -> str:
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
