"""Dense sentence features from the encoder that the rest of Frontdesk uses too."""

from __future__ import annotations

import json
import os
import re
import weakref
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sentence_encoder import EncoderMissing, SentenceEncoder, folder_of
from sentence_encoder.encoder import fingerprint_of

from components.errors import BotSetupError

ENCODER_DIR_VARIABLE = "FRONTDESK_ENCODER_DIR"
_STORED_FINGERPRINT = "encoder.json"
_ADDRESS, _ANY_ADDRESS = re.compile(r"[^\s@,;:<>()]+@[^\s@,;:<>()]+\.[A-Za-z]{2,}"), "jo@example.com"
_NUMBER, _ANY_NUMBER = re.compile(r"(?<!\d)\d{5,}(?!\d)"), "10432"
# By fingerprint and threads: while a model is exchanged for another, both use one encoder in memory.
_OPENED: weakref.WeakValueDictionary[tuple[str, int], SentenceEncoder] = weakref.WeakValueDictionary()


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceEncoderFeaturizer(DenseFeaturizer, GraphComponent):
    """One sentence feature per message, of shape (1, blocks * dimension): the sentence vector and those of
    the encoder's inner layers, each of length 1, one after the other; with `inner: false` the first alone.
    E-mail addresses and long numbers are all the same to it: whose they are says nothing about the wish.

    "Training" only writes down which encoder the model was made with: its vectors mean nothing to another
    one. That encoder is loaded with the model, also where it is no longer the one in use but kept beside it;
    where it is gone, the model is refused. Raises BotSetupError then, and where no encoder is found.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        # One thread: a single sentence gains nothing from more, and the other processes want the cores.
        return {**DenseFeaturizer.get_default_config(), "threads": 1, "inner": True}

    @staticmethod
    def required_packages() -> list[str]:
        return ["onnxruntime", "tokenizers"]

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to check: the options have defaults."""

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """The encoder's fingerprint, without which new weights would bring a stale classifier back from
        Rasa's cache.
        """
        # Where Rasa has the output in its cache, it asks with a configuration that lacks our options.
        return open_encoder({**cls.get_default_config(), **config}["threads"]).fingerprint

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEncoderFeaturizer:
        encoder = open_encoder(config["threads"])
        return cls(config, execution_context.node_name, model_storage, resource, encoder)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SentenceEncoderFeaturizer:
        with model_storage.read_from(resource) as folder:
            stored = json.loads((folder / _STORED_FINGERPRINT).read_text(encoding="utf-8"))
        encoder = open_encoder(config["threads"], stored["fingerprint"])
        if stored["fingerprint"] != encoder.fingerprint:
            raise BotSetupError(
                "This model was trained with another sentence encoder "
                f"({stored['name']}, {stored['fingerprint'][:12]}) than the one in use "
                f"({encoder.name}, {encoder.fingerprint[:12]}). Train again: `frontdesk train`."
            )
        return cls(config, execution_context.node_name, model_storage, resource, encoder)

    def __init__(
        self,
        config: dict[str, Any],
        name: str,
        model_storage: ModelStorage,
        resource: Resource,
        encoder: SentenceEncoder,
    ) -> None:
        super().__init__(name, config)
        self.encoder = encoder
        self._model_storage = model_storage
        self._resource = resource

    def train(self, training_data: TrainingData) -> Resource:
        """Stores the encoder's name and fingerprint with the model; the data itself teaches it nothing."""
        with self._model_storage.write_to(self._resource) as folder:
            described = {"name": self.encoder.name, "fingerprint": self.encoder.fingerprint}
            (folder / _STORED_FINGERPRINT).write_text(json.dumps(described), encoding="utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the sentence feature to every message that has a text; blank ones are left to the fallback."""
        spoken = [message for message in messages if _says_something(message.get(TEXT) or "")]
        if spoken:
            texts = [_without_particulars(message.get(TEXT)) for message in spoken]
            vectors = self.encoder.encode_deep(texts) if self._config["inner"] else self.encoder.encode(texts)
            for message, vector in zip(spoken, vectors, strict=True):
                origin = self._config[FEATURIZER_CLASS_ALIAS]
                message.add_features(Features(vector.reshape(1, -1), FEATURE_TYPE_SENTENCE, TEXT, origin))
        return messages


def _without_particulars(text: str) -> str:
    """The text with the same address and number in it, whoever wrote it: entities read the real ones."""
    return _NUMBER.sub(_ANY_NUMBER, _ADDRESS.sub(_ANY_ADDRESS, text))


def _says_something(text: str) -> bool:
    """Half a character, which a broken client may send, would be encoded as some sign and taken for an
    intent.
    """
    return bool(text.encode("utf-8", "ignore").strip())


def open_encoder(threads: int, wanted: str = "") -> SentenceEncoder:
    """The encoder in $FRONTDESK_ENCODER_DIR, or the one of the wanted fingerprint where it is kept beside it.

    Raises BotSetupError with a remedy where there is none.
    """
    named = os.environ.get(ENCODER_DIR_VARIABLE)
    if not named:
        raise BotSetupError(
            f"{ENCODER_DIR_VARIABLE} is not set: it must name the folder of the exported encoder."
        )
    in_use = Path(named)
    try:
        return _opened(folder_of(in_use, wanted) or in_use, threads)
    except EncoderMissing as error:
        raise BotSetupError(str(error)) from error


def _opened(folder: Path, threads: int) -> SentenceEncoder:
    try:
        key = (fingerprint_of(folder), threads)
    except OSError:
        # It says itself what is missing.
        return SentenceEncoder(folder, threads=threads)
    encoder = _OPENED.get(key)
    if encoder is None:
        encoder = _OPENED[key] = SentenceEncoder(folder, threads=threads)
    return encoder
