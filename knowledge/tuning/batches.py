"""Which texts go through the network together; a dataset's labels are numbers as in `losses`."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import torch
from datasets import Dataset
from sentence_transformers.base.sampler import DefaultBatchSampler, NoDuplicatesBatchSampler
from torch.utils.data import SequentialSampler

_SORTED_TOGETHER = 8


def batches_of_like_length(dataset: Dataset, **settings: Any) -> DefaultBatchSampler:
    """For the trainer: labelled texts by length; of questions, none that another has the passage of."""
    if "label" in dataset.column_names:
        return BatchesOfLikeLength(dataset, **settings)
    return NoDuplicatesBatchSampler(dataset, **settings)


def batches_of_pairs(dataset: Dataset, **settings: Any) -> DefaultBatchSampler:
    """For the trainer: labelled texts two by two; of questions, none that another has the passage of."""
    if "label" in dataset.column_names:
        return BatchesOfPairs(dataset, **settings)
    return NoDuplicatesBatchSampler(dataset, **settings)


class _Shuffled(DefaultBatchSampler):
    """Every text once in each epoch, in an order of its own."""

    def __init__(self, dataset: Dataset, batch_size: int, drop_last: bool, **settings: Any) -> None:
        super().__init__(SequentialSampler(dataset), batch_size=batch_size, drop_last=drop_last, **settings)

    def _shuffled(self, count: int) -> list[int]:
        order: list[int] = torch.randperm(count, generator=self.generator).tolist()
        return order

    def _begin(self) -> None:
        if self.generator is not None and self.seed is not None:
            self.generator.manual_seed(self.seed + self.epoch)

    def _divided(self, rows: list[int]) -> list[list[int]]:
        return [rows[start : start + self.batch_size] for start in range(0, len(rows), self.batch_size)]


class BatchesOfLikeLength(_Shuffled):
    """Batches whose texts are about as long as each other, so that little of a batch is padding.

    A few batches' worth of random texts are sorted by length and divided, and the batches come in random
    order.
    """

    def __init__(self, dataset: Dataset, batch_size: int, drop_last: bool, **settings: Any) -> None:
        super().__init__(dataset, batch_size, drop_last, **settings)
        self._lengths = [len(text) for text in dataset["text"]]

    def __iter__(self) -> Iterator[list[int]]:
        self._begin()
        order = self._shuffled(len(self._lengths))
        together = _SORTED_TOGETHER * self.batch_size
        found: list[list[int]] = []
        for start in range(0, len(order), together):
            found += self._divided(sorted(order[start : start + together], key=self._lengths.__getitem__))
        for number in self._shuffled(len(found)):
            yield found[number]


class BatchesOfPairs(_Shuffled):
    """Batches of two texts of a label, two of another, and so on: random pairs in random order.

    With many labels a batch of single texts would hold hardly two of a kind.
    """

    def __init__(self, dataset: Dataset, batch_size: int, drop_last: bool, **settings: Any) -> None:
        super().__init__(dataset, batch_size, drop_last, **settings)
        self._labels = [number // len(dataset) for number in dataset["label"]]

    def __iter__(self) -> Iterator[list[int]]:
        self._begin()
        of_label: dict[int, list[int]] = defaultdict(list)
        for row in self._shuffled(len(self._labels)):
            of_label[self._labels[row]].append(row)
        pairs = [rows[start : start + 2] for rows in of_label.values() for start in range(0, len(rows), 2)]
        order = [row for number in self._shuffled(len(pairs)) for row in pairs[number]]
        yield from self._divided(order)
