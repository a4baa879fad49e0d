"""Sentences with their intents, from any Rasa NLU files: a shop's own, or somebody else's."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from frontdesk.errors import OperatorError
from frontdesk.trainer.check.examples import normalised
from frontdesk.trainer.problem import Place
from frontdesk.trainer.yaml_source import Items, Table, Text, YamlFile
from frontdesk.understanding.remarks import Remarks

OUT_OF_SCOPE = "out_of_scope"
"""The intent whose examples are counter-examples: what the bot must not take for anything it knows."""

LONGEST = 100_000
"""Characters; longer ones are refused, since no customer can send them."""

READ = 2_000
"""Characters; the encoder reads 256 word pieces, which seldom are so many."""

# `[text](entity)`, `[text](entity:value)`, `[text]{"entity": ...}` or `[text][{...}, {...}]`, as for Rasa.
_ANNOTATED = re.compile(r"\[([^\]]+?)\](?:\([^:)]+?(?::[^)]+)?\)|(\{[^}]+?\})|\[(.*?)\])")
_OBJECT = re.compile(r"\{[^}]+?\}")
_OTHER_ENTRIES = ("synonym", "regex", "lookup")


@dataclass(frozen=True)
class Sentence:
    """`written` is the text with its entities annotated, which is what is learnt."""

    text: str
    intent: str
    place: Place
    written: str


def read_sentences(path: Path, remarks: Remarks) -> list[Sentence]:
    """Every example of a file, or of all YAML files of a folder.

    What Rasa would leave out is left out with a remark. Raises OperatorError for what cannot be read, and
    where there are no examples.
    """
    found = [sentence for file in _files(path) for sentence in _read(file, remarks, alone=file == path)]
    if not found:
        raise OperatorError(
            f"{path} has no examples; expected are Rasa's, under `nlu:`, each `- intent:` with `examples: |`."
        )
    return found


def for_training(sentences: Iterable[Sentence], remarks: Remarks) -> list[Sentence]:
    """The sentences to learn from: the same one twice in an intent counts once.

    One that stands under two intents is kept under both, since only its author can decide, and remarked.
    Raises OperatorError where there are fewer than two intents.
    """
    kept: dict[tuple[str, str], Sentence] = {}
    for sentence in sentences:
        first = kept.setdefault((sentence.intent, sentence.text), sentence)
        if first is not sentence:
            remarks.add("stands in `{}` already and is left out", sentence.place, sentence.intent)
    _remark_contradictions(kept.values(), remarks)
    intents = {sentence.intent for sentence in kept.values()}
    if len(intents) < 2:
        only = next(iter(kept.values()))
        raise OperatorError(
            f"{only.place.file} has only one intent, `{only.intent}`; two or more are needed to choose from."
        )
    return list(kept.values())


def _remark_contradictions(sentences: Iterable[Sentence], remarks: Remarks) -> None:
    first: dict[str, Sentence] = {}
    for sentence in sentences:
        known = first.setdefault(normalised(sentence.text), sentence)
        if known.intent != sentence.intent:
            remarks.add(
                "`{}` is an example of `{}` here and of `{}` in {}; both are learnt, decide for one",
                sentence.place,
                *(_short(sentence.text), sentence.intent, known.intent, known.place),
            )


def _files(path: Path) -> list[Path]:
    try:
        if not path.is_dir():
            path.stat()
            return [path]
        files = sorted(
            file
            for file in path.rglob("*.y*ml")
            if file.suffix in (".yml", ".yaml")
            and not any(part.startswith(".") for part in file.relative_to(path).parts)
        )
    except OSError as error:
        raise unreadable(path, error) from error
    if not files:
        raise OperatorError(f"The folder {path} holds no YAML files (*.yml).")
    return files


def unreadable(path: Path, error: OSError) -> OperatorError:
    if isinstance(error, FileNotFoundError):
        return OperatorError(f"There is no file {path}; look at the path.")
    return OperatorError(f"{path} cannot be read: {error.strerror or error}.")


def _read(path: Path, remarks: Remarks, *, alone: bool) -> list[Sentence]:
    try:
        file = YamlFile(path.parent, path, words_only=True)
    except OSError as error:
        raise unreadable(path, error) from error
    except RecursionError as error:
        raise OperatorError(f"{path}, line 1: this is nested too deeply to be examples.") from error
    if not file.problems and isinstance(file.content, Table) and "nlu" not in file.content and not alone:
        return []  # A folder may hold stories and rules, too.
    if not file.problems and file.content is None:
        if alone:
            raise OperatorError(f"{path} is empty; expected are examples under `nlu:`, as Rasa has them.")
        return []
    entries = file.section("nlu")
    _stop_at_problems(path, file)
    return [
        sentence
        for entry, line in zip(entries, entries.lines, strict=True)
        for sentence in _entry(entry, Place(str(path), line), remarks)
    ]


def _stop_at_problems(path: Path, file: YamlFile) -> None:
    if file.problems:
        first = min(file.problems)
        more = f" (and {len(file.problems) - 1} more in this file)" if len(file.problems) > 1 else ""
        raise OperatorError(f"{path}, line {first.place.line}: {first.text}{more}")


def _entry(entry: object, place: Place, remarks: Remarks) -> Iterator[Sentence]:
    if not isinstance(entry, Table) or not str(entry.get("intent", "")).strip():
        if not isinstance(entry, Table) or not any(kind in entry for kind in _OTHER_ENTRIES):
            remarks.add("this is no intent with a name and is left out", place)
        return
    intent = str(entry["intent"]).strip()
    # What follows a slash tells answers apart, not intents: Rasa's classifiers never see it.
    name = intent.split("/", 1)[0] or intent
    if name != intent:
        remarks.add("`{}` counts as `{}`, as for Rasa", place, intent, name)
    any_found = False
    for written, at in _written(entry, place, remarks):
        any_found = True
        yield Sentence(_plain(written, at), name, at, written)
    if not any_found:
        remarks.add("the intent `{}` has no examples", place, intent)


def _written(entry: Table, place: Place, remarks: Remarks) -> Iterator[tuple[str, Place]]:
    """The examples of an intent as they are written, in either of the two forms that Rasa knows."""
    examples = entry.get("examples")
    if isinstance(examples, Text):
        for number, line in enumerate(examples.split("\n"), examples.line):
            yield from _one(line.strip(), Place(place.file, number), remarks)
    elif isinstance(examples, Items):
        for each, number in zip(examples, examples.lines, strict=True):
            text = each.get("text") if isinstance(each, Table) else each
            at = Place(place.file, number)
            if not isinstance(text, str):
                raise OperatorError(f"{at}: an example in a list needs a `text`.")
            yield from _one(f"- {text.strip().removeprefix('- ')}", at, remarks)
    elif examples is not None and str(examples).strip():
        at = Place(place.file, entry.lines["examples"])
        raise OperatorError(
            f"{at}: `examples` must be a text: write `examples: |`, then a sentence a line, each after `- `."
        )


def _one(line: str, place: Place, remarks: Remarks) -> Iterator[tuple[str, Place]]:
    if not line:
        return
    if not line.startswith("-"):
        remarks.add("`{}` has no hyphen in front and is left out", place, _short(line))
    elif not (written := line[1:].strip()):
        remarks.add("an example without words is left out", place)
    else:
        judge_length(written, place, remarks)
        yield written, place


def judge_length(text: str, place: Place, remarks: Remarks) -> None:
    """Remarks on what is not read to its end. Raises OperatorError for what no customer could have sent."""
    if len(text) > READ:
        remarks.add("of these {:,} characters only the beginning is read", place, len(text))
    if len(text) > LONGEST:
        raise OperatorError(
            f"{place}: this message has {len(text):,} characters, {LONGEST:,} are possible; leave it out."
        )


def _plain(written: str, place: Place) -> str:
    """The sentence as a customer writes it. Raises OperatorError for an annotation that Rasa would refuse."""
    for match in _ANNOTATED.finditer(written):
        for described in _OBJECT.findall(match[2] or match[3] or ""):
            try:
                complete = "entity" in json.loads(described)
            except ValueError:
                complete = False
            if not complete:
                raise OperatorError(
                    f"{place}: `{_short(described)}` does not describe an entity; write "
                    '`[words]{"entity": "name"}`, or the words alone.'
                )
    return _ANNOTATED.sub(r"\1", written)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
