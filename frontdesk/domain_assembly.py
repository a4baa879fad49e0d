"""One Rasa domain from the files that trainers and developers edit, each in its own place.

An intent is declared by having examples, a response by having a text: nobody lists either a second time. Rasa would silently
let the later of two definitions win, so a name that is defined twice is an error here, with both places.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

DOMAIN_FILE = "domain.yml"

# Sections of a domain whose entries have a name and a definition, and those that only list names.
_DEFINITIONS = ("slots", "forms", "responses")
_LISTS = ("entities", "actions")
_SINGLE = ("session_config", "config")


class TrainingDataError(Exception):
    """A file a trainer edits cannot be used; the message names the file, the line where known, and what is wrong."""


class _Loader(yaml.SafeLoader):
    """Refuses a key that appears twice in one mapping, where YAML would let the last one win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:merge" and isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.MarkedYAMLError(
                        problem=f"`{key.value}` is defined twice", problem_mark=key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep)


class _Plain(yaml.SafeDumper):
    """Writes everything out: a reader of the assembled domain should not have to follow references."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def assemble_domain(root: Path, state_dir: Path) -> Path:
    """Write the assembled domain and return its folder, `state_dir/domain`; raises TrainingDataError."""
    domain: dict[str, Any] = {"version": "3.1", "intents": sorted(_intents(root))}
    origin: dict[tuple[str, str], str] = {}
    for path in [*_files(root, "bot/domain"), *_files(root, "nlu_data/responses")]:
        content, node = _read(root, path)
        for section, entries in content.items():
            if section in _DEFINITIONS and isinstance(entries, dict):
                for name, definition in entries.items():
                    _claim(origin, section, name, _place(root, path, _key_line(node, section, name)))
                    domain.setdefault(section, {})[name] = definition
            elif section in _LISTS and isinstance(entries, list):
                known = domain.setdefault(section, [])
                known.extend(entry for entry in entries if entry not in known)
            elif section in _SINGLE:
                _claim(origin, section, section, _place(root, path))
                domain[section] = entries
            elif section != "version":
                raise TrainingDataError(
                    f"{_place(root, path, _key_line(node, section))}: `{section}` does not belong here."
                )
    folder = state_dir / "domain"
    folder.mkdir(parents=True, exist_ok=True)
    text = yaml.dump(domain, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=10_000)
    (folder / DOMAIN_FILE).write_text(text, encoding="utf-8")
    return folder


def _intents(root: Path) -> list[str]:
    origin: dict[tuple[str, str], str] = {}
    for path in _files(root, "nlu_data/intents"):
        content, _ = _read(root, path)
        entries = content.get("nlu")
        if not isinstance(entries, list):
            raise TrainingDataError(f"{_place(root, path)}: a list named `nlu` is expected.")
        for entry in entries:
            if not isinstance(entry, dict) or "intent" not in entry:
                continue
            name = str(entry["intent"])
            if not str(entry.get("examples") or "").strip():
                raise TrainingDataError(f"{_place(root, path)}: the intent `{name}` has no examples.")
            _claim(origin, "intents", name, _place(root, path))
    if not origin:
        raise TrainingDataError("There are no intents: nlu_data/intents has no file with examples.")
    return [name for _, name in origin]


def _claim(origin: dict[tuple[str, str], str], section: str, name: str, place: str) -> None:
    first = origin.setdefault((section, name), place)
    if first is not place:
        kind = section.removesuffix("s").replace("_", " ")
        raise TrainingDataError(
            f"{place}: the {kind} `{name}` is defined twice; the other definition is in {first}."
        )


def _files(root: Path, folder: str) -> Iterator[Path]:
    return iter(sorted((root / folder).glob("*.yml")))


def _read(root: Path, path: Path) -> tuple[dict[str, Any], yaml.Node | None]:
    """The file's content and its parsed nodes, which know the lines."""
    loader = None
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
        node = loader.get_single_node()
        content = loader.construct_document(node) if node is not None else {}
    except UnicodeDecodeError as error:
        raise TrainingDataError(f"{_place(root, path)}: the file is not UTF-8 text.") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        raise TrainingDataError(
            f"{_place(root, path, mark.line + 1 if mark else None)}: {problem}."
        ) from error
    finally:
        if loader is not None:
            loader.dispose()
    if not isinstance(content, dict):
        raise TrainingDataError(
            f"{_place(root, path)}: names with a colon are expected at the left edge, like `nlu:`."
        )
    return content, node


def _key_line(node: yaml.Node | None, *keys: str) -> int | None:
    line = None
    for key in keys:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        found = next(((name, child) for name, child in pairs if name.value == key), None)
        if found is None:
            return line
        line, node = found[0].start_mark.line + 1, found[1]
    return line


def _place(root: Path, path: Path, line: int | None = None) -> str:
    place = path.relative_to(root).as_posix()
    return place if line is None else f"{place}, line {line}"
