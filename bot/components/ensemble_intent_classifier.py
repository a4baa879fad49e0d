"""The intent of a message, from its sentence features."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import asdict
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

from components import (
    calibration,
    descent,
    directions,
    dropout_network,
    folds,
    intent_ensemble,
    softmax_regression,
)
from components.errors import BotSetupError
from components.fingerprints import fingerprint_of
from components.intent_ensemble import IntentEnsemble, OutOfFold, Sentences, Strengths, fit

logger = logging.getLogger(__name__)

INTENT_EVIDENCE = "intent_evidence"

_OUT_OF_FOLD_FILE = "out_of_fold.npz"
_NO_NGRAMS = csr_matrix((1, 0), dtype=np.float32)
_MODULES = (
    *(calibration, descent, directions, dropout_network),
    *(folds, intent_ensemble, softmax_regression),
)


# A featurizer too, so that Rasa lets it process the training data: what judges a message by this classifier's
# evidence can then learn from evidence about messages the classifier had not seen.
@DefaultV1Recipe.register(
    [
        DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER,
        DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER,
    ],
    is_trainable=True,
)
class EnsembleIntentClassifier(GraphComponent, IntentClassifier):
    """A softmax regression and some small networks over a message's sentence vectors and its n-grams.

    Where there are featurizers of n-grams, each one's counts become a vector of length `sparse_weight` (after
    1 + log, so that a repeated word counts little more than once), beside the encoder's vectors. Writes
    `intent` and `intent_ranking` (at most `ranking_length`, best first), and for the components after it
    `intent_evidence`: {"intent": the likeliest, "energy": large for what resembles any example}. A message
    without features, as blank text is, gets no intent, confidence 0 and no evidence.
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
            "cs": [5, 20, 80],
            "folds": 4,
            "dimensions": 256,
            "sparse_weight": 0.5,
            "ranking_length": 10,
        }

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        return fingerprint_of(_MODULES)

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
            with np.load(folder / _OUT_OF_FOLD_FILE, allow_pickle=False) as arrays:
                out_of_fold = OutOfFold(**arrays)
            return cls(config, model_storage, resource, IntentEnsemble.read(folder), out_of_fold)

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: IntentEnsemble | None = None,
        out_of_fold: OutOfFold | None = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model
        self._out_of_fold = out_of_fold

    def train(self, training_data: TrainingData) -> Resource:
        """Fits on the examples that have features; raises BotSetupError where they show fewer than two
        intents.
        """
        pairs = list(self._learnt_from(training_data))
        labels = [message.get(INTENT) for message, _ in pairs]
        if len(set(labels)) < 2:
            raise BotSetupError(
                "There is nothing to classify: the examples are of fewer than two intents. Give at least two "
                "intents examples."
            )
        sentences = Sentences(
            np.vstack([sentence.vectors for _, sentence in pairs]),
            vstack([sentence.ngrams for _, sentence in pairs], format="csr"),
        )
        strengths = Strengths(tuple(self._config["cs"]), self._config["folds"], self._config["dimensions"])
        self._model, self._out_of_fold = fit(sentences, labels, strengths)
        logger.info(
            "Intent classifier: %d examples, %d intents, C %g, sharpness %.2f",
            *(len(labels), len(self._model.classes), self._model.c, self._model.sharpness),
        )
        with self._model_storage.write_to(self._resource) as folder:
            self._model.write(folder)
            np.savez(folder / _OUT_OF_FOLD_FILE, **asdict(self._out_of_fold))
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Gives each example the evidence of models that have not seen it; an intent's only example, which
        all have seen, gets none. Their intents stay what the trainer says.
        """
        if self._model is None or self._out_of_fold is None:
            return training_data
        found = self._out_of_fold
        rows = zip(self._learnt_from(training_data), found.judged, found.best, found.energy, strict=True)
        for (message, _), judged, best, energy in rows:
            if judged:
                message.set(INTENT_EVIDENCE, _evidence(self._model.classes[best], energy))
        return training_data

    def _learnt_from(self, training_data: TrainingData) -> Iterator[tuple[Message, Sentences]]:
        """The examples that have features, in their order, which both passes over them rely on."""
        for message in training_data.intent_examples:
            if (sentence := self._sentence_of(message)) is not None:
                yield message, sentence

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            sentence = self._sentence_of(message)
            ranking = []
            if sentence is not None and self._model is not None:
                (probabilities,), (energy,) = self._model.judged(sentence)
                ranking = self._ranking(probabilities)
                message.set(INTENT_EVIDENCE, _evidence(ranking[0][INTENT_NAME_KEY], energy))
            best = ranking[0] if ranking else {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}
            message.set(INTENT, best, add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _ranking(self, probabilities: np.ndarray) -> list[dict[str, Any]]:
        best = np.argsort(-probabilities)[: self._config["ranking_length"]]
        classes = self._model.classes if self._model else ()
        return [
            {INTENT_NAME_KEY: classes[i], PREDICTED_CONFIDENCE_KEY: float(probabilities[i])} for i in best
        ]

    def _sentence_of(self, message: Message) -> Sentences | None:
        """The features of this one message, in single precision; None without an encoder's vector."""
        own = [f for f in message.features if f.attribute == TEXT and f.type == FEATURE_TYPE_SENTENCE]
        dense = [f.features for f in own if f.is_dense()]
        if not dense:
            return None
        sparse = [self._weighted(f.features) for f in own if f.is_sparse()]
        ngrams = hstack(sparse, format="csr") if sparse else _NO_NGRAMS
        return Sentences(np.hstack(dense).astype(np.float32, copy=False), ngrams)

    def _weighted(self, counts: Any) -> csr_matrix:
        row = csr_matrix(counts, dtype=np.float32)
        row.data = 1 + np.log(row.data)
        return row * np.float32(self._config["sparse_weight"] / max(float(np.linalg.norm(row.data)), 1.0))


def _evidence(intent: str, energy: float) -> dict[str, Any]:
    return {"intent": intent, "energy": float(energy)}
