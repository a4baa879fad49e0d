import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sentence_encoder import EncoderMissing, SentenceEncoder
from sentence_encoder.description import read_description
from sentence_encoder.encoder import ENCODER_FILES, well_formed

from knowledge.encoder_export import DEFAULT_ENCODER, PUBLISHED_ENCODER, load_model

SENTENCES = [
    "Where is my order MM-10432?",
    "wheres my parcel its been 2 weeks!!!",
    "refund",
    "I'd like to return the Fell jacket (size M) I bought last Tuesday – it's too tight at the shoulders.",
    "STOP ASKING ME THE SAME QUESTION",
    "£3.95 for delivery?? café, naïve, Zoë, Łódź",
    "🙂🙂 thanks a lot 🎉",
    "配送にはどのくらい時間がかかりますか",
    "a",
    "",
    "   \n\t ",
    "word " * 1000,
    "x" * 10_000,
]
AWKWARD = [
    "",
    "  ",
    "\n",
    "🧥",
    "\ud800",
    "half \udc00 a pair",
    "\x00",
    "\u200d",
    "x" * 10_000,
    "no space" * 2_000,
]


def test_its_vectors_are_those_of_sentence_transformers(encoder: SentenceEncoder) -> None:
    original = load_model(DEFAULT_ENCODER).encode(SENTENCES, show_progress_bar=False)

    cosines = np.sum(encoder.encode(SENTENCES) * original, axis=1)

    assert cosines.min() >= 0.9999, dict(zip(SENTENCES, cosines, strict=True))


def test_the_adapter_brings_wishes_about_one_thing_apart_and_leaves_paraphrases_together(
    encoder: SentenceEncoder,
) -> None:
    published = load_model(PUBLISHED_ENCODER)

    def nearer_is_the_same_wish(vectors: np.ndarray) -> float:
        wish, same_wish, same_thing = vectors
        return float(wish @ same_wish - wish @ same_thing)

    sentences = ["I want my money back", "please refund me", "how long does a refund take"]
    before = nearer_is_the_same_wish(published.encode(sentences, show_progress_bar=False))

    assert nearer_is_the_same_wish(encoder.encode(sentences)) > before


def test_the_inner_vectors_are_means_over_the_tokens_after_the_layers_it_names(
    encoder: SentenceEncoder, encoder_folder: Path
) -> None:
    import torch

    layers = read_description(encoder_folder).inner_layers
    model = load_model(DEFAULT_ENCODER)
    deep = encoder.encode_deep(SENTENCES[:6])

    assert layers == (4, 0)
    for sentence, (_, *inner) in zip(SENTENCES[:6], deep, strict=True):
        with torch.no_grad():
            states = (
                model[0]
                .auto_model(**model.tokenizer(sentence, return_tensors="pt"), output_hidden_states=True)
                .hidden_states
            )
        for layer, vector in zip(layers, inner, strict=True):
            mean = states[layer][0].mean(dim=0).numpy()
            assert vector @ mean / np.linalg.norm(mean) == pytest.approx(1.0, abs=1e-4), (sentence, layer)


def test_the_first_of_the_deep_vectors_is_the_sentences_own(encoder: SentenceEncoder) -> None:
    deep = encoder.encode_deep(SENTENCES)

    assert deep.shape == (len(SENTENCES), encoder.blocks, encoder.dimension)
    assert deep.dtype == np.float32
    assert np.allclose(deep[:, 0], encoder.encode(SENTENCES), atol=1e-6)
    assert np.allclose(np.linalg.norm(deep, axis=2), 1.0, atol=1e-5)
    assert encoder.encode_deep([]).shape == (0, encoder.blocks, encoder.dimension)


@pytest.mark.parametrize("text", AWKWARD)
def test_every_text_has_a_vector_of_length_one(encoder: SentenceEncoder, text: str) -> None:
    (vector,) = encoder.encode([text])

    assert vector.dtype == np.float32
    assert vector.shape == (encoder.dimension,)
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)


def test_a_sentence_has_the_same_vector_alone_and_among_others_of_any_length(
    encoder: SentenceEncoder,
) -> None:
    together = encoder.encode(SENTENCES, batch_size=4)

    for sentence, vector in zip(SENTENCES, together, strict=True):
        assert np.allclose(vector, encoder.encode([sentence])[0], atol=1e-5), sentence


def test_more_texts_than_are_sorted_together_keep_their_order(
    encoder: SentenceEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sentence_encoder.encoder._SORTED_TOGETHER", 5)

    assert np.allclose(encoder.encode(SENTENCES, batch_size=3), encoder.encode(SENTENCES), atol=1e-5)


def test_no_texts_give_no_vectors(encoder: SentenceEncoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dimension)


def test_what_exceeds_the_limit_of_tokens_is_ignored(encoder: SentenceEncoder) -> None:
    long = "word " * 300

    assert np.array_equal(encoder.encode([long]), encoder.encode([long + "and something else"]))


def test_two_halves_of_a_character_become_that_character() -> None:
    assert well_formed("hi \ud83d\ude42") == "hi 🙂"


@given(st.text(alphabet=st.characters(categories=None)))
def test_any_text_becomes_one_that_can_be_written_as_utf8(text: str) -> None:
    well_formed(text).encode("utf-8")


def test_a_missing_encoder_says_where_it_was_looked_for_and_what_exports_it(tmp_path: Path) -> None:
    with pytest.raises(EncoderMissing, match=r"frontdesk up") as error:
        SentenceEncoder(tmp_path)

    assert str(tmp_path) in str(error.value)


@pytest.mark.parametrize("file", ENCODER_FILES)
def test_a_damaged_file_is_refused_with_the_remedy(encoder_folder: Path, tmp_path: Path, file: str) -> None:
    folder = shutil.copytree(encoder_folder, tmp_path / "encoder")
    (folder / file).write_bytes((folder / file).read_bytes()[:100])

    with pytest.raises(EncoderMissing, match=r"Remove that folder and run `frontdesk up`"):
        SentenceEncoder(folder)


@pytest.mark.parametrize(
    "change",
    [{"precision": "int1"}, {"max_tokens": None}],
    ids=["precision", "missing value"],
)
def test_a_description_it_cannot_follow_is_refused(
    encoder_folder: Path, tmp_path: Path, change: dict[str, object]
) -> None:
    folder = shutil.copytree(encoder_folder, tmp_path / "encoder")
    description = json.loads((folder / "encoder.json").read_text())
    (folder / "encoder.json").write_text(json.dumps(description | change))

    with pytest.raises(EncoderMissing, match=r"encoder\.json"):
        SentenceEncoder(folder)


def test_the_folder_of_an_older_version_is_refused_with_what_exports_it_again(
    encoder_folder: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(encoder_folder, tmp_path / "encoder")
    (folder / "encoder.json").write_text(json.dumps({"format": 1, "name": "any", "pooling": "mean"}))

    with pytest.raises(EncoderMissing, match=r"another version of Frontdesk. Run `frontdesk up`"):
        SentenceEncoder(folder)


def test_the_fingerprint_stays_with_the_files_and_changes_with_them(
    encoder_folder: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(encoder_folder, tmp_path / "encoder")
    before = SentenceEncoder(folder).fingerprint
    description = json.loads((folder / "encoder.json").read_text())
    (folder / "encoder.json").write_text(json.dumps(description | {"max_tokens": 128}))

    assert before == SentenceEncoder(encoder_folder).fingerprint
    assert before != SentenceEncoder(folder).fingerprint
