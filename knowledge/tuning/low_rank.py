"""What a tuning changed, in a file a hundredth of the model's size.

The change of a weight matrix has few directions that matter; they are found by singular value decomposition
(Eckart and Young, 1936) after a tuning of the whole, which needs no library of adapters to apply.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

Arrays = dict[str, NDArray[np.float16]]
"""Of a matrix `NAME.left` (out, rank) and `NAME.right` (rank, in); of a vector `NAME.whole`."""

_LEFT, _RIGHT, _WHOLE = ".left", ".right", ".whole"


def low_rank(before: SentenceTransformer, after: SentenceTransformer, rank: int) -> Arrays:
    """The change from one model to another of the same shape, its matrices of at most that rank, as float16.

    What has not changed is left out. Raises ValueError where the models are not of one shape.
    """
    old, new = dict(before.named_parameters()), dict(after.named_parameters())
    if {name: value.shape for name, value in old.items()} != {
        name: value.shape for name, value in new.items()
    }:
        raise ValueError("The two models differ in shape: one must be tuned from the other.")
    arrays: Arrays = {}
    for name, value in old.items():
        change = (new[name].detach().float() - value.detach().float()).cpu()
        if not change.any():
            continue
        if change.ndim == 2:
            left, sizes, right = torch.linalg.svd(change, full_matrices=False)
            # Both factors get half of the size: small numbers keep their digits in half precision.
            half = sizes[:rank].sqrt()
            arrays[name + _LEFT] = (left[:, :rank] * half).numpy().astype(np.float16)
            arrays[name + _RIGHT] = (half[:, None] * right[:rank]).numpy().astype(np.float16)
        else:
            arrays[name + _WHOLE] = change.numpy().astype(np.float16)
    return arrays


def write_change(file: Path, arrays: Arrays) -> None:
    """Keep a change as an .npz file. Raises OSError."""
    with file.open("wb") as opened:
        np.savez_compressed(opened, allow_pickle=False, **arrays)


def read_change(file: Path) -> Arrays:
    """What `write_change` has written. Raises OSError and ValueError."""
    with np.load(file, allow_pickle=False) as opened:
        return dict(opened)


def apply_low_rank(model: SentenceTransformer, arrays: Mapping[str, NDArray[np.float16]]) -> None:
    """Add a change to `model` in place. Raises ValueError where it belongs to another model."""
    changes: dict[str, NDArray[np.float32]] = {}
    for key in arrays:
        if key.endswith(_LEFT):
            name = key.removesuffix(_LEFT)
            changes[name] = arrays[key].astype(np.float32) @ arrays[name + _RIGHT].astype(np.float32)
        elif key.endswith(_WHOLE):
            changes[key.removesuffix(_WHOLE)] = arrays[key].astype(np.float32)
    parameters = dict(model.named_parameters())
    for name, change in changes.items():
        if name not in parameters or tuple(parameters[name].shape) != change.shape:
            raise ValueError(f"The change of {name} is of another model than this one.")
    with torch.no_grad():
        for name, change in changes.items():
            parameters[name].add_(torch.from_numpy(change).to(parameters[name]))
