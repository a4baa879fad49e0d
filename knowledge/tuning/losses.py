"""What tuning minimises on labelled texts.

sentence-transformers has losses that compare the texts of one batch. With many labels and few texts of each
a batch holds hardly two of a kind, so here a text is compared with one prototype of every label instead: the
normalised softmax of Zhai and Wu, "Classification is a strong baseline for deep metric learning" (2019).
"""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class PrototypeLoss(nn.Module):
    """Cross-entropy of `scale` times the cosines to a prototype of each label, and an anchor.

    `labels` (n,) are numbers from 0 and `before` (n, dimension) the unit vectors of all n texts before
    tuning. The prototypes begin as the mean of their texts and are learned as well. The anchor is `anchor`
    times (1 - cosine to the vector before): what the encoder knew of other texts is not forgotten for these.
    """

    labels: Tensor
    before: Tensor

    def __init__(
        self,
        model: nn.Module,
        labels: Tensor,
        before: Tensor,
        *,
        scale: float,
        label_smoothing: float,
        anchor: float,
    ) -> None:
        super().__init__()
        self.model = model
        self.scale = scale
        self.label_smoothing = label_smoothing
        self.anchor = anchor
        sums = torch.zeros(int(labels.max()) + 1, before.shape[1]).index_add_(0, labels, before)
        self.prototypes = nn.Parameter(functional.normalize(sums, dim=1))
        self.register_buffer("labels", labels, persistent=False)
        self.register_buffer("before", before, persistent=False)

    def forward(self, sentence_features: Iterable[dict[str, Any]], rows: Tensor) -> Tensor:
        """The mean over a batch; `rows` (batch,) says which of the n texts it holds."""
        (features,) = sentence_features
        vectors = functional.normalize(self.model(features)["sentence_embedding"].float(), dim=1)
        cosines = vectors @ functional.normalize(self.prototypes.float(), dim=1).T
        loss = functional.cross_entropy(
            cosines * self.scale, self.labels[rows], label_smoothing=self.label_smoothing
        )
        if self.anchor:
            loss = loss + self.anchor * (1 - (vectors * self.before[rows]).sum(dim=1)).mean()
        return loss
