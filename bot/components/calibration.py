"""Confidences that mean what they say: of the answers given with .8, eight in ten are right.

One number corrects a whole model (temperature scaling: Guo et al., On Calibration of Modern Neural Networks,
2017), and changes no ranking.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar

_LIMITS = (0.5, 3.0)


def sharpened(log_probabilities: np.ndarray, sharpness: float) -> np.ndarray:
    """Probabilities whose rows sum to 1: surer the larger the sharpness, the inverse of a temperature."""
    return np.exp(log_softmax(sharpness * log_probabilities))


def fitted_sharpness(log_probabilities: np.ndarray, right: np.ndarray) -> float:
    """The sharpness that loses least (mean negative log probability) on examples the model has not seen.

    Of each row (n, classes), `right` has the number of its class.
    """

    def loss(sharpness: float) -> float:
        return calibration_loss(log_probabilities, right, sharpness)

    return float(minimize_scalar(loss, bounds=_LIMITS, method="bounded").x)


def calibration_loss(log_probabilities: np.ndarray, right: np.ndarray, sharpness: float) -> float:
    """Mean negative log probability of the right classes."""
    return -float(log_softmax(sharpness * log_probabilities)[np.arange(len(right)), right].mean())


def log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
