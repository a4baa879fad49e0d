from __future__ import annotations

import copy
from datetime import datetime, timezone

from rasa.engine.graph import GraphSchema, SchemaNode
from rasa.engine.storage.storage import ModelMetadata
from rasa.nlu.tokenizers.whitespace_tokenizer import WhitespaceTokenizer
from rasa.shared.core.domain import Domain

from components.served_metadata import install


def test_only_the_graph_of_the_training_is_left_out(monkeypatch):
    schema = GraphSchema({"tokens": SchemaNode({}, WhitespaceTokenizer, "create", "process", {})})
    whole = ModelMetadata(
        trained_at=datetime(2026, 11, 1, tzinfo=timezone.utc),
        rasa_open_source_version="3.6.21",
        model_id="m",
        assistant_id="frontdesk",
        domain=Domain.from_dict({"intents": ["greet"]}),
        train_schema=schema,
        predict_schema=schema,
        project_fingerprint="f",
        core_target=None,
        nlu_target="tokens",
        language="en",
    ).as_dict()
    monkeypatch.setattr(ModelMetadata, "from_dict", ModelMetadata.__dict__["from_dict"])
    install()
    read = ModelMetadata.from_dict(copy.deepcopy(whole)).as_dict()
    assert read["train_schema"] == {"nodes": {}}
    assert {**read, "train_schema": None} == {**whole, "train_schema": None}
