"""The store that compares with every vector."""

import numpy as np
from numpy.typing import NDArray


class ExactStore:
    """Vectors in memory, float32 of shape (rows, dimension); exact, in time that grows with the rows."""

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        self._vectors = vectors

    def nearest(self, vector: NDArray[np.float32], k: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """See `VectorStore`; equal ones come in the order of their rows."""
        # `@` hands so small a product to several threads, which wait for each other on a busy machine.
        cosines = np.einsum("ij,j->i", self._vectors, vector)
        some = np.arange(len(cosines))
        if k < len(cosines):
            # All that are as near as the last one that is asked for.
            some = np.flatnonzero(cosines >= np.partition(cosines, -k)[-k])
        rows = some[np.argsort(-cosines[some], kind="stable")][:k]
        return rows, cosines[rows]
