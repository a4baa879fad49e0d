"""docs/policy.md is true: it has every setting and no other, and its example is a policy."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from crm.policy import Policy, read_policy

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `([a-z_.]+)` \| ([^|]+) \|", GUIDE, re.MULTILINE))


def settings(shape: type[BaseModel], above: str = "") -> Iterator[str]:
    for name, field in shape.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from settings(field.annotation, f"{above}{name}.")
        else:
            yield f"{above}{name}"


def test_every_setting_is_explained_and_no_other() -> None:
    assert list(ROWS) == list(settings(Policy))


@pytest.mark.parametrize("name", [name for name in ROWS if re.fullmatch(r"\d+|true|false", ROWS[name])])
def test_what_a_number_is_said_to_be_is_what_holds(name: str) -> None:
    part, setting = name.split(".")
    assert getattr(getattr(read_policy(), part), setting) == yaml.safe_load(ROWS[name])


def test_the_example_is_a_policy(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    file = tmp_path / "policy.yml"
    file.write_text(example, encoding="utf-8")

    assert read_policy(file).returns.days == 14
    assert read_policy(file) != read_policy()
