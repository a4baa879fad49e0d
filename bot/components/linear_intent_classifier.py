"""The intent of a message, from its sentence features."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import (
    FEATURE_TYPE_SENTENCE,
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack, vstack

from components import descent, softmax_regression
from components.errors import BotSetupError
from components.softmax_regression import SoftmaxRegression, fit_best

logger = logging.getLogger(__name__)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(GraphComponent, IntentClassifier):
    """Softmax regression over a message's sentence vector and its n-grams.

    Each featurizer's n-gram counts become a vector of length `sparse_weight` (after 1 + log, so that a
    repeated word counts little more than once), beside the encoder's vector of length 1. Writes `intent` and
    `intent_ranking` (at most `ranking_length`, best first). A message without features, as blank text is,
    gets no intent and confidence 0, which the fallback then takes.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        return [Featurizer]

    @staticmethod
    def required_packages() -> list[str]:
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "candidates": [20, 50, 100],
            "held_out": 0.25,
            "default_c": 50,
            "sparse_weight": 0.5,
            "ranking_length": 10,
        }

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """The modules that do the work, which Rasa's own fingerprint knows nothing of."""
        digest = hashlib.sha256()
        for module in (softmax_regression, descent):
            digest.update(Path(module.__file__).read_bytes())
        return digest.hexdigest()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinearIntentClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LinearIntentClassifier:
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, SoftmaxRegression.read(folder))

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: SoftmaxRegression | None = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    def train(self, training_data: TrainingData) -> Resource:
        """Fits on the examples that have features; raises BotSetupError where they show fewer than two
        intents.
        """
        pairs = [
            (self._features_of(message), message.get(INTENT)) for message in training_data.intent_examples
        ]
        pairs = [(features, intent) for features, intent in pairs if features is not None]
        labels = [intent for _, intent in pairs]
        if len(set(labels)) < 2:
            raise BotSetupError(
                "There is nothing to classify: nlu_data/intents has fewer than two intents with examples."
            )
        features = vstack([features for features, _ in pairs], format="csr")
        self._model = fit_best(
            features, labels, self._config["candidates"], self._config["held_out"], self._config["default_c"]
        )
        logger.info(
            "Intent classifier: %d examples, %d intents, C = %g",
            *(len(labels), len(self._model.classes), self._model.c),
        )
        with self._model_storage.write_to(self._resource) as folder:
            self._model.write(folder)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            ranking = self._ranking(message)
            best = ranking[0] if ranking else {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}
            message.set(INTENT, best, add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _ranking(self, message: Message) -> list[dict[str, Any]]:
        features = self._features_of(message)
        if features is None or self._model is None:
            return []
        row = self._model.probabilities(features)[0]
        best = np.argsort(-row)[: self._config["ranking_length"]]
        return [
            {INTENT_NAME_KEY: self._model.classes[i], PREDICTED_CONFIDENCE_KEY: float(row[i])} for i in best
        ]

    def _features_of(self, message: Message) -> csr_matrix | None:
        """The message as one row (1, d) in single precision; None without an encoder's vector."""
        own = [f for f in message.features if f.attribute == TEXT and f.type == FEATURE_TYPE_SENTENCE]
        if not any(feature.is_dense() for feature in own):
            return None
        blocks = [f.features if f.is_dense() else self._weighted(f.features) for f in own]
        return hstack(
            [csr_matrix(block, dtype=np.float32) for block in blocks], format="csr", dtype=np.float32
        )

    def _weighted(self, counts: Any) -> csr_matrix:
        row = csr_matrix(counts, dtype=np.float32)
        row.data = 1 + np.log(row.data)
        return row * (self._config["sparse_weight"] / max(float(np.linalg.norm(row.data)), 1.0))
