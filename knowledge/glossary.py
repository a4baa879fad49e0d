"""The shop's glossary: customers' words for what its articles call otherwise, in `glossary.yml` beside them.

trainers: [sneakers, runners, gym shoes]
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from knowledge.problems import ArticleProblem

GLOSSARY_FILE = "glossary.yml"

# libyaml reads ten times as fast, where the wheel has it.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Glossary:
    """The shop's word for each of the customers' words, which are in small letters."""

    words: Mapping[str, str] = field(default_factory=dict)

    def applied(self, text: str) -> str:
        """The text in the shop's words."""
        if not self.words:
            return text
        # The longest first: "gym shoes" before "shoes".
        known = sorted(self.words, key=len, reverse=True)
        pattern = re.compile(rf"\b({'|'.join(map(re.escape, known))})\b", re.IGNORECASE)
        return pattern.sub(lambda found: self.words[found[0].casefold()], text)


def read_glossary(folder: Path) -> tuple[Glossary, list[ArticleProblem]]:
    """The glossary in `folder`, and what is wrong with lines that are left out; empty without a file."""
    file = folder / GLOSSARY_FILE
    if not file.is_file():
        return Glossary(), []
    try:
        node = yaml.compose(file.read_text(encoding="utf-8-sig"), Loader=_Loader)
    except UnicodeDecodeError:
        return Glossary(), [ArticleProblem(file, 1, "is not UTF-8 text; save the file as UTF-8.")]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        problem = f"is not valid YAML ({getattr(error, 'problem', None) or error})."
        return Glossary(), [ArticleProblem(file, line, problem)]
    if node is None:
        return Glossary(), []
    if not isinstance(node, yaml.MappingNode):
        text = "must be the shop's words, each with a list of the customers' words after a colon."
        return Glossary(), [ArticleProblem(file, 1, text)]
    words: dict[str, str] = {}
    problems = []
    for ours, theirs in node.value:
        line = ours.start_mark.line + 1
        if not isinstance(theirs, yaml.SequenceNode) or not all(
            isinstance(word, yaml.ScalarNode) and word.value.strip() for word in theirs.value
        ):
            problems.append(
                ArticleProblem(file, line, f"{ours.value!r} needs a list of words, such as [sneakers].")
            )
            continue
        for word in theirs.value:
            said = word.value.strip().casefold()
            if words.setdefault(said, ours.value) != ours.value:
                text = f"{said!r} stands already under {words[said]!r}; keep one."
                problems.append(ArticleProblem(file, word.start_mark.line + 1, text))
    return Glossary(words), problems
