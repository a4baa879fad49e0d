import json
import resource
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sentence_encoder import SentenceEncoder

from knowledge.encoder_export import EncoderExportFailed, export_encoder
from tests.small_models import FAMILIES, SAID, save_small_model

KILLED = """
import os, signal, sys
from pathlib import Path
from knowledge import encoder_export
def half(model, name, folder, *rest):
    (folder / "model.onnx").write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
encoder_export.load_model = lambda name: None
encoder_export._write = half
encoder_export.export_encoder(sys.argv[1], Path(sys.argv[2]), "int8")
"""
SENTENCES = ["where is my order", "refund", "I would like to return the jacket I bought last Tuesday 🙂", ""]


@pytest.mark.parametrize(
    ("pooling", "more", "prompt", "dimension", "blocks"),
    [
        ("cls", (), "", 32, 3),
        ("mean", (), "search: ", 32, 3),
        ("max", (), "", 32, 3),
        # What a smaller vector would stand beside has another dimension.
        ("mean", ("dense",), "", 16, 1),
    ],
)
def test_another_model_is_exported_with_its_own_pooling_and_prompt(
    tmp_path: Path, pooling: str, more: tuple[str, ...], prompt: str, dimension: int, blocks: int
) -> None:
    from sentence_transformers import SentenceTransformer

    source = str(save_small_model(tmp_path, pooling, *more, prompt=prompt))
    export_encoder(source, tmp_path / "encoder")
    encoder = SentenceEncoder(tmp_path / "encoder", threads=1)
    original = SentenceTransformer(source, device="cpu").encode(
        SENTENCES, normalize_embeddings=True, show_progress_bar=False
    )

    assert (encoder.name, encoder.dimension, encoder.blocks) == (source, dimension, blocks)
    assert np.sum(encoder.encode(SENTENCES) * original, axis=1).min() >= 0.9999


@pytest.mark.parametrize("precision", ["fp32", "int8"])
@pytest.mark.parametrize("family", list(FAMILIES))
def test_encoders_of_other_families_are_served_with_their_own_vectors(
    tmp_path: Path, family: str, precision: str
) -> None:
    """Others tokenizers, other padding, no token types, another pooling: each must come out as it went in."""
    from sentence_transformers import SentenceTransformer

    source = str(FAMILIES[family](tmp_path))
    export_encoder(source, tmp_path / "encoder", precision)
    encoder = SentenceEncoder(tmp_path / "encoder", threads=1)
    texts = [*SAID, *SENTENCES, " ".join(SAID) * 5]
    original = SentenceTransformer(source, device="cpu").encode(
        texts, normalize_embeddings=True, show_progress_bar=False
    )

    assert (encoder.dimension, encoder.blocks, encoder.precision) == (32, 3, precision)
    assert np.sum(encoder.encode(texts) * original, axis=1).min() >= (0.9999 if precision == "fp32" else 0.98)


def test_a_model_that_cannot_be_served_is_refused_and_nothing_is_left_behind(tmp_path: Path) -> None:
    source = str(save_small_model(tmp_path / "source", ""))

    with pytest.raises(EncoderExportFailed, match="made of Transformer; only a transformer with pooling"):
        export_encoder(source, tmp_path / "state" / "encoder")
    assert list((tmp_path / "state").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no-such-owner/no-such-model", "cannot be loaded .* the folder of a local one, or"),
        ("not a name!", "cannot be loaded .* the folder of a local one, or"),
        ("/no/such/folder", "There is no folder /no/such/folder"),
    ],
)
def test_a_name_that_leads_nowhere_is_refused_with_what_would_work(
    name: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)

    with pytest.raises(EncoderExportFailed, match=words) as error:
        export_encoder(name, tmp_path / "encoder")
    assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{ half a fi")

    with pytest.raises(EncoderExportFailed, match=r"model' cannot be loaded \(.+\)") as error:
        export_encoder(str(tmp_path / "model"), tmp_path / "state" / "encoder")
    assert "\n" not in str(error.value)


def test_a_disk_that_is_full_leaves_the_encoder_before_it(tmp_path: Path) -> None:
    source, folder = str(save_small_model(tmp_path / "source")), tmp_path / "state" / "encoder"
    export_encoder(source, folder)

    # A limit to the size of files fails like a full disk does, in the middle of a file.
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        with pytest.raises(EncoderExportFailed, match=r"cannot be written to .* \(File too large\)"):
            export_encoder(source, folder, "int8")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert SentenceEncoder(folder).precision == "fp32"
    assert list(folder.parent.iterdir()) == [folder]


def test_an_export_that_was_killed_leaves_the_encoder_before_it_and_the_next_clears_up(
    tmp_path: Path,
) -> None:
    source, folder = str(save_small_model(tmp_path / "source")), tmp_path / "state" / "encoder"
    export_encoder(source, folder)
    before = SentenceEncoder(folder).fingerprint

    killed = subprocess.run([sys.executable, "-c", KILLED, source, str(folder)], check=False)

    assert killed.returncode == -signal.SIGKILL
    assert len(list(folder.parent.iterdir())) == 2
    assert SentenceEncoder(folder).fingerprint == before
    export_encoder(source, folder, "int8")
    assert list(folder.parent.iterdir()) == [folder]
    assert SentenceEncoder(folder).precision == "int8"


def test_an_encoder_that_is_there_is_not_exported_again(
    encoder_folder: Path, encoder: SentenceEncoder
) -> None:
    before = {file.name: file.stat().st_mtime_ns for file in encoder_folder.iterdir()}

    export_encoder(encoder.name, encoder_folder)

    assert {file.name: file.stat().st_mtime_ns for file in encoder_folder.iterdir()} == before


def test_what_an_older_version_exported_is_exported_again(tmp_path: Path) -> None:
    source, folder = str(save_small_model(tmp_path / "source")), tmp_path / "encoder"
    export_encoder(source, folder)
    description = json.loads((folder / "encoder.json").read_text())
    (folder / "encoder.json").write_text(json.dumps(description | {"format": 1}))

    export_encoder(source, folder)

    assert SentenceEncoder(folder).blocks == 3


def test_another_name_or_a_missing_file_makes_a_new_export(tmp_path: Path) -> None:
    first = str(save_small_model(tmp_path / "first"))
    second = str(save_small_model(tmp_path / "second"))
    folder = tmp_path / "state" / "encoder"

    export_encoder(first, folder)
    export_encoder(second, folder)
    assert SentenceEncoder(folder).name == second

    (folder / "tokenizer.json").unlink()
    export_encoder(second, folder)
    assert SentenceEncoder(folder).name == second
    assert list(folder.parent.iterdir()) == [folder]


def test_importing_the_package_does_not_import_torch() -> None:
    code = "import sys, knowledge.encoder_export, knowledge.search; sys.exit('torch' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
