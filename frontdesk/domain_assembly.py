"""One Rasa domain from the files that trainers and developers edit, each in its own place.

An intent is declared by having examples, a response by having a text: nobody lists either a second time. Rasa
would silently let the later of two definitions win, so a name that is defined twice is an error here, with
both places.
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
_RASAS_INTENTS = ("nlu_fallback", "restart", "back", "session_start")
_RASAS_ACTIONS = (
    "action_listen",
    "action_restart",
    "action_session_start",
    "action_default_fallback",
    "action_deactivate_loop",
    "action_back",
)

# Where each named thing (section, name) was defined first.
Origin = dict[tuple[str, str], str]


class TrainingDataError(Exception):
    """A file a trainer edits cannot be used; the message names the file, the line where known, and what is
    wrong.
    """


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
    origin: Origin = {}
    for path in [*_files(root, "bot/domain"), *_files(root, "nlu_data/responses")]:
        content, node = _read(root, path)
        for section, entries in content.items():
            place = _place(root, path, _key_line(node, section))
            if section in _DEFINITIONS:
                if not isinstance(entries, dict):
                    raise TrainingDataError(f"{place}: `{section}` must have names with a colon below it.")
                for name, definition in entries.items():
                    _claim(origin, section, name, _place(root, path, _key_line(node, section, name)))
                    domain.setdefault(section, {})[name] = definition
            elif section in _LISTS:
                if not isinstance(entries, list):
                    raise TrainingDataError(f"{place}: `{section}` must be a list.")
                known = domain.setdefault(section, [])
                known.extend(entry for entry in entries if entry not in known)
            elif section in _SINGLE:
                _claim(origin, section, section, place)
                domain[section] = entries
            elif section != "version":
                raise TrainingDataError(f"{place}: `{section}` does not belong here.")
    _check_rules(root, domain)
    folder = state_dir / "domain"
    folder.mkdir(parents=True, exist_ok=True)
    text = yaml.dump(domain, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=10_000)
    (folder / DOMAIN_FILE).write_text(text, encoding="utf-8")
    return folder


def _intents(root: Path) -> list[str]:
    origin: Origin = {}
    for path in _files(root, "nlu_data/intents"):
        content, node = _read(root, path)
        entries = content.get("nlu")
        if not isinstance(entries, list):
            raise TrainingDataError(f"{_place(root, path)}: a list named `nlu` is expected.")
        for entry, line in zip(entries, _item_lines(node, "nlu"), strict=True):
            if not isinstance(entry, dict) or "intent" not in entry:
                continue
            name, place = str(entry["intent"]), _place(root, path, line)
            if not str(entry.get("examples") or "").strip():
                raise TrainingDataError(f"{place}: the intent `{name}` has no examples.")
            _claim(origin, "intents", name, place)
    if not origin:
        raise TrainingDataError("There are no intents: nlu_data/intents has no file with examples.")
    return [name for _, name in origin]


def _check_rules(root: Path, domain: dict[str, Any]) -> None:
    """Rasa trains rules about things that do not exist with a warning, and answers what has no rule with
    nothing.
    """
    intents = {*domain["intents"], *_RASAS_INTENTS}
    actions = {
        *_RASAS_ACTIONS,
        *domain.get("actions", []),
        *domain.get("forms", {}),
        *domain.get("responses", {}),
    }
    used: set[str] = set()
    for kind in ("rules", "stories"):
        for path in _files(root, f"nlu_data/{kind}"):
            for rule in _read(root, path)[0].get(kind) or []:
                place = (
                    f"{_place(root, path)}, {kind.removesuffix('s')} `{rule.get('rule', rule.get('story'))}`"
                )
                for step in _steps(rule):
                    intent, action = step.get("intent"), step.get("action")
                    if intent is not None and intent not in intents:
                        raise TrainingDataError(f"{place}: there is no intent `{intent}`.")
                    if action is not None and action not in actions:
                        raise TrainingDataError(f"{place}: there is no action, form or response `{action}`.")
                    used.add(str(intent))
    for intent in domain["intents"]:
        if intent not in used:
            raise TrainingDataError(
                f"The intent `{intent}` has no rule in nlu_data/rules: it would be met with silence."
            )


def _steps(rule: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for step in rule.get("steps") or []:
        if isinstance(step, dict):
            yield step
            yield from (choice for choice in step.get("or") or [] if isinstance(choice, dict))


def _claim(origin: Origin, section: str, name: str, place: str) -> None:
    first = origin.setdefault((section, name), place)
    if first is not place:  # the very object means that it was new
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


def _item_lines(node: yaml.Node | None, key: str) -> list[int]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    items: list[yaml.Node] = next((child.value for name, child in pairs if name.value == key), [])
    return [item.start_mark.line + 1 for item in items]


def _place(root: Path, path: Path, line: int | None = None) -> str:
    place = path.relative_to(root).as_posix()
    return place if line is None else f"{place}, line {line}"
