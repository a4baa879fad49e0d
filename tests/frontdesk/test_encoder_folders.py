"""Which encoder is in use, and how it changes."""

import io
import json
import os
import tarfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from sentence_encoder import SentenceEncoder, folder_of
from sentence_encoder.encoder import ENCODER_FILES

from frontdesk.encoder_folders import (
    CHANGE_FILE,
    forget_encoders,
    in_use,
    keep_encoder,
    prepare_encoder,
    use_encoder,
)
from frontdesk.model_files import candidate_file, make_current
from knowledge.encoder_export import EncoderExportFailed, load_model, write_encoder
from knowledge.tuning.low_rank import low_rank
from tests.small_models import save_small_model

LONG_AGO = (0.0, 0.0)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of a small SentenceTransformer."""
    return str(save_small_model(tmp_path_factory.mktemp("model"), "mean"))


def write_words(folder: Path, word: str) -> None:
    """A folder with an encoder's files, which nothing here opens."""
    folder.mkdir()
    for name in ENCODER_FILES:
        (folder / name).write_text(word)


def kept(state: Path, word: str) -> Path:
    return keep_encoder(state, lambda folder: write_words(folder, word))


def test_the_encoder_is_exported_once_and_named_by_its_fingerprint(model: str, tmp_path: Path) -> None:
    folder = prepare_encoder(tmp_path, model, "fp32")
    encoder = SentenceEncoder(folder)
    before = (folder / "model.onnx").stat().st_mtime_ns

    assert prepare_encoder(tmp_path, model, "fp32") == folder == in_use(tmp_path)
    assert (folder / "model.onnx").stat().st_mtime_ns == before
    assert folder.resolve() == tmp_path / "encoders" / encoder.fingerprint[:16]
    assert folder_of(folder, encoder.fingerprint) == folder.resolve()
    assert folder_of(folder, "f" * 64) is None


def test_two_at_once_make_one_encoder(model: str, tmp_path: Path) -> None:
    threads = [threading.Thread(target=prepare_encoder, args=(tmp_path, model, "fp32")) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert SentenceEncoder(in_use(tmp_path)).name == model
    assert sorted(path.name for path in (tmp_path / "encoders").iterdir()) == [
        in_use(tmp_path).resolve().name
    ]


def test_a_reader_meets_the_encoder_before_or_the_new_one_and_nothing_between(tmp_path: Path) -> None:
    folders = [kept(tmp_path, word) for word in ("one", "two")]
    use_encoder(tmp_path, folders[0])
    done = threading.Event()
    met: set[str] = set()

    def read() -> None:
        while not done.is_set():
            met.add((in_use(tmp_path) / "encoder.json").read_text())

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(200):
        use_encoder(tmp_path, folders[turn % 2])
    done.set()
    reader.join()

    assert met == {"one", "two"}


def test_a_folder_of_an_older_version_makes_way_and_stays_for_its_model(tmp_path: Path) -> None:
    write_words(in_use(tmp_path), "old")
    fresh = kept(tmp_path, "new")

    use_encoder(tmp_path, fresh)

    assert in_use(tmp_path).resolve() == fresh
    assert {(folder / "encoder.json").read_text() for folder in (tmp_path / "encoders").iterdir()} == {
        "old",
        "new",
    }


def test_a_damaged_folder_is_written_again(tmp_path: Path) -> None:
    folder = kept(tmp_path, "one")
    (folder / "model.onnx").write_text("half")

    assert kept(tmp_path, "one") == folder
    assert (folder / "model.onnx").read_text() == "one"


def test_what_a_killed_export_left_is_removed_and_never_used(tmp_path: Path) -> None:
    left = tmp_path / "encoders" / ".fresh-killed"
    left.mkdir(parents=True)
    (left / "model.onnx").write_text("half")

    folder = kept(tmp_path, "one")

    assert list((tmp_path / "encoders").iterdir()) == [folder]


def test_encoders_that_nothing_names_are_forgotten_when_they_are_old(tmp_path: Path) -> None:
    words = ("in use", "of the model", "of the model before", "of nothing", "of nothing, but new")
    folders = {word: kept(tmp_path, word) for word in words}
    use_encoder(tmp_path, folders["in use"])
    for word in ("of the model before", "of the model"):
        current = candidate_file(tmp_path, word.replace(" ", "-"))
        write_model(current, folder_fingerprint(folders[word]))
        make_current(tmp_path, current)
    for word, folder in folders.items():
        if word != "of nothing, but new":
            os.utime(folder, LONG_AGO)

    forget_encoders(tmp_path)

    assert {word for word, folder in folders.items() if folder.exists()} == set(words) - {"of nothing"}


def test_another_precision_keeps_what_tuning_changed(model: str, tmp_path: Path) -> None:
    tuned = load_model(model)
    for parameter in tuned[0].auto_model.encoder.layer[0].output.dense.parameters():
        parameter.data += 0.3
    change = low_rank(load_model(model), tuned, rank=4)

    def write(folder: Path) -> None:
        write_encoder(tuned, model, folder, tuned="2026-11-22")
        np.savez(folder / CHANGE_FILE, **change)

    use_encoder(tmp_path, keep_encoder(tmp_path, write))
    assert prepare_encoder(tmp_path, model, "fp32").resolve() == in_use(tmp_path).resolve()
    exact = SentenceEncoder(in_use(tmp_path))

    smaller = SentenceEncoder(prepare_encoder(tmp_path, model, "int8"))

    assert (smaller.name, smaller.precision, smaller.tuned) == (model, "int8", "2026-11-22")
    assert float(np.sum(smaller.encode(["my parcel"]) * exact.encode(["my parcel"]))) > 0.98
    assert (in_use(tmp_path) / CHANGE_FILE).is_file()


def test_where_nothing_can_be_written_a_sentence_says_so(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file in the way")

    with pytest.raises(EncoderExportFailed, match=r"cannot be written .* FRONTDESK_STATE_DIR"):
        kept(tmp_path / "state", "one")


def folder_fingerprint(folder: Path) -> str:
    from sentence_encoder.encoder import fingerprint_of

    return fingerprint_of(folder)


def write_model(model: Path, fingerprint: str) -> None:
    """As much of a Rasa model as is read here."""
    model.parent.mkdir(exist_ok=True)
    said = json.dumps({"name": "any", "fingerprint": fingerprint}).encode()
    with tarfile.open(model, "w:gz") as archive:
        member = tarfile.TarInfo("components/train_components.x.SentenceEncoderFeaturizer1/encoder.json")
        member.size, member.mtime = len(said), int(time.time())
        archive.addfile(member, io.BytesIO(said))
