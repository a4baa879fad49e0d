"""Which texts go through the network together."""

from collections.abc import Iterator
from typing import Any

import torch
from datasets import Dataset
from sentence_transformers.base.sampler import DefaultBatchSampler, NoDuplicatesBatchSampler
from torch.utils.data import SequentialSampler

_SORTED_TOGETHER = 8


def batches(dataset: Dataset, **settings: Any) -> DefaultBatchSampler:
    """For the trainer: labelled texts by length; of questions, none that another has the passage of."""
    if "label" in dataset.column_names:
        return BatchesOfLikeLength(dataset, **settings)
    return NoDuplicatesBatchSampler(dataset, **settings)


class BatchesOfLikeLength(DefaultBatchSampler):
    """Batches whose texts are about as long as each other, so that little of a batch is padding.

    Shuffled anew for each epoch: a few batches' worth of random texts are sorted by length and divided, and
    the batches come in random order.
    """

    def __init__(self, dataset: Dataset, batch_size: int, drop_last: bool, **settings: Any) -> None:
        super().__init__(SequentialSampler(dataset), batch_size=batch_size, drop_last=drop_last, **settings)
        self._lengths = [len(text) for text in dataset["text"]]

    def __iter__(self) -> Iterator[list[int]]:
        if self.generator is not None and self.seed is not None:
            self.generator.manual_seed(self.seed + self.epoch)
        order = torch.randperm(len(self._lengths), generator=self.generator).tolist()
        together = _SORTED_TOGETHER * self.batch_size
        found: list[list[int]] = []
        for start in range(0, len(order), together):
            rows = sorted(order[start : start + together], key=self._lengths.__getitem__)
            found.extend(
                rows[first : first + self.batch_size] for first in range(0, len(rows), self.batch_size)
            )
        for number in torch.randperm(len(found), generator=self.generator).tolist():
            yield found[number]
