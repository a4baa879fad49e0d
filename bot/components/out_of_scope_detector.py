"""Whether a message is none of the wishes the assistant knows."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
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

from components import (
    out_of_scope_density,
    out_of_scope_model,
    out_of_scope_neighbours,
    out_of_scope_score,
    out_of_scope_threshold,
)
from components.ensemble_intent_classifier import INTENT_EVIDENCE
from components.errors import BotSetupError
from components.fingerprints import fingerprint_of
from components.out_of_scope_model import ABOUT_FILE, Examples, Judgement, OutOfScopeModel, fit

logger = logging.getLogger(__name__)

OUT_OF_SCOPE_KEY = "out_of_scope"

_MODULES = (
    *(out_of_scope_density, out_of_scope_model, out_of_scope_neighbours),
    *(out_of_scope_score, out_of_scope_threshold),
)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class OutOfScopeDetector(GraphComponent, IntentClassifier):
    """Puts `nlu_fallback` first where a message is further out than all but a few known messages are.

    Stands after a classifier that leaves `intent_evidence` with messages and training examples. Writes
    `out_of_scope`: {"score": larger for what is further out, "threshold": what it was compared with,
    "rejected": the outcome}. `kept` is the share of known messages that must not be rejected; the examples of
    the intent `counter_examples`, where there is one, show what is out of scope. A message that the
    classifier gives this intent keeps it, and counts as rejected.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        return [IntentClassifier]

    @staticmethod
    def required_packages() -> list[str]:
        return ["scipy"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"kept": 0.95, "counter_examples": "out_of_scope"}

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
    ) -> OutOfScopeDetector:
        """Raises BotSetupError where the share to be kept is not between 0 and 1."""
        if not 0 < config["kept"] < 1:
            raise BotSetupError(
                f"`kept` of the OutOfScopeDetector in the bot's pipeline is {config['kept']}. Give the share "
                "of known messages to keep, above 0 and below 1, 0.95 for example."
            )
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> OutOfScopeDetector:
        with model_storage.read_from(resource) as folder:
            model = OutOfScopeModel.read(folder) if (folder / ABOUT_FILE).exists() else None
        return cls(config, model_storage, resource, model)

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: OutOfScopeModel | None = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    def train(self, training_data: TrainingData) -> Resource:
        """With fewer than two examples in scope that have features there is nothing to compare with: then no
        message is rejected.
        """
        pairs = [
            (message, vector)
            for message in training_data.intent_examples
            if (vector := _vector_of(message)) is not None
        ]
        evidence = [message.get(INTENT_EVIDENCE) or {} for message, _ in pairs]
        self._model = None
        if pairs:
            examples = Examples(
                np.stack([vector for _, vector in pairs]),
                [message.get(INTENT) for message, _ in pairs],
                np.array([found.get("energy", np.nan) for found in evidence], dtype=float),
                [found.get("intent") for found in evidence],
            )
            self._model = fit(examples, self._config["counter_examples"], self._config["kept"])
        with self._model_storage.write_to(self._resource) as folder:
            if self._model is None:
                logger.warning("Too few examples to tell what is out of scope: nothing will be rejected.")
            else:
                self._model.write(folder)
                logger.info(
                    "Out of scope above %.2f: %d examples", self._model.thresholds.overall, len(pairs)
                )
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if self._model is None:
                message.set(OUT_OF_SCOPE_KEY, _told(0.0, 0.0, rejected=False), add_to_output=True)
                continue
            predicted = (message.get(INTENT) or {}).get(INTENT_NAME_KEY)
            judgement = self._judge(message, self._model, predicted)
            score, threshold, rejected = judgement.score, judgement.threshold, judgement.rejected
            if predicted == self._config["counter_examples"]:
                # The farther beyond the threshold, the surer the classifier is.
                score = max(score, threshold) + message.get(INTENT)[PREDICTED_CONFIDENCE_KEY]
                rejected = True
            elif rejected:
                _put_fallback_first(message, judgement.usual)
            message.set(OUT_OF_SCOPE_KEY, _told(score, threshold, rejected), add_to_output=True)
        return messages

    def _judge(self, message: Message, model: OutOfScopeModel, predicted: str | None) -> Judgement:
        vector = _vector_of(message)
        if vector is None:
            return model.judge_nothing()
        evidence = message.get(INTENT_EVIDENCE) or {}
        return model.judge(vector, evidence.get("energy"), predicted)


def _vector_of(message: Message) -> np.ndarray | None:
    """The encoder's vectors of this one message, one after the other, shape (d,); None without any."""
    dense = [
        feature.features
        for feature in message.features
        if feature.attribute == TEXT and feature.type == FEATURE_TYPE_SENTENCE and feature.is_dense()
    ]
    return np.hstack(dense).astype(np.float32)[0] if dense else None


def _put_fallback_first(message: Message, usual: float) -> None:
    """As Rasa's FallbackClassifier does. The confidence is the share of known messages less far out, so it is
    about what was to be kept or more.
    """
    fallback = {INTENT_NAME_KEY: DEFAULT_NLU_FALLBACK_INTENT_NAME, PREDICTED_CONFIDENCE_KEY: usual}
    message.set(INTENT, fallback, add_to_output=True)
    message.set(INTENT_RANKING_KEY, [fallback, *(message.get(INTENT_RANKING_KEY) or [])], add_to_output=True)


def _told(score: float, threshold: float, rejected: bool) -> dict[str, Any]:
    return {"score": score, "threshold": threshold, "rejected": rejected}
