import importlib.util
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.training_data import TrainingData
from sentence_encoder import SentenceEncoder

from components.errors import BotSetupError
from components.sentence_encoder_featurizer import ENCODER_DIR_VARIABLE, SentenceEncoderFeaturizer

CONFIG = SentenceEncoderFeaturizer.get_default_config()


@pytest.fixture
def featurizer(encoder_dir, storage, resource, context):
    return SentenceEncoderFeaturizer.create(CONFIG, storage, resource, context)


def test_a_messages_feature_is_the_encoders_vector(featurizer, encoder_dir, message):
    text = "wheres my parcel, MM-10432"
    (processed,) = featurizer.process([message(text)])
    sequence, sentence = processed.get_dense_features(TEXT)
    expected = SentenceEncoder(encoder_dir, threads=1).encode_deep([text])
    assert sequence is None
    np.testing.assert_allclose(sentence.features, expected.reshape(1, -1), atol=1e-5)


def test_without_inner_layers_the_feature_is_the_sentence_vector(
    encoder_dir, storage, resource, context, message
):
    featurizer = SentenceEncoderFeaturizer.create({**CONFIG, "inner": False}, storage, resource, context)
    (processed,) = featurizer.process([message("refund")])
    expected = SentenceEncoder(encoder_dir, threads=1).encode(["refund"])
    np.testing.assert_allclose(processed.get_dense_features(TEXT)[1].features, expected, atol=1e-5)


def test_training_data_gets_the_same_features_as_live_messages(featurizer, message):
    live = featurizer.process([message("cancel it please")])[0]
    data = featurizer.process_training_data(TrainingData([message("cancel it please")]))
    trained = data.training_examples[0].get_dense_features(TEXT)[1].features
    np.testing.assert_allclose(trained, live.get_dense_features(TEXT)[1].features, atol=1e-6)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("return order MM-10417, x.y9f3@example.org", "return order MM-22222, jo.hale@shop.example.net"),
        ("where is 1234567?", "where is 99999?"),
        ("<a@b.co> wants it", "<someone@else.com> wants it"),
    ],
)
def test_whose_address_and_which_number_makes_no_difference(featurizer, message, text, other):
    one, another = featurizer.process([message(text), message(other)])
    np.testing.assert_allclose(
        one.get_dense_features(TEXT)[1].features, another.get_dense_features(TEXT)[1].features, atol=1e-5
    )


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\ud83d", " \udc4d "])
def test_blank_text_has_no_feature(featurizer, message, text):
    (processed,) = featurizer.process([message(text)])
    assert processed.get_dense_features(TEXT) == (None, None)


def test_a_lone_surrogate_does_not_stop_the_others(featurizer, message):
    processed = featurizer.process([message("hi \ud83d there"), message("hello")])
    assert all(each.get_dense_features(TEXT)[1] is not None for each in processed)


def test_a_model_of_another_encoder_is_refused_with_the_remedy(featurizer, storage, resource, context):
    featurizer.train(TrainingData())
    with storage.write_to(resource) as folder:
        (folder / "encoder.json").write_text(json.dumps({"name": "another", "fingerprint": "f" * 64}))
    with pytest.raises(
        BotSetupError, match=r"another sentence encoder \(another, ffffffffffff\).*frontdesk train"
    ):
        SentenceEncoderFeaturizer.load(CONFIG, storage, resource, context)


def test_a_model_brings_its_own_encoder_where_that_is_kept_beside_the_one_in_use(
    encoder_dir, storage, resource, context, featurizer, monkeypatch, tmp_path
):
    featurizer.train(TrainingData())
    (tmp_path / "encoders").mkdir()
    shutil.copytree(encoder_dir, tmp_path / "encoders" / featurizer.encoder.fingerprint[:16])
    other = shutil.copytree(encoder_dir, tmp_path / "encoder")
    described = json.loads((other / "encoder.json").read_text())
    (other / "encoder.json").write_text(json.dumps({**described, "max_tokens": 32}))
    monkeypatch.setenv(ENCODER_DIR_VARIABLE, str(other))
    loaded = SentenceEncoderFeaturizer.load(CONFIG, storage, resource, context)
    assert loaded.encoder.fingerprint == featurizer.encoder.fingerprint
    created = SentenceEncoderFeaturizer.create(CONFIG, storage, resource, context)
    assert created.encoder.fingerprint != featurizer.encoder.fingerprint


def test_two_models_of_one_encoder_share_it_in_memory(featurizer, storage, resource, context):
    featurizer.train(TrainingData())
    loaded = SentenceEncoderFeaturizer.load(CONFIG, storage, resource, context)
    assert loaded.encoder is featurizer.encoder


def test_a_model_of_the_same_encoder_is_loaded(featurizer, storage, resource, context):
    featurizer.train(TrainingData())
    loaded = SentenceEncoderFeaturizer.load(CONFIG, storage, resource, context)
    assert loaded.encoder.fingerprint == featurizer.encoder.fingerprint


def test_the_cache_fingerprint_is_that_of_the_encoders_files(featurizer):
    assert SentenceEncoderFeaturizer.fingerprint_addon(CONFIG) == featurizer.encoder.fingerprint


def test_without_a_folder_the_sentence_names_the_variable(monkeypatch):
    monkeypatch.delenv(ENCODER_DIR_VARIABLE, raising=False)
    with pytest.raises(BotSetupError, match=ENCODER_DIR_VARIABLE):
        SentenceEncoderFeaturizer.fingerprint_addon(CONFIG)


def test_an_empty_folder_is_named(monkeypatch, tmp_path: Path):
    monkeypatch.setenv(ENCODER_DIR_VARIABLE, str(tmp_path))
    with pytest.raises(BotSetupError, match=str(tmp_path)):
        SentenceEncoderFeaturizer.fingerprint_addon(CONFIG)


def test_the_cache_fingerprint_needs_no_options_since_rasa_asks_without_them(featurizer):
    assert SentenceEncoderFeaturizer.fingerprint_addon({}) == featurizer.encoder.fingerprint


def test_no_torch_can_come_into_the_bots_process():
    assert importlib.util.find_spec("torch") is None
