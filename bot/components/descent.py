"""Finding the bottom of a smooth convex function of very many variables.

L-BFGS (Nocedal and Wright, Numerical Optimization, algorithm 7.5) in single precision. scipy's has bounds to
look after, and with a million variables spends three quarters of its time on them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np

Function = Callable[[np.ndarray], tuple[float, np.ndarray]]
"""Value and gradient at a point."""

_MEMORY = 8
_SUFFICIENT = 1e-4
_ROUNDING = 1e-7
_MOST_HALVINGS = 20


def descend(function: Function, start: np.ndarray, flat: float, most_steps: int) -> np.ndarray:
    """A point where no part of the gradient is larger than `flat`, or the last one after `most_steps`."""
    point = start.astype(np.float32)
    value, gradient = function(point)
    pairs: deque[tuple[np.ndarray, np.ndarray, float]] = deque(maxlen=_MEMORY)
    for _ in range(most_steps):
        if np.abs(gradient).max() <= flat:
            break
        direction = _direction(gradient, pairs)
        slope = float(gradient @ direction)
        length = 1.0 if pairs else 1.0 / max(float(np.linalg.norm(gradient)), 1.0)
        for _ in range(_MOST_HALVINGS):
            step = np.float32(length) * direction
            reached, steepness = function(point + step)
            if reached <= value + _SUFFICIENT * length * slope + _ROUNDING:
                break
            length /= 2
        else:
            break  # single precision sees no lower place
        change = steepness - gradient
        curvature = float(step @ change)
        if curvature > 0:
            pairs.append((step, change, 1 / curvature))
        point, value, gradient = point + step, reached, steepness
    return point


def _direction(gradient: np.ndarray, pairs: deque[tuple[np.ndarray, np.ndarray, float]]) -> np.ndarray:
    """The way down, bent by what the last steps taught about the curvature."""
    direction = -gradient
    if not pairs:
        return direction
    shares = []
    for step, change, inverse in reversed(pairs):
        share = inverse * float(step @ direction)
        direction -= np.float32(share) * change
        shares.append(share)
    _, change, inverse = pairs[-1]
    direction *= np.float32(1 / (inverse * float(change @ change)))
    for (step, change, inverse), share in zip(pairs, reversed(shares), strict=True):
        direction += np.float32(share - inverse * float(change @ direction)) * step
    return direction
