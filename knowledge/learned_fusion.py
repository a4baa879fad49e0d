"""Weights for a corpus, from the questions its own articles list."""

import numpy as np

from knowledge.fusion import LEAST_QUESTIONS, PRIOR, Fusion, fit_fusion
from knowledge.index_file import Kind, StoredIndex
from knowledge.parts import PartsOf

_MOST_QUESTIONS = 600
_MOST_ARTICLES = 5000
"""A larger corpus is weighed as PRIOR says: all its questions against all its articles would take minutes."""


def learned_fusion(index: StoredIndex, texts: dict[str, str]) -> Fusion:
    """Each known question is asked without itself; `texts` are the entries' by their keys."""
    rows = [row for row, entry in enumerate(index.entries) if entry.kind is Kind.QUESTION]
    if len(rows) < LEAST_QUESTIONS or len(index.articles) > _MOST_ARTICLES:
        return PRIOR
    chosen = np.random.default_rng(0).permutation(rows)[:_MOST_QUESTIONS]
    numbers = {article.slug: number for number, article in enumerate(index.articles)}
    gather = PartsOf(index)
    parts = []
    for row in chosen:
        cosines = index.vectors @ index.vectors[row]
        cosines[row] = -1.0
        parts.append(gather(texts[index.entries[row].key], cosines))
    right = np.array([numbers[index.entries[row].owner] for row in chosen], dtype=np.intp)
    return fit_fusion(np.stack(parts), right)
