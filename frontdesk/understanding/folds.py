"""Dealing examples into folds, so that each is judged by a model that has not seen it, nor its twin."""

import random
from collections import defaultdict
from collections.abc import Sequence

from frontdesk.trainer.check.examples import normalised
from frontdesk.understanding.sentences import Sentence

ALWAYS_LEARNT = -1


def deal(sentences: Sequence[Sentence], folds: int, seed: int = 0) -> list[int]:
    """The fold of each sentence, 0 to `folds` - 1, with every intent spread as evenly as it can be.

    Sentences of an intent that differ in case or punctuation alone stay together. The only sentence of an
    intent is ALWAYS_LEARNT: left out, nothing would be known of that intent.
    """
    random_order = random.Random(seed)
    twins: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for position, sentence in enumerate(sentences):
        twins[sentence.intent][normalised(sentence.text)].append(position)
    dealt = [ALWAYS_LEARNT] * len(sentences)
    next_fold = 0
    for intent in sorted(twins):
        groups = list(twins[intent].values())
        if len(groups) < 2:
            continue
        random_order.shuffle(groups)
        for group in groups:
            for position in group:
                dealt[position] = next_fold
            next_fold = (next_fold + 1) % folds
    return dealt
