"""`frontdesk doctor`: looks at everything a start needs, and says of each what is wrong and what to do."""

import asyncio
import json
from dataclasses import asdict

from rich.console import Console
from rich.text import Text

from frontdesk.checks import Finding, Verdict
from frontdesk.checks.databases import database_checks
from frontdesk.checks.environment import environment_checks
from frontdesk.checks.mail import mail_checks
from frontdesk.checks.services import service_checks
from frontdesk.checks.state import state_checks
from frontdesk.settings import Settings

MARKS = {Verdict.OK: ("ok  ", "green"), Verdict.WARN: ("warn", "yellow"), Verdict.FAIL: ("fail", "red")}


def doctor(settings: Settings, *, as_json: bool) -> int:
    """Print the findings; 1 where one of them keeps Frontdesk from working."""
    findings = asyncio.run(examine(settings))
    failed = any(finding.verdict is Verdict.FAIL for finding in findings)
    console = Console(highlight=False)
    if as_json:
        body = {"ok": not failed, "findings": [asdict(finding) for finding in findings]}
        console.print(json.dumps(body, indent=2), markup=False, soft_wrap=True)
    else:
        for finding in findings:
            console.print(_line(finding), soft_wrap=True)
    return int(failed)


async def examine(settings: Settings) -> list[Finding]:
    """All findings, in the order in which a start would meet them."""
    findings: list[Finding] = []
    for checks in (environment_checks, database_checks, state_checks, mail_checks, service_checks):
        findings.extend(await checks(settings))
    return findings


def _line(finding: Finding) -> Text:
    mark, style = MARKS[finding.verdict]
    line = Text.assemble((mark, style), f"  {finding.subject}: {finding.found}")
    if finding.remedy:
        line.append(f"\n      {finding.remedy}", style="dim")
    return line
