"""What an intent needs to be learnt: a topic, a meaning, enough sentences, and none that another one has."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from frontdesk.trainer.problem import Place, Problem, error, warning
from frontdesk.trainer.project import QUESTIONS, Example, Project

ENOUGH = 30
"""Fewer sentences than this are learnt, but badly."""
TOO_FEW = 10
"""Fewer than this are not worth training: a sentence decides a tenth of what is learnt."""

_PLACEHOLDER = re.compile(r"^<.*>$")
_ANNOTATION = re.compile(r"\[[^\]]+\]\([^)]+\)|\[[^\]]+\]\{[^}]+\}")
_FOLDERS = ("intents", "rules", "responses", "heldout")


def normalised(text: str) -> str:
    """A sentence without case, accents, punctuation and doubled spaces."""
    plain = unicodedata.normalize("NFKD", text).casefold().replace("'", "").replace("’", "")
    return " ".join(re.findall(r"\w+", plain)) or text.strip()


def is_placeholder(text: str) -> bool:
    """Whether a text is still what `frontdesk new` wrote, to be replaced by the trainer's own words."""
    return bool(_PLACEHOLDER.match(text.strip()))


def placeholder_problem(place: Place, text: str) -> Problem:
    return error(place, f"`{text}` only stands for what is to be written here; replace it.")


def example_problems(project: Project) -> Iterator[Problem]:
    yield from _topics(project)
    yield from unusable_intents(project)
    for intent in project.intents:
        if not intent.meaning:
            problem = (
                f'the intent `{intent.name}` has no meaning; write `metadata: {{meaning: "..."}}`, '
                "one sentence that says what belongs here."
            )
            yield error(intent.place, problem)
        elif is_placeholder(intent.meaning):
            yield placeholder_problem(intent.place, intent.meaning)
        written = [example for example in intent.examples if not is_placeholder(example.text)]
        for example in intent.examples:
            if is_placeholder(example.text):
                yield placeholder_problem(example.place, example.text)
            elif _ANNOTATION.search(example.text):
                yield warning(
                    example.place, "entities are found by rules; write the sentence without brackets."
                )
        count = len({normalised(example.text) for example in written})
        if intent.examples and count < ENOUGH:
            complain = error if count < TOO_FEW else warning
            problem = f"the intent `{intent.name}` has {count} different examples; write at least {ENOUGH}."
            yield complain(intent.place, problem)
    yield from _repeated(example for intent in project.intents for example in intent.examples)


def unusable_intents(project: Project) -> Iterator[Problem]:
    """What keeps the bot from being trained at all."""
    if not project.intents:
        yield error(Place("nlu_data/intents", 1), "there are no intents; `frontdesk new intent` begins one.")
    seen: dict[str, Place] = {}
    for intent in project.intents:
        first = seen.setdefault(intent.name, intent.place)
        if first is not intent.place:
            problem = f"the intent `{intent.name}` is defined twice; the other definition is in {first}."
            yield error(intent.place, problem)
        if not intent.examples:
            yield error(intent.place, f"the intent `{intent.name}` has no examples.")


def _repeated(examples: Iterable[Example]) -> Iterator[Problem]:
    first: dict[str, Example] = {}
    for example in examples:
        if is_placeholder(example.text):
            continue
        known = first.setdefault(normalised(example.text), example)
        if known is example:
            continue
        if known.intent == example.intent:
            yield warning(example.place, f"`{example.text}` is an example already ({known.place}); keep one.")
        else:
            problem = (
                f"`{example.text}` is an example of `{example.intent}` here and of `{known.intent}` in "
                f"{known.place}; decide for one."
            )
            yield error(example.place, problem)


def _topics(project: Project) -> Iterator[Problem]:
    topics = project.topics
    for folder in _FOLDERS:
        for path in sorted((project.root / "nlu_data" / folder).glob("*.yml")):
            if path.stem in topics or (folder == "heldout" and path.stem == QUESTIONS):
                continue
            problem = (
                f"`{path.stem}` is no topic, since there is no bot/domain/{path.stem}.yml; "
                f"the topics are {', '.join(sorted(topics))}."
            )
            yield error(Place(path.relative_to(project.root).as_posix(), 1), problem)
