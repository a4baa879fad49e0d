"""What `frontdesk test` says of a model, and when it says that it is not good enough."""

from pathlib import Path

from frontdesk.trainer.measure.report import report, shortfalls
from frontdesk.trainer.measure.results import (
    ConversationCase,
    IntentCase,
    QuestionCase,
    Results,
    newly_failing,
    read_results,
    write_results,
)


def sentence(text: str, intent: str = "greet", got: str = "greet", first: str = "") -> IntentCase:
    return IntentCase(text=text, intent=intent, got=got, first=first or got, confidence=0.9)


def question(text: str, article: str | None, got: str | None, answered: bool = True) -> QuestionCase:
    return QuestionCase(text=text, article=article, got=got, score=0.5, answered=answered)


GOOD = Results(
    intents=[sentence(f"hello {number}") for number in range(20)],
    questions=[question("open?", "hours", "hours"), question("bicycles?", None, "hours", answered=False)],
    conversations=[ConversationCase("smalltalk: says hello", None)],
)


def told(results: Results, before: Results | None = None) -> str:
    return "\n".join(report(results, before))


def test_results_are_kept_as_they_are(tmp_path: Path) -> None:
    write_results(tmp_path / "a.json", GOOD)
    assert read_results(tmp_path / "a.json") == GOOD
    assert read_results(tmp_path / "none.json") is None
    (tmp_path / "a.json").write_text('{"format": 0}')
    assert read_results(tmp_path / "a.json") is None


def test_a_part_that_was_not_measured_keeps_its_older_results() -> None:
    assert Results(intents=[sentence("hi")]).with_parts_of(GOOD).questions == GOOD.questions


def test_a_good_model_is_good_enough() -> None:
    assert shortfalls(GOOD, GOOD) == []
    assert "likeliest intent right   1.000   (target 0.93)" in told(GOOD)
    assert "no results of an earlier model" in told(GOOD)


def test_asking_back_is_told_from_taking_for_something_else() -> None:
    results = Results(
        intents=[
            sentence("hullo", got="nlu_fallback", first="greet"),
            sentence("ta", "thank", got="goodbye"),
        ]
    )
    said = told(results)
    assert "likeliest intent right   0.500" in said
    assert "asked back               0.500" in said
    assert "thank: ta -> goodbye" in said
    assert shortfalls(results, None) == ["held-out intents right 0.500, the target is 0.93"]


def test_questions_have_two_targets() -> None:
    results = Results(
        questions=[question("open?", "hours", "returns"), question("bicycles?", None, "hours", answered=True)]
    )
    assert shortfalls(results, None) == [
        "held-out questions right 0.000, the target is 0.90",
        "questions without an answer refused 0.000, the target is 0.80",
    ]
    assert "open? -> returns, not hours" in told(results)
    assert "bicycles? -> hours (0.50)" in told(results)


def test_what_got_worse_is_named_and_what_is_new_is_nobodys_fault() -> None:
    now = Results(intents=[sentence("hello 1", got="thank"), sentence("new", got="thank")])
    assert [case.text for case in newly_failing(now.intents or [], GOOD.intents or [])] == ["hello 1"]
    assert "intents: 1 got worse, 0 got better\n    worse: greet: hello 1 -> thank" in told(now, GOOD)


def test_a_step_back_is_not_good_enough_though_the_targets_are_met() -> None:
    assert GOOD.intents is not None
    now = Results(intents=[sentence("hello 0", got="nlu_fallback", first="greet"), *GOOD.intents[1:]])
    assert shortfalls(now, GOOD) == ["1 more of the held-out intents fail than with the model before"]
    assert shortfalls(now, None) == []


def test_a_conversation_that_goes_differently_is_not_good_enough() -> None:
    results = Results(
        conversations=[ConversationCase("smalltalk: says hello", "step 1, `hi`: it said nothing")]
    )
    assert shortfalls(results, None) == ["1 of 1 conversations go differently"]
    assert "step 1, `hi`: it said nothing" in told(results)
