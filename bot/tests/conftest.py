"""What the component tests share: an encoder, a model storage, messages."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rasa.core.actions.action import RemoteAction
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.whitespace_tokenizer import WhitespaceTokenizer
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.sentence_encoder_featurizer import ENCODER_DIR_VARIABLE

BOT_DIR = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def in_the_bot_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rasa runs with bot/ as working directory, and the configuration's paths count on it."""
    monkeypatch.chdir(BOT_DIR)


@pytest.fixture(scope="session")
def encoder_dir() -> Path:
    folder = os.environ.get(ENCODER_DIR_VARIABLE)
    if not folder:
        pytest.skip(f"no exported encoder: {ENCODER_DIR_VARIABLE} is not set")
    return Path(folder)


@pytest.fixture
def restored_logging() -> Iterator[None]:
    """Undoes what the bot's process does to the logging of everybody."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    validate = RemoteAction._validate_action_result
    yield
    logging.captureWarnings(False)
    root.handlers, root.level = handlers, level
    RemoteAction._validate_action_result = validate


@pytest.fixture
def storage(tmp_path: Path) -> ModelStorage:
    folder = tmp_path / "storage"
    folder.mkdir()
    return LocalModelStorage.create(folder)


@pytest.fixture
def resource() -> Resource:
    return Resource("component")


@pytest.fixture
def context() -> ExecutionContext:
    return ExecutionContext(GraphSchema({}), node_name="component")


@pytest.fixture
def message() -> Callable[..., Message]:
    tokenizer = WhitespaceTokenizer(WhitespaceTokenizer.get_default_config())

    def make(text: str, intent: str = "") -> Message:
        made = Message(data={TEXT: text, **({INTENT: intent} if intent else {})})
        return tokenizer.process([made])[0] if not intent else made

    return make
