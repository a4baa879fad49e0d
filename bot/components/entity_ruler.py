"""Order numbers, e-mail addresses, postcodes, codes and product names, by rules a trainer can read."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Any

import spacy
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from spacy.language import Language
from spacy.tokenizer import Tokenizer

from components.entity_patterns import EntityPattern, read_patterns, read_products
from components.errors import BotSetupError

ENTITIES_DIR_VARIABLE = "FRONTDESK_ENTITIES_DIR"
PRODUCTS_FILE = "products.yml"

_SURROGATES = re.compile("[\ud800-\udfff]")
_OPENING = re.compile(r"""(?:[\[({<"'“”‘’«*~`:;,.!?=_>|#£$€+-]|[^\w\s])""")
_CLOSING = re.compile(r"""(?:[\])}>"'“”‘’»*~`:;,.!?=_|%£$€-]|[^\w\s])$""")
# Inside a word only what cannot be part of an e-mail address, or joins two numbers.
_BETWEEN = re.compile(r"""[,;:()<>|\[\]"=](?=\S)|(?<=\d)[-‐‑–—](?=\d)|/(?=\w)""")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class EntityRuler(GraphComponent, EntityExtractorMixin):
    """spaCy's entity ruler on a blank English pipeline.

    Reads `patterns` (a file, relative to bot/) and the catalogue's product names, which the CRM writes into
    $FRONTDESK_ENTITIES_DIR; without that file there are no product names. Raises BotSetupError for a file it
    cannot use.
    """

    @staticmethod
    def required_packages() -> list[str]:
        return ["spacy"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"patterns": "../nlu_data/entities/patterns.yml"}

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """The files are checked where they are read, with a sentence that names them."""

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """A digest of the files, which Rasa's own fingerprint knows nothing of."""
        digest = hashlib.sha256()
        # Where Rasa has the output in its cache, it asks with a configuration that lacks our options.
        patterns = {**cls.get_default_config(), **config}["patterns"]
        for path in (Path(patterns), products_file()):
            digest.update(path.read_bytes() if path is not None and path.is_file() else b"")
            digest.update(b"\0")
        return digest.hexdigest()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EntityRuler:
        return cls(config)

    def __init__(self, config: dict[str, Any]) -> None:
        path = Path(config["patterns"])
        if not path.is_file():
            raise BotSetupError(f"The entity patterns are missing: there is no file {path}.")
        patterns = read_patterns(path)
        products = products_file()
        if products is not None and products.is_file():
            patterns += read_products(products)
        self._patterns = {str(position): pattern for position, pattern in enumerate(patterns)}
        self._pipeline = _pipeline(self._patterns)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT)
            if text:
                found = self.add_extractor_name(self.entities_in(text))
                message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages

    def entities_in(self, text: str) -> list[dict[str, Any]]:
        """Entities in the text's order, with the characters they cover; the same value of the same entity
        only once.
        """
        # spaCy stores words as UTF-8; one character for another keeps the positions true.
        document = self._pipeline(_SURROGATES.sub("\ufffd", text))
        found: dict[Any, dict[str, Any]] = {}
        for span in document.ents:
            pattern = self._patterns[span.ent_id_]
            if pattern.entity is None:
                continue
            value = pattern.value_of(span.text)
            # A slot that is given two equal values would become a list of both.
            found.setdefault(
                (pattern.entity, value),
                {
                    ENTITY_ATTRIBUTE_TYPE: pattern.entity,
                    ENTITY_ATTRIBUTE_START: span.start_char,
                    ENTITY_ATTRIBUTE_END: span.end_char,
                    ENTITY_ATTRIBUTE_VALUE: value,
                },
            )
        return list(found.values())


def products_file() -> Path | None:
    """Where the CRM leaves the catalogue's product names; None where no folder is configured."""
    folder = os.environ.get(ENTITIES_DIR_VARIABLE)
    return Path(folder) / PRODUCTS_FILE if folder else None


def _pipeline(patterns: dict[str, EntityPattern]) -> Language:
    pipeline = spacy.blank("en")
    # English tokenization has exceptions ("3pm", "1kg") that would tear postcodes and codes apart.
    pipeline.tokenizer = Tokenizer(
        pipeline.vocab,
        prefix_search=_OPENING.match,
        suffix_search=_closing,
        infix_finditer=_BETWEEN.finditer,
    )
    ruler = pipeline.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"})
    ruler.add_patterns(
        [
            {"label": pattern.entity or "ignored", "pattern": pattern.matches, "id": name}
            for name, pattern in patterns.items()
        ]
    )
    return pipeline


def _closing(word: str) -> re.Match[str] | None:
    """The sign a word ends with. To search it from the front would take seconds for thousands of signs."""
    return _CLOSING.search(word, max(len(word) - 1, 0))
