"""The report as JSON; the keys are documented in docs/knowledge.md and stay."""

import json
from dataclasses import asdict
from typing import Any

from insights.gaps.report import Gap, GapReport


def as_json(report: GapReport) -> str:
    """The whole report, times as ISO 8601."""
    content = {
        "since": report.since.isoformat(),
        "until": report.until.isoformat(),
        "asked": {outcome.value: count for outcome, count in report.asked.items()},
        "gaps": [_gap(gap) for gap in report.gaps],
        "articles": [{**asdict(count), "title": report.titles.get(count.slug)} for count in report.counts],
        "never_used": list(report.never_used),
        "expired": [{**asdict(each), "valid_until": each.valid_until.isoformat()} for each in report.expired],
        "overlapping": [asdict(pair) for pair in report.overlapping],
        "contradicting": [asdict(pair) for pair in report.contradicting],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _gap(gap: Gap) -> dict[str, Any]:
    theme = gap.theme
    return {
        "question": theme.name,
        "examples": list(theme.examples),
        "questions": theme.questions,
        "conversations": theme.conversations,
        "unanswered": theme.unanswered,
        "not_helped": theme.not_helped,
        "first": theme.first.isoformat(),
        "last": theme.last.isoformat(),
        "nearest": asdict(gap.nearest) if gap.nearest else None,
    }
