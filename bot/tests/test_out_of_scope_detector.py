import json

import numpy as np
import pytest
from rasa.nlu.classifiers.fallback_classifier import FallbackClassifier
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.ensemble_intent_classifier import INTENT_EVIDENCE, EnsembleIntentClassifier
from components.errors import BotSetupError
from components.out_of_scope_detector import OutOfScopeDetector
from components.sentence_encoder_featurizer import SentenceEncoderFeaturizer
from tests.clusters import clusters

CONFIG = OutOfScopeDetector.get_default_config()
COUNTER = "out_of_scope"
EXAMPLES = {
    "order_status": ["where is my order", "track my parcel", "has it shipped", "when will my parcel come"],
    "cancel_order": ["cancel my order", "please cancel it", "stop the order", "cancel the purchase"],
    "refund": ["i want my money back", "refund me please", "when is my refund", "give me a refund"],
}


def featured(vector, intent=None, evidence=None):
    made = Message(data={TEXT: "text", **({INTENT: intent} if intent else {})})
    if vector is not None:
        row = np.asarray(vector, np.float32)[np.newaxis]
        made.add_features(Features(row, FEATURE_TYPE_SENTENCE, TEXT, "encoder"))
    if evidence:
        made.set(INTENT_EVIDENCE, evidence)
    return made


def asked(vector, intent="intent 0", confidence=0.9, energy=None):
    evidence = None if energy is None else {"energy": energy, "intent": intent}
    message = featured(vector, evidence=evidence)
    best = {"name": intent, "confidence": confidence}
    message.set(INTENT, best)
    message.set(INTENT_RANKING_KEY, [best, {"name": "intent 1", "confidence": 1 - confidence}])
    return message


def strangers(count=30, dimension=60):
    points = np.random.default_rng(9).normal(size=(count, dimension))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


@pytest.fixture
def trained(storage, resource, context):
    def train(messages, config=CONFIG):
        detector = OutOfScopeDetector.create(config, storage, resource, context)
        detector.train(TrainingData(messages))
        return OutOfScopeDetector.load(config, storage, resource, context)

    return train


@pytest.fixture
def known(trained):
    vectors, intents = clusters(intents=4, each=30)
    return trained([featured(*pair) for pair in zip(vectors, intents, strict=True)])


def outcome(detector, message):
    (processed,) = detector.process([message])
    return processed.get("out_of_scope")


def share_rejected(detector, vectors):
    return np.mean([outcome(detector, asked(vector))["rejected"] for vector in vectors])


def test_unseen_messages_of_known_intents_are_kept_and_strangers_are_not(known):
    unseen, _ = clusters(intents=4, each=30, seed=5)
    assert share_rejected(known, unseen) < 0.15
    assert share_rejected(known, strangers()) > 0.85


def test_a_rejected_message_falls_back_and_keeps_its_ranking(known):
    (processed,) = known.process([asked(strangers()[0])])
    assert processed.get(INTENT)["name"] == "nlu_fallback"
    assert 0.9 <= processed.get(INTENT)["confidence"] <= 1
    names = [entry["name"] for entry in processed.get(INTENT_RANKING_KEY)]
    assert names == ["nlu_fallback", "intent 0", "intent 1"]


def test_rasas_own_fallback_afterwards_adds_no_second_one(known):
    messages = known.process([asked(strangers()[0])])
    FallbackClassifier({"threshold": 0.6, "ambiguity_threshold": 0.0}).process(messages)
    names = [entry["name"] for entry in messages[0].get(INTENT_RANKING_KEY)]
    assert names.count("nlu_fallback") == 1


def test_a_kept_message_keeps_its_intent(known):
    (processed,) = known.process([asked(clusters(intents=4, each=30)[0][0])])
    assert processed.get(INTENT) == {"name": "intent 0", "confidence": 0.9}
    assert processed.get("out_of_scope")["rejected"] is False


def test_the_outcome_is_plain_json_in_the_answer(known):
    (processed,) = known.process([asked(strangers()[0])])
    assert json.loads(json.dumps(processed.get("out_of_scope"))).keys() == {"score", "threshold", "rejected"}
    assert "out_of_scope" in processed.as_dict(only_output_properties=True)


def test_a_message_without_features_is_rejected(known):
    told = outcome(known, asked(None, intent=None, confidence=0.0))
    assert told["rejected"]
    assert np.isfinite(told["score"])


def test_a_predicted_counter_example_stays_and_counts_as_rejected(known):
    (processed,) = known.process([asked(clusters(intents=4, each=30)[0][0], COUNTER, 0.8)])
    told = processed.get("out_of_scope")
    assert processed.get(INTENT)["name"] == COUNTER
    assert told["rejected"]
    assert told["score"] > told["threshold"]


def test_the_classifiers_energy_counts(trained):
    vectors, intents = clusters(intents=4, each=30)
    random = np.random.default_rng(0)
    detector = trained(
        [
            featured(vector, intent, {"energy": 5 + random.normal(), "intent": intent})
            for vector, intent in zip(vectors, intents, strict=True)
        ]
    )
    sure, unsure = (outcome(detector, asked(vectors[0], energy=energy))["score"] for energy in (6.0, 1.0))
    without = outcome(detector, asked(vectors[0]))["score"]
    assert sure < unsure
    assert np.isfinite(without)


def test_counter_examples_move_what_resembles_them_out(trained):
    vectors, intents = clusters(intents=4, each=30)
    examples = list(zip(vectors, intents, strict=True))
    inside = [pair for pair in examples if pair[1] != "intent 3"]
    near = [vector for vector, intent in examples if intent == "intent 3"]
    unseen = clusters(intents=4, each=30, seed=5)[0][90:]
    alone = trained([featured(*pair) for pair in inside])
    before = np.mean([outcome(alone, asked(vector))["score"] for vector in unseen])
    helped = trained([featured(*pair) for pair in inside] + [featured(vector, COUNTER) for vector in near])
    after = np.mean([outcome(helped, asked(vector))["score"] for vector in unseen])
    assert after > before
    assert share_rejected(helped, unseen) >= share_rejected(alone, unseen)


@pytest.mark.parametrize(("intents", "each"), [(5, 1), (5, 2), (2, 1), (1, 40), (1, 2), (3, 400)])
def test_any_number_of_examples_gives_finite_scores_and_keeps_what_was_learnt(trained, intents, each):
    vectors, names = clusters(intents=intents, each=each)
    detector = trained([featured(*pair) for pair in zip(vectors, names, strict=True)])
    assert share_rejected(detector, vectors[:50]) <= 0.1
    assert all(np.isfinite(outcome(detector, asked(vector))["score"]) for vector in strangers())


@pytest.mark.parametrize("count", [0, 1])
def test_with_nothing_to_compare_with_nothing_is_rejected(trained, count):
    detector = trained([featured(vector, "intent 0") for vector in strangers(count)])
    assert outcome(detector, asked(strangers()[0])) == {"score": 0.0, "threshold": 0.0, "rejected": False}


def test_counter_examples_alone_reject_only_what_the_classifier_gives_them(trained):
    detector = trained([featured(vector, COUNTER) for vector in strangers(5)])
    assert not outcome(detector, asked(strangers()[0]))["rejected"]


def test_the_same_examples_give_the_same_detector(trained):
    vectors, intents = clusters(intents=4, each=30)
    messages = [featured(*pair) for pair in zip(vectors, intents, strict=True)]
    first = outcome(trained(messages), asked(strangers()[0]))
    assert outcome(trained(messages), asked(strangers()[0])) == first


def test_what_was_chosen_can_be_read_beside_the_model(known, storage, resource):
    with storage.read_from(resource) as folder:
        about = json.loads((folder / "out_of_scope.json").read_text(encoding="utf-8"))
    assert about["kept"] == 0.95
    assert isinstance(about["threshold"], float)
    assert isinstance(about["thresholds"], dict)


@pytest.mark.parametrize("kept", [0, 1, 95])
def test_a_share_that_is_none_is_refused(kept, storage, resource, context):
    with pytest.raises(BotSetupError, match="above 0 and below 1"):
        OutOfScopeDetector.create({**CONFIG, "kept": kept}, storage, resource, context)


def test_the_fingerprint_covers_the_modules_that_do_the_work(monkeypatch, tmp_path):
    from components import out_of_scope_score

    before = OutOfScopeDetector.fingerprint_addon(CONFIG)
    changed = tmp_path / "changed.py"
    changed.write_text("another way", encoding="utf-8")
    monkeypatch.setattr(out_of_scope_score, "__file__", str(changed))
    assert OutOfScopeDetector.fingerprint_addon(CONFIG) != before


def test_behind_the_real_encoder_and_classifier(trained, encoder_dir, storage, context, message):
    from rasa.engine.storage.resource import Resource

    parts = storage, Resource("featurizer"), context
    featurizer = SentenceEncoderFeaturizer.create(SentenceEncoderFeaturizer.get_default_config(), *parts)
    classifier = EnsembleIntentClassifier.create(
        EnsembleIntentClassifier.get_default_config(), storage, Resource("classifier"), context
    )
    examples = [message(text, intent) for intent, texts in EXAMPLES.items() for text in texts]
    data = featurizer.process_training_data(TrainingData(examples))
    classifier.train(data)
    data = classifier.process_training_data(data)
    detector = trained(data.training_examples)

    def score(text):
        return outcome(detector, classifier.process(featurizer.process([message(text)]))[0])["score"]

    known = max(score(text) for text in ("could you cancel my order", "where is the parcel i ordered"))
    assert known < min(score(text) for text in ("who painted the mona lisa", "asdfgh jkl", "ich habe hunger"))
    assert score("   ") > known
