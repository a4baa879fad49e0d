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

from components import calibration, descent, dropout_network, intent_ensemble, softmax_regression
from components.errors import BotSetupError
from components.intent_ensemble import IntentEnsemble, Sentences, fit

logger = logging.getLogger(__name__)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class EnsembleIntentClassifier(GraphComponent, IntentClassifier):
    """A softmax regression and some small networks over a message's sentence vector and its n-grams.

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
        return ["sklearn", "threadpoolctl"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "c": 20,
            "sparse_weight": 0.5,
            "networks": 3,
            "dimensions": 150,
            "ranking_length": 10,
        }

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """The modules that do the work, which Rasa's own fingerprint knows nothing of."""
        digest = hashlib.sha256()
        for module in (intent_ensemble, softmax_regression, descent, dropout_network, calibration):
            digest.update(Path(module.__file__).read_bytes())
        return digest.hexdigest()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EnsembleIntentClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> EnsembleIntentClassifier:
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, IntentEnsemble.read(folder))

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: IntentEnsemble | None = None,
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
            (sentence, message.get(INTENT))
            for message in training_data.intent_examples
            if (sentence := self._sentence_of(message)) is not None
        ]
        labels = [intent for _, intent in pairs]
        if len(set(labels)) < 2:
            raise BotSetupError(
                "There is nothing to classify: nlu_data/intents has fewer than two intents with examples."
            )
        sentences = Sentences(
            np.vstack([sentence.vectors for sentence, _ in pairs]),
            vstack([sentence.ngrams for sentence, _ in pairs], format="csr"),
        )
        self._model = fit(
            sentences, labels, self._config["c"], self._config["networks"], self._config["dimensions"]
        )
        logger.info(
            "Intent classifier: %d examples, %d intents, sharpness %.2f",
            *(len(labels), len(self._model.classes), self._model.sharpness),
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
        sentence = self._sentence_of(message)
        if sentence is None or self._model is None:
            return []
        row = self._model.probabilities(sentence)[0]
        best = np.argsort(-row)[: self._config["ranking_length"]]
        return [
            {INTENT_NAME_KEY: self._model.classes[i], PREDICTED_CONFIDENCE_KEY: float(row[i])} for i in best
        ]

    def _sentence_of(self, message: Message) -> Sentences | None:
        """The features of this one message, in single precision; None without an encoder's vector."""
        own = [f for f in message.features if f.attribute == TEXT and f.type == FEATURE_TYPE_SENTENCE]
        dense = [f.features for f in own if f.is_dense()]
        if not dense:
            return None
        sparse = [self._weighted(f.features) for f in own if f.is_sparse()]
        none = csr_matrix((1, 0), dtype=np.float32)
        return Sentences(np.hstack(dense).astype(np.float32), hstack([none, *sparse], format="csr"))

    def _weighted(self, counts: Any) -> csr_matrix:
        row = csr_matrix(counts, dtype=np.float32)
        row.data = 1 + np.log(row.data)
        return row * np.float32(self._config["sparse_weight"] / max(float(np.linalg.norm(row.data)), 1.0))
