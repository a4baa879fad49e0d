"""What was measured, for a person: figures against targets, what went wrong, and what got worse."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from frontdesk.trainer.measure.results import (
    Case,
    ConversationCase,
    IntentCase,
    Part,
    QuestionCase,
    Results,
    newly_failing,
    newly_passing,
)

ACCURACY = 0.93
RECALL = 0.90
REFUSED = 0.80
# A training moves a few sentences this way or that; more than one in a hundred is a step back.
_NOISE = 0.01
_FALLBACK = "nlu_fallback"
_MOST_LISTED = 40


def shortfalls(results: Results, before: Results | None) -> list[str]:
    """Why the model is not good enough: a target missed, a conversation broken, a step back."""
    found = [
        f"{name} {value:.3f}, the target is {target:.2f}"
        for name, value, target in _against_targets(results)
        if value < target
    ]
    failed = [case for case in results.conversations or () if not case.passed]
    if failed:
        found.append(f"{len(failed)} of {len(results.conversations or ())} conversations go differently")
    for part in (Part.INTENTS, Part.QUESTIONS):
        now, then = results.cases(part), before.cases(part) if before else None
        if now and then:
            worse = len(list(newly_failing(now, then))) - len(list(newly_passing(now, then)))
            if worse > _NOISE * len(now):
                found.append(f"{worse} more of the held-out {part.value} fail than with the model before")
    return found


def report(results: Results, before: Results | None) -> Iterator[str]:
    """The lines of the report."""
    if results.intents is not None:
        yield from _intents(results.intents)
    if results.questions is not None:
        yield from _questions(results.questions)
    if results.conversations is not None:
        yield from _conversations(results.conversations)
    yield from _compared(results, before)


def accuracy(cases: Sequence[IntentCase]) -> float:
    """The share whose likeliest intent is the right one, whatever its confidence."""
    return _share([case.first == case.intent for case in cases])


def recall(cases: Sequence[QuestionCase]) -> float:
    """The share of answerable questions whose nearest article is the right one."""
    return _share([case.got == case.article for case in cases if case.article])


def refused(cases: Sequence[QuestionCase]) -> float:
    """The share of questions without an article that get no answer."""
    return _share([not case.answered for case in cases if not case.article])


def _against_targets(results: Results) -> Iterator[tuple[str, float, float]]:
    if results.intents:
        yield "held-out intents right", accuracy(results.intents), ACCURACY
    if results.questions:
        yield "held-out questions right", recall(results.questions), RECALL
        if any(not case.article for case in results.questions):
            yield "questions without an answer refused", refused(results.questions), REFUSED


def _intents(cases: Sequence[IntentCase]) -> Iterator[str]:
    asked_back = [case for case in cases if case.got == _FALLBACK and case.intent != _FALLBACK]
    wrong = [case for case in cases if not case.passed and case.got != _FALLBACK]
    yield f"Intents: {len(cases)} held-out sentences"
    yield f"  likeliest intent right   {accuracy(cases):.3f}   (target {ACCURACY:.2f})"
    yield f"  understood               {_share([case.passed for case in cases]):.3f}"
    yield f"  asked back               {len(asked_back) / max(len(cases), 1):.3f}"
    yield f"  taken for something else {len(wrong) / max(len(cases), 1):.3f}"
    by_intent: dict[str, list[IntentCase]] = defaultdict(list)
    for case in cases:
        by_intent[case.intent].append(case)
    weak = sorted(by_intent.items(), key=lambda item: accuracy(item[1]))
    yield "  weakest:  intent, likeliest right, asked back, taken for"
    for intent, own in weak:
        if accuracy(own) == 1:
            break
        others = Counter(case.first for case in own if case.first != intent)
        named = ", ".join(f"{name} {count}" for name, count in others.most_common(4))
        back = _share([case.got == _FALLBACK for case in own])
        yield f"    {intent:24} {accuracy(own):5.2f} {back:5.2f}  {named}"
    yield from _listed("  taken for something else:", [f"{case.key} -> {case.got}" for case in wrong])


def _questions(cases: Sequence[QuestionCase]) -> Iterator[str]:
    answerable = [case for case in cases if case.article]
    without = [case for case in cases if not case.article]
    yield f"Questions: {len(answerable)} that articles answer, {len(without)} that none does"
    yield f"  nearest article right    {recall(cases):.3f}   (target {RECALL:.2f})"
    yield f"  answered, and rightly    {_share([case.passed for case in answerable]):.3f}"
    yield f"  without answer, refused  {refused(cases):.3f}   (target {REFUSED:.2f})"
    wrong = [
        f"{case.text} -> {case.got}, not {case.article}" for case in answerable if case.got != case.article
    ]
    yield from _listed("  another article is nearer:", wrong)
    silent = [f"{case.text} ({case.score:.2f})" for case in answerable if not case.answered]
    yield from _listed("  not near enough to be answered:", silent)
    passed = [f"{case.text} -> {case.got} ({case.score:.2f})" for case in without if case.answered]
    yield from _listed("  answered though no article does:", passed)


def _conversations(cases: Sequence[ConversationCase]) -> Iterator[str]:
    failed = [case for case in cases if not case.passed]
    yield f"Conversations: {len(cases) - len(failed)} of {len(cases)} go as written"
    yield from (f"    {case.key}\n      {case.failure}" for case in failed)


def _compared(results: Results, before: Results | None) -> Iterator[str]:
    if before is None:
        yield "There are no results of an earlier model to compare with."
        return
    for part in Part:
        now, then = results.cases(part), before.cases(part)
        if now is None or then is None:
            continue
        worse, better = list(newly_failing(now, then)), list(newly_passing(now, then))
        yield f"Against the model before, {part.value}: {len(worse)} got worse, {len(better)} got better"
        yield from (f"    worse: {_told(case)}" for case in worse)
        yield from (f"    better: {case.key}" for case in better)


def _told(case: Case) -> str:
    if isinstance(case, ConversationCase):
        return f"{case.key}: {case.failure}"
    return f"{case.key} -> {case.got}"


def _listed(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield title
        yield from (f"    {line}" for line in lines[:_MOST_LISTED])
        if len(lines) > _MOST_LISTED:
            yield f"    and {len(lines) - _MOST_LISTED} more"


def _share(right: Sequence[bool]) -> float:
    return sum(right) / len(right) if right else 1.0
