import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sentence_encoder import SentenceEncoder

from knowledge.encoder_export import EncoderExportFailed, export_encoder
from tests.small_models import save_small_model

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


def test_a_model_that_cannot_be_served_is_refused_and_nothing_is_left_behind(tmp_path: Path) -> None:
    source = str(save_small_model(tmp_path / "source", ""))

    with pytest.raises(EncoderExportFailed, match="made of Transformer; only a transformer with pooling"):
        export_encoder(source, tmp_path / "state" / "encoder")
    assert list((tmp_path / "state").iterdir()) == []


def test_a_name_that_leads_nowhere_is_refused_with_what_would_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    with pytest.raises(EncoderExportFailed, match="all-MiniLM-L6-v2"):
        export_encoder(str(tmp_path / "no-such-model"), tmp_path / "encoder")


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
