"""The problems for a person: a line each, as editors link them, and a sum."""

from collections.abc import Sequence

from frontdesk.trainer.problem import Problem, Severity


def errors_in(problems: Sequence[Problem]) -> int:
    return sum(problem.severity is Severity.ERROR for problem in problems)


def summary(problems: Sequence[Problem]) -> str:
    if not problems:
        return "No problems."
    errors = errors_in(problems)
    counted = [_counted(errors, "error"), _counted(len(problems) - errors, "warning")]
    return ", ".join(each for each in counted if each) + "."


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}" if count else ""
