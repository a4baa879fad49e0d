"""In CI a skipped test is a failed run: whatever it needs is installed there, so a skip hides a defect.

Only the data for development, which is nobody's to publish, may be away.
"""

import os

import pytest

DATA_AWAY = "the data for development is not here"

_skipped: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        _note(report.nodeid, report.longrepr)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.skipped:
        _note(report.nodeid, report.longrepr)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if _skipped and _in_ci() and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _skipped and _in_ci():
        terminalreporter.section("Skipped, which CI does not allow", red=True)
        for line in _skipped:
            terminalreporter.write_line(line)


def _note(where: str, longrepr: object) -> None:
    reason = _reason(longrepr)
    if DATA_AWAY not in reason:
        _skipped.append(f"{where}: {reason}")


def _in_ci() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def _reason(longrepr: object) -> str:
    return str(longrepr[2]) if isinstance(longrepr, tuple) else str(longrepr)
