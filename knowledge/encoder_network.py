"""The network of a SentenceTransformer as an ONNX file that pools by itself.

torch is needed here; whoever calls has loaded it with the model already.
"""

import inspect
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentence_encoder.encoder import INNER_OUTPUT, SENTENCE_OUTPUT

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

OPSET = 17

_NETWORK_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
# Of different length, so that the traced batch has padding and the network's handling of the mask is
# recorded.
_TRACED = (
    "Where is my order?",
    "I ordered a rain jacket two weeks ago, it has still not arrived, and nobody answers my e-mails.",
    "refund",
)


def inner_layers(model: "SentenceTransformer") -> tuple[int, ...]:
    """The layers worth having beside the last: the one two thirds up, and the embeddings.

    Chosen for intents, see docs/decisions/0017. None where a module after the pooling changes the dimension,
    since their vectors would then not fit beside the sentence vector.
    """
    network: Any = _network(model)
    if network.config.hidden_size != model.get_embedding_dimension():
        return ()
    last = network.config.num_hidden_layers
    middle = round(2 * last / 3)
    return (middle, 0) if 0 < middle < last else (0,)


def write_network(model: "SentenceTransformer", inner: tuple[int, ...], path: Path) -> None:
    """Trace the whole chain of modules, with one more output for the layers in `inner`.

    An inner vector is the mean over the tokens, whatever the model's own pooling.
    """
    import torch
    from torch.nn.functional import normalize

    network = _network(model)
    after = list(model)[1:]
    accepted = inspect.signature(network.forward).parameters
    tokens = model.tokenizer(list(_TRACED), padding=True, return_tensors="pt")
    names = [name for name in _NETWORK_INPUTS if name in tokens and name in accepted]

    class Pooled(torch.nn.Module):
        """The model as a function of its inputs in order, which is what the exporter records."""

        def __init__(self) -> None:
            super().__init__()
            self.network = network
            self.after = torch.nn.ModuleList(after)

        def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
            named = dict(zip(names, inputs, strict=True))
            output = self.network(**named, output_hidden_states=bool(inner))
            features: dict[str, Any] = {**named, "token_embeddings": output.last_hidden_state}
            for module in self.after:
                features = module(features)
            sentence = normalize(features["sentence_embedding"], dim=-1)
            if not inner:
                return (sentence,)
            mask = named["attention_mask"].unsqueeze(-1).to(sentence.dtype)
            share = mask / mask.sum(dim=1, keepdim=True).clamp(min=1.0)
            means = [(output.hidden_states[layer] * share).sum(dim=1) for layer in inner]
            return sentence, normalize(torch.stack(means, dim=1), dim=-1)

    outputs = [SENTENCE_OUTPUT, *([INNER_OUTPUT] if inner else [])]
    with _quiet():
        torch.onnx.export(
            Pooled().eval(),
            tuple(tokens[name] for name in names),
            path,
            dynamo=False,
            opset_version=OPSET,
            input_names=names,
            output_names=outputs,
            dynamic_axes={
                **{name: {0: "batch", 1: "length"} for name in names},
                **{name: {0: "batch"} for name in outputs},
            },
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence about the deprecated exporter, whose successor writes a slower file, and its traces: what it
    wrote is compared with the original.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _network(model: "SentenceTransformer") -> Any:
    transformer: Any = model[0]
    return transformer.auto_model
