from __future__ import annotations

import pytest
from rasa.core import processor
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner

from components.direct_graph_runner import DirectGraphRunner, install

RUNNERS = pytest.mark.parametrize("runner_class", [DaskGraphRunner, DirectGraphRunner])


ran: list[str] = []
"""The nodes in the order they were run."""


class Step(GraphComponent):
    """Writes down that it was run, and with what."""

    def __init__(self, name):
        self._name = name

    @classmethod
    def create(cls, config, model_storage, resource, execution_context):
        return cls(execution_context.node_name)

    def run(self, one: str, other: str = "") -> str:
        ran.append(self._name)
        if one == "broken":
            raise ValueError("a node that fails")
        return f"{self._name}({one}{other})"


def step(**needs):
    return SchemaNode(needs=needs, uses=Step, constructor_name="create", fn="run", config={}, eager=True)


@pytest.fixture
def schema():
    """A diamond, and beside it a node that nothing wants."""
    nodes = {
        "end": step(one="left", other="right"),
        "left": step(one="first"),
        "right": step(one="first", other="extra"),
        "first": step(one="message"),
        "unwanted": step(one="first"),
    }
    nodes["end"].is_target = True
    return GraphSchema(nodes)


@pytest.fixture
def run(schema, storage):
    def run(runner_class, **options):
        ran.clear()
        runner = runner_class.create(schema, storage, ExecutionContext(schema))
        return [runner.run(**options) for _ in range(2)]

    return run


@RUNNERS
def test_every_node_runs_once_after_what_it_needs_each_time(run, runner_class):
    inputs = {"message": "hi", "extra": "!"}
    first, second = run(runner_class, inputs=inputs, targets=["end"])
    assert first == second == {"end": "end(left(first(hi))right(first(hi)!))"}
    assert sorted(ran) == sorted(["first", "left", "right", "end"] * 2)
    assert ran.index("first") == 0


@RUNNERS
def test_without_targets_those_of_the_graph_are_run(run, runner_class):
    assert set(run(runner_class, inputs={"message": "hi", "extra": "!"})[0]) == {"end"}


@RUNNERS
def test_several_targets_share_their_work(run, runner_class):
    first, _ = run(runner_class, inputs={"message": "hi", "extra": "!"}, targets=["left", "unwanted"])
    assert first == {"left": "left(first(hi))", "unwanted": "unwanted(first(hi))"}
    assert sorted(ran[:3]) == ["first", "left", "unwanted"]


@RUNNERS
def test_a_missing_input_is_named(run, runner_class):
    with pytest.raises(GraphRunError, match="Expected input 'extra'"):
        run(runner_class, inputs={"message": "hi"}, targets=["end"])


@RUNNERS
def test_a_node_that_fails_is_named(run, runner_class):
    with pytest.raises(Exception, match="running graph component for node first"):
        run(runner_class, inputs={"message": "broken"}, targets=["left"])


def test_models_loaded_after_installing_run_directly(monkeypatch):
    monkeypatch.setattr(processor, "DaskGraphRunner", DaskGraphRunner)
    install()
    assert processor.DaskGraphRunner is DirectGraphRunner
