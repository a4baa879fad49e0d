"""What tuning minimises on labelled texts: how far texts of one label are apart, and from where they were.

Both kinds get from the trainer one number for each text of a batch, `label * n + row`: which of the n texts
it is, and its label, counted from 0.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class AnchoredLoss(nn.Module, ABC):
    """The mean of `apart` over a batch, and `anchor` times the mean of (1 - cosine to the vector before).

    `before` (n, dimension) are the unit vectors of all n texts before tuning. The anchor keeps what the
    encoder knew of other texts from being forgotten for these.
    """

    before: Tensor

    def __init__(self, model: nn.Module, before: Tensor, *, scale: float, anchor: float) -> None:
        super().__init__()
        self.model = model
        self.scale = scale
        self.anchor = anchor
        self.register_buffer("before", before, persistent=False)

    def forward(self, sentence_features: Iterable[dict[str, Any]], numbers: Tensor) -> Tensor:
        """Of a batch with one column of texts; `numbers` (batch,) as the module says."""
        (features,) = sentence_features
        vectors = functional.normalize(self.model(features)["sentence_embedding"].float(), dim=1)
        labels, rows = numbers // len(self.before), numbers % len(self.before)
        loss = self.apart(vectors, labels)
        if self.anchor:
            loss = loss + self.anchor * (1 - (vectors * self.before[rows]).sum(dim=1)).mean()
        return loss

    @abstractmethod
    def apart(self, vectors: Tensor, labels: Tensor) -> Tensor:
        """How badly the labels (batch,) are told apart by unit vectors (batch, dimension)."""


class ContrastiveLoss(AnchoredLoss):
    """Supervised contrastive loss (Khosla et al., 2020): for each text of a batch, how unlikely those of its
    label are among all others of the batch, by the softmax of `scale` times their cosines.
    """

    def apart(self, vectors: Tensor, labels: Tensor) -> Tensor:
        itself = torch.eye(len(vectors), dtype=torch.bool, device=vectors.device)
        logits = (vectors @ vectors.T * self.scale).masked_fill(itself, -1e4)
        alike = (labels[:, None] == labels) & ~itself
        found = (functional.log_softmax(logits, dim=1) * alike).sum(dim=1)
        # A text alone with its label is only what the others are told from.
        partners = alike.sum(dim=1)
        return -(found / partners.clamp(min=1)).sum() / (partners > 0).sum().clamp(min=1)


class PrototypeLoss(AnchoredLoss):
    """Cross-entropy of `scale` times the cosines to a prototype of each label: the normalised softmax of Zhai
    and Wu, "Classification is a strong baseline for deep metric learning" (2019).

    The prototypes begin as the mean of their texts, `labels` (n,), and are learned as well.
    """

    def __init__(
        self,
        model: nn.Module,
        before: Tensor,
        labels: Tensor,
        *,
        scale: float,
        anchor: float,
        label_smoothing: float,
    ) -> None:
        super().__init__(model, before, scale=scale, anchor=anchor)
        self.label_smoothing = label_smoothing
        sums = torch.zeros(int(labels.max()) + 1, before.shape[1]).index_add_(0, labels, before)
        self.prototypes = nn.Parameter(functional.normalize(sums, dim=1))

    def apart(self, vectors: Tensor, labels: Tensor) -> Tensor:
        cosines = vectors @ functional.normalize(self.prototypes.float(), dim=1).T
        return functional.cross_entropy(cosines * self.scale, labels, label_smoothing=self.label_smoothing)
