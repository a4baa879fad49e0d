"""Points around a centre for each intent, which stand for features of sentences."""

import numpy as np


def clusters(intents=3, each=12, dimension=60, seed=0):
    centres = np.random.default_rng(0).normal(size=(intents, dimension))
    random = np.random.default_rng(seed + 1)
    points = np.repeat(centres, each, axis=0) + random.normal(scale=1.5, size=(intents * each, dimension))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    return points.astype(np.float32), [f"intent {number // each}" for number in range(intents * each)]
