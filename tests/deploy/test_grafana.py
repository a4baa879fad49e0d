"""The dashboard asks for nothing that is not counted."""

import json
import re
from pathlib import Path

from prometheus_client import generate_latest

from gateway.metrics.measures import REGISTRY
from gateway.metrics.store import Standing, StandingCollector

DASHBOARD = Path(__file__).parents[2] / "deploy" / "grafana" / "frontdesk.json"
OF_THE_PAGE = {"frontdesk_up", "frontdesk_model_info", "frontdesk_articles"}
NAME = re.compile(r"\b(?:frontdesk|process)_[a-z_]+\b")
SUFFIX = re.compile(r"_(?:total|bucket|count|sum)$")


def test_every_query_names_figures_that_exist() -> None:
    counted = {SUFFIX.sub("", name) for name in NAME.findall(generate_latest(REGISTRY).decode())}
    counted |= {SUFFIX.sub("", family.name) for family in StandingCollector(Standing()).collect()}
    asked = {
        SUFFIX.sub("", name)
        for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
        for target in panel["targets"]
        for name in NAME.findall(target["expr"])
    }
    assert len(asked) > 12
    assert asked <= counted | OF_THE_PAGE


def test_panels_have_places_of_their_own() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
