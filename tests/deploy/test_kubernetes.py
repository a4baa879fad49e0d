"""The manifests are what Kubernetes' own schemas ask for, and say only what the product has."""

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from frontdesk.settings import ENV_PREFIX, Settings

FOLDER = Path(__file__).parents[2] / "deploy" / "kubernetes"
VERSION = "1.32"
WEB_PORT = 8080


def manifests() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for file in sorted(FOLDER.glob("*.yaml")):
        for each in yaml.safe_load_all(file.read_text(encoding="utf-8")):
            found.append((f"{file.name}: {each['kind']} {each['metadata']['name']}", each))
    return found


MANIFESTS = dict(manifests())


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [each for each in MANIFESTS.values() if each["kind"] == kind]


def pods() -> list[dict[str, Any]]:
    return [each["spec"]["template"]["spec"] for each in (*of_kind("StatefulSet"), *of_kind("Job"))]


@pytest.mark.parametrize("name", MANIFESTS)
def test_each_is_valid_without_a_field_too_many(name: str) -> None:
    kubernetes_validate.validate(MANIFESTS[name], VERSION, strict=True)


def test_a_field_that_does_not_exist_would_be_found() -> None:
    broken = {**of_kind("StatefulSet")[0], "replicaCount": 2}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, VERSION, strict=True)


def test_no_container_has_more_rights_than_it_needs_or_no_limits() -> None:
    for pod in pods():
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            assert container["securityContext"]["allowPrivilegeEscalation"] is False
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            assert {"cpu", "memory"} <= container["resources"]["limits"].keys()
            assert not container["image"].endswith(":latest")


def test_probes_ask_addresses_that_exist() -> None:
    [container] = pods()[0]["containers"]
    asked = {container[probe]["httpGet"]["path"] for probe in ("startupProbe", "readinessProbe")}
    assert asked == {"/health/ready"}
    assert container["livenessProbe"]["httpGet"]["path"] == "/health/live"


def test_only_the_gateway_is_reached_from_the_network() -> None:
    [policy] = of_kind("NetworkPolicy")
    ports = [port["port"] for rule in policy["spec"]["ingress"] for port in rule["ports"]]
    assert ports == [WEB_PORT]
    exposed = [
        port["containerPort"] for pod in pods() for c in pod["containers"] for port in c.get("ports", [])
    ]
    assert exposed == [WEB_PORT]


def test_every_setting_is_one_of_ours_and_no_secret_lies_in_a_file() -> None:
    [settings] = of_kind("ConfigMap")
    names = {f"{ENV_PREFIX}{name.upper()}" for name in Settings.model_fields}
    assert settings["data"].keys() <= names
    assert not [name for name in settings["data"] if "PASSWORD" in name or "DATABASE" in name]
    assert of_kind("Secret") == []


def test_services_choose_the_pods_that_there_are() -> None:
    [server] = of_kind("StatefulSet")
    labels = server["spec"]["template"]["metadata"]["labels"]
    for service in of_kind("Service"):
        assert service["spec"]["selector"].items() <= labels.items()
    assert server["spec"]["serviceName"] in {each["metadata"]["name"] for each in of_kind("Service")}
