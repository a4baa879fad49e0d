"""A YAML file as values that know their lines."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import yaml

from frontdesk.trainer.problem import Place, Problem, error

# libyaml reads a large file ten times as fast, where the wheel has it.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MERGE = "tag:yaml.org,2002:merge"


class _WordsLoader(_Loader):  # type: ignore[misc, valid-type]
    yaml_implicit_resolvers = {  # noqa: RUF012  # the way of yaml's own loaders
        letter: [(tag, pattern) for tag, pattern in known if tag == _MERGE]
        for letter, known in _Loader.yaml_implicit_resolvers.items()
    }


class Text(str):
    """A text; `line` is where its first line stands."""

    line: int

    def __new__(cls, value: str, line: int) -> Self:
        made = super().__new__(cls, value)
        made.line = line
        return made


class Table(dict[str, Any]):
    """A mapping; `lines` has the line of each key."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}


class Items(list[Any]):
    """A list; `lines` has the line of each item."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: list[int] = []


class YamlFile:
    """What a file says and what is wrong with its form; `content` is empty where it cannot be read.

    A key that appears twice in one mapping is an error, where YAML would let the last one win. With
    `words_only` every plain word is a text: there an intent may be called `yes`, `off` or `404`.
    """

    def __init__(self, root: Path, path: Path, words_only: bool = False) -> None:
        self._loader = _WordsLoader if words_only else _Loader
        self.name = path.relative_to(root).as_posix()
        self.topic = path.stem
        self.problems: list[Problem] = []
        self.content: Any = None
        text = ""
        try:
            text = path.read_text(encoding="utf-8")
            self.content = self._parsed(text)
        except UnicodeDecodeError as fault:
            line = path.read_bytes()[: fault.start].count(b"\n") + 1
            self.problems.append(error(self.place(line), "the file is not UTF-8 text; save it as UTF-8."))
        except yaml.YAMLError as fault:
            mark = getattr(fault, "problem_mark", None)
            why = getattr(fault, "problem", None) or getattr(fault, "reason", None) or str(fault)
            line = mark.line + 1 if mark else _line_of(fault, text)
            self.problems.append(
                error(self.place(line), f"this is not YAML ({why}); look at quotes, colons and indentation.")
            )

    def place(self, line: int) -> Place:
        return Place(self.name, line)

    def section(self, key: str) -> Items:
        """The list under `key` at the left edge; an empty one, and a problem, where it is something else."""
        if self.problems and self.content is None:
            return Items(1)
        if not isinstance(self.content, Table):
            self.problems.append(error(self.place(1), f"a list named `{key}:` is expected at the left edge."))
            return Items(1)
        found = self.content.get(key)
        if not isinstance(found, Items):
            line = self.content.lines.get(key, 1)
            self.problems.append(error(self.place(line), f"a list named `{key}:` is expected here."))
            return Items(line)
        return found

    def _parsed(self, text: str) -> Any:
        loader = self._loader(text)
        try:
            node = loader.get_single_node()
            return None if node is None else self._made(loader, node)
        finally:
            loader.dispose()

    def _made(self, loader: Any, node: yaml.Node) -> Any:
        line = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            return self._table(loader, node, line)
        if isinstance(node, yaml.SequenceNode):
            items = Items(line)
            for child in node.value:
                items.append(self._made(loader, child))
                items.lines.append(child.start_mark.line + 1)
            return items
        value = loader.construct_object(node)
        if isinstance(value, str):
            return Text(value, line + 1 if getattr(node, "style", None) in ("|", ">") else line)
        return value

    def _table(self, loader: Any, node: yaml.MappingNode, line: int) -> Table:
        seen: dict[str, int] = {}
        for key, _ in node.value:
            name, at = str(key.value), key.start_mark.line + 1
            if key.tag != _MERGE and name in seen:
                self.problems.append(
                    error(
                        self.place(at),
                        f"`{name}` is defined twice in this place, first in line {seen[name]}.",
                    )
                )
            seen.setdefault(name, at)
        loader.flatten_mapping(node)
        table = Table(line)
        for key, child in node.value:
            table[str(key.value)] = self._made(loader, child)
            table.lines[str(key.value)] = key.start_mark.line + 1
        return table


def _line_of(fault: yaml.YAMLError, text: str) -> int:
    """The line of a fault without a mark, which is a character that no YAML may hold."""
    position = getattr(fault, "position", 0)
    # libyaml counts bytes, yaml itself characters.
    before = (
        text.encode()[:position].decode(errors="ignore")
        if _Loader is not yaml.SafeLoader
        else text[:position]
    )
    return before.count("\n") + 1


def yaml_files(root: Path, folder: str) -> Iterator[YamlFile]:
    """Every YAML file of a folder of the project, by name."""
    for path in sorted((root / folder).glob("*.yml")):
        yield YamlFile(root, path)


class PlainDumper(yaml.SafeDumper):
    """Writes everything out, ours included: a reader should not have to follow references."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


PlainDumper.add_representer(Text, lambda dumper, value: dumper.represent_str(str(value)))
PlainDumper.add_representer(Table, lambda dumper, value: dumper.represent_dict(dict(value)))
PlainDumper.add_representer(Items, lambda dumper, value: dumper.represent_list(list(value)))
