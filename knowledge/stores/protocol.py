"""What every store of vectors does."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class VectorStore(Protocol):
    """The unit vectors of an index, found by their cosine to another."""

    def nearest(self, vector: NDArray[np.float32], k: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """The rows of the `k` nearest and their cosines, best first; all of them where there are fewer.

        `vector` is a unit vector, float32 of shape (dimension,).
        """
        ...
