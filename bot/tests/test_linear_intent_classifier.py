import numpy as np
import pytest
from rasa.nlu.classifiers.fallback_classifier import FallbackClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix

from components.errors import BotSetupError
from components.linear_intent_classifier import LinearIntentClassifier
from components.sentence_encoder_featurizer import SentenceEncoderFeaturizer
from components.softmax_regression import SoftmaxRegression, choose_c, fit, out_of_fold

CONFIG = LinearIntentClassifier.get_default_config()
EXAMPLES = {
    "greet": ["hello", "hi there", "good morning", "hey", "hiya"],
    "order_status": [
        "where is my order",
        "track my parcel",
        "has it shipped",
        "when will it come",
        "is my order sent",
    ],
    "cancel_order": [
        "cancel my order",
        "please cancel it",
        "stop the order",
        "i changed my mind, cancel",
        "call it off",
    ],
}


@pytest.fixture
def featurizer(encoder_dir, storage, resource, context):
    return SentenceEncoderFeaturizer.create(
        SentenceEncoderFeaturizer.get_default_config(), storage, resource, context
    )


@pytest.fixture
def trained(featurizer, storage, resource, context, message):
    examples = [message(text, intent) for intent, texts in EXAMPLES.items() for text in texts]
    classifier = LinearIntentClassifier.create(CONFIG, storage, resource, context)
    classifier.train(featurizer.process_training_data(TrainingData(examples)))
    return LinearIntentClassifier.load(CONFIG, storage, resource, context)


def test_after_loading_unseen_wording_is_understood(trained, featurizer, message):
    (processed,) = trained.process(featurizer.process([message("could you cancel the order please")]))
    assert processed.get(INTENT)["name"] == "cancel_order"


def test_the_ranking_is_sorted_bounded_and_sums_to_one(trained, featurizer, message):
    (processed,) = trained.process(featurizer.process([message("hello there")]))
    confidences = [entry["confidence"] for entry in processed.get("intent_ranking")]
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) == pytest.approx(1.0, abs=1e-5)
    assert all(isinstance(confidence, float) for confidence in confidences)


def test_the_ranking_is_no_longer_than_asked_for(trained, featurizer, message):
    trained._config = {**CONFIG, "ranking_length": 2}
    (processed,) = trained.process(featurizer.process([message("hello there")]))
    assert len(processed.get("intent_ranking")) == 2


@pytest.mark.parametrize(
    "text", ["", "   ", "\u200b", "👍", "🏳️‍🌈" * 50, "\ud83d", "a" * 10_000, "ж" * 300, "?!"]
)
def test_whatever_is_typed_gets_a_ranking_or_falls_back(trained, featurizer, message, text):
    (processed,) = trained.process(featurizer.process([message(text)]))
    fallback = FallbackClassifier({"threshold": 0.3, "ambiguity_threshold": 0.05})
    fallback.process([processed])
    assert processed.get(INTENT)["name"] in {*EXAMPLES, "nlu_fallback"}


def test_blank_text_falls_back(trained, featurizer, message):
    (processed,) = trained.process(featurizer.process([message("  ")]))
    assert processed.get(INTENT) == {"name": None, "confidence": 0.0}


def test_a_single_intent_cannot_be_classified(featurizer, storage, resource, context, message):
    data = featurizer.process_training_data(TrainingData([message("hello", "greet"), message("hi", "greet")]))
    with pytest.raises(BotSetupError, match="fewer than two intents"):
        LinearIntentClassifier.create(CONFIG, storage, resource, context).train(data)


def test_features_stay_in_single_precision_and_ngrams_have_their_weight(storage, resource):
    message = Message(data={TEXT: "x"})
    message.add_features(Features(np.array([[0.6, 0.8]], dtype=np.float32), "sentence", TEXT, "dense"))
    message.add_features(Features(csr_matrix([[0, 3, 1]]), "sentence", TEXT, "ngrams"))
    row = LinearIntentClassifier(CONFIG, storage, resource)._features_of(message)
    assert row.dtype == np.float32
    assert np.linalg.norm(row[:, 2:].toarray()) == pytest.approx(CONFIG["sparse_weight"])


def clusters(intents=3, each=12, dimension=60):
    random = np.random.default_rng(0)
    centres = random.normal(size=(intents, dimension))
    points = np.repeat(centres, each, axis=0) + random.normal(scale=1.5, size=(intents * each, dimension))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    return points.astype(np.float32), [f"intent {number // each}" for number in range(intents * each)]


def test_fitting_in_the_space_of_the_examples_gives_the_very_same_model():
    features, labels = clusters()
    narrow, wide = features[:, :20], features
    for points in (narrow, wide, csr_matrix(wide)):
        model = fit(points, labels, 10)
        dense = points.toarray() if hasattr(points, "toarray") else points
        copies = fit(np.vstack([dense, dense]), labels * 2, 5)
        np.testing.assert_allclose(model.probabilities(points), copies.probabilities(dense), atol=5e-3)


def test_two_intents_are_enough(tmp_path):
    features, labels = clusters(intents=2)
    model = fit(features, labels, 10)
    model.write(tmp_path)
    again = SoftmaxRegression.read(tmp_path)
    right = [
        again.classes[row.argmax()] == label
        for row, label in zip(again.probabilities(features), labels, strict=True)
    ]
    assert np.mean(right) > 0.9


def test_the_strength_is_the_one_with_the_lowest_loss_on_unseen_examples():
    features, labels = clusters(each=6)
    candidates = (0.1, 10.0)
    losses = {
        c: -np.mean(
            [
                np.log(row[label])
                for row, label in zip(out_of_fold(features, labels, c, 3), labels, strict=True)
            ]
        )
        for c in candidates
    }
    assert choose_c(features, labels, candidates, 3, default=1.0) == min(losses, key=losses.get)


def test_an_intent_with_a_single_example_leaves_the_default_strength():
    features, labels = clusters()
    assert choose_c(features[:25], labels[:25], (1, 10), 3, default=7.0) == 7.0
