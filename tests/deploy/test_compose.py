"""The compose file is of the specification, and hides everything but the gateway."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from frontdesk.settings import ENV_PREFIX, Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
TEXT = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
    return found


def test_it_is_of_the_specification() -> None:
    compose = PyCompose.from_yaml(TEXT)
    assert sorted(compose.service_names()) == ["database", "frontdesk", "migrate", "redis"]


def test_what_is_not_would_be_found() -> None:
    with pytest.raises(ValueError, match="portz"):
        PyCompose.from_yaml(TEXT.replace("    ports:", "    portz:"))


def test_only_the_gateway_has_a_port_and_that_on_this_machine(services: dict[str, dict[str, Any]]) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {"frontdesk": ["127.0.0.1:8080:8080"]}


def test_every_setting_is_one_of_ours(services: dict[str, dict[str, Any]]) -> None:
    names = {f"{ENV_PREFIX}{name.upper()}" for name in Settings.model_fields} | {"DATABASE_URL"}
    assert services["frontdesk"]["environment"].keys() <= names
    assert services["frontdesk"]["environment"] == services["migrate"]["environment"]


def test_the_server_starts_after_the_migration(services: dict[str, dict[str, Any]]) -> None:
    waits_for = services["frontdesk"]["depends_on"]
    assert waits_for["migrate"] == {"condition": "service_completed_successfully"}
    assert services["migrate"]["command"] == ["db", "migrate"]


def test_what_the_image_copies_is_there() -> None:
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = [line.split()[2:-1] for line in lines if line.startswith("COPY --chown")]
    for source in (name for names in copied for name in names):
        assert (DEPLOY.parent / source).exists(), source
