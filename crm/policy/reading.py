"""Reading the policy file, and the policy in force."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from crm.policy.model import Policy, PolicyUnreadable

DEFAULT = Path(__file__).with_name("policy.yml")

_in_force: list[Policy] = []


def policy() -> Policy:
    """What holds in this process: the shop's own file where `use_policy` was given one."""
    if not _in_force:
        _in_force.append(read_policy())
    return _in_force[0]


def use_policy(file: Path | None) -> None:
    """Let this file hold from now on; None: the one that comes with Frontdesk. Raises PolicyUnreadable."""
    _in_force[:] = [read_policy(file)]


def read_policy(file: Path | None = None) -> Policy:
    """The default policy with what `file` says instead. Raises PolicyUnreadable."""
    data = _mapping(DEFAULT)
    if file is not None:
        data = _over(data, _mapping(file))
    try:
        return Policy.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise PolicyUnreadable(f"{file or DEFAULT}: {place}: {first['msg'].lower()}.") from error


def _mapping(file: Path) -> dict[str, Any]:
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise PolicyUnreadable(f"{file} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        raise PolicyUnreadable(f"{file}{place} is not YAML.") from error
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise PolicyUnreadable(f"{file} is no list of settings: begin with `orders:` or another section.")
    return data


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        known = merged.get(key)
        merged[key] = _over(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return merged
