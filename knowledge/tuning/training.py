"""Tuning a SentenceTransformer with its library's trainer."""

import contextlib
import copy
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset, DatasetDict
from safetensors import SafetensorError
from sentence_encoder.encoder import well_formed
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from transformers import PrinterCallback, TrainerCallback
from transformers.trainer_utils import get_last_checkpoint

from knowledge.tuning.batches import batches_of_like_length, batches_of_pairs
from knowledge.tuning.labelled import LabelledSet, Recipe, TuningFailed
from knowledge.tuning.losses import AnchoredLoss, ContrastiveLoss, PrototypeLoss

Progress = Callable[[int, int], None]
"""Called with how many of how many steps are done."""

_PAIRS = "pairs"
_PROTOTYPES = "prototypes.pt"
_STATE = "trainer_state.json"
_STEPS_BETWEEN_CHECKPOINTS = 50


def tune(
    model: SentenceTransformer,
    intents: Sequence[LabelledSet],
    pairs: Sequence[tuple[str, str]] = (),
    recipe: Recipe | None = None,
    *,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
) -> SentenceTransformer:
    """A copy of `model`, tuned so that texts of one label are near each other, and a question its passage.

    A GPU is used where there is one. With a folder for `checkpoints`, a call that was killed goes on where it
    was when it is repeated with the same arguments; the folder is removed at the end. Raises ValueError where
    there is nothing to tune on, and TuningFailed.
    """
    recipe = recipe or Recipe()
    sets = [labelled for labelled in intents if len(set(labelled.labels)) > 1]
    if not sets and not pairs:
        raise ValueError("Tuning needs texts with at least two different labels, or questions with passages.")
    tuned = copy.deepcopy(model)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_quiet())
        folder = checkpoints or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        data, losses = _tasks(tuned, sets, pairs, recipe)
        stack.enter_context(_frozen(tuned, recipe.frozen))
        callbacks: list[TrainerCallback] = [_Steps(progress)] if progress else []
        _train(tuned, data, losses, _arguments(folder, recipe, recipe.prototypes and bool(sets)), callbacks)
        if checkpoints is not None:
            shutil.rmtree(checkpoints, ignore_errors=True)
    return tuned.to("cpu").eval()


def _train(
    model: SentenceTransformer,
    data: DatasetDict,
    losses: dict[str, torch.nn.Module],
    arguments: SentenceTransformerTrainingArguments,
    callbacks: list[TrainerCallback],
) -> None:
    checkpoint = _last_whole(Path(str(arguments.output_dir)))
    try:
        trainer = _Trainer(model=model, args=arguments, train_dataset=data, loss=losses, callbacks=callbacks)
        trainer.remove_callback(PrinterCallback)
        trainer.train(resume_from_checkpoint=checkpoint)
    except (OSError, RuntimeError, SafetensorError) as error:
        if checkpoint is not None:
            # Should it be what cannot be gone on with, the next call does without.
            shutil.rmtree(checkpoint, ignore_errors=True)
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        raise TuningFailed(f"The tuning broke off ({reason}); start it again to go on.") from error


def has_fast_bf16() -> bool:
    """Whether half precision saves time here: on processors without instructions for it, it costs some."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


class _Trainer(SentenceTransformerTrainer):
    """The library's trainer, whose checkpoints keep what the losses have learned, too."""

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
        super()._save(output_dir, state_dict)
        learned = {name: loss.prototypes for name, loss in self._learning().items()}
        torch.save(learned, Path(str(output_dir or self.args.output_dir)) / _PROTOTYPES)

    def _load_from_checkpoint(
        self, resume_from_checkpoint: str, model: torch.nn.Module | None = None
    ) -> None:
        super()._load_from_checkpoint(resume_from_checkpoint)
        learned = torch.load(
            Path(resume_from_checkpoint) / _PROTOTYPES, weights_only=True, map_location="cpu"
        )
        with torch.no_grad():
            for name, loss in self._learning().items():
                loss.prototypes.copy_(learned[name])

    def add_model_card_callback(self, default_args_dict: dict[str, Any]) -> None:
        """None: nobody reads the card of a model that never leaves its shop, and making it takes seconds."""

    def _learning(self) -> dict[str, PrototypeLoss]:
        return {name: loss for name, loss in self.loss.items() if isinstance(loss, PrototypeLoss)}


class _Steps(TrainerCallback):
    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._progress(state.global_step, state.max_steps)


def _tasks(
    model: SentenceTransformer, sets: Sequence[LabelledSet], pairs: Sequence[tuple[str, str]], recipe: Recipe
) -> tuple[DatasetDict, dict[str, torch.nn.Module]]:
    """Data and loss by the same name; a batch is of one task, so that sets never meet."""
    data: dict[str, Dataset] = {}
    losses: dict[str, torch.nn.Module] = {}
    for number, labelled in enumerate(sets):
        name = f"set{number}"
        texts = [well_formed(text) for text in labelled.texts]
        _, labels = np.unique(np.asarray(labelled.labels), return_inverse=True)
        numbers = labels * len(texts) + np.arange(len(texts))
        data[name] = Dataset.from_dict({"text": texts, "label": numbers.tolist()})
        losses[name] = _loss(model, _vectors(model, texts), torch.from_numpy(labels), recipe)
    if pairs:
        questions, passages = zip(*pairs, strict=True)
        data[_PAIRS] = Dataset.from_dict({"question": list(questions), "passage": list(passages)})
        losses[_PAIRS] = MultipleNegativesRankingLoss(model, scale=recipe.pair_scale)
    return DatasetDict(data), losses


def _loss(
    model: SentenceTransformer, before: torch.Tensor, labels: torch.Tensor, recipe: Recipe
) -> AnchoredLoss:
    if recipe.prototypes:
        return PrototypeLoss(
            model,
            before,
            labels,
            scale=recipe.scale,
            anchor=recipe.anchor,
            label_smoothing=recipe.label_smoothing,
        )
    return ContrastiveLoss(model, before, scale=recipe.scale, anchor=recipe.anchor)


def _vectors(model: SentenceTransformer, texts: list[str]) -> torch.Tensor:
    """Unit vectors, float32 of shape (len(texts), dimension), on the CPU."""
    with torch.autocast(model.device.type, dtype=torch.bfloat16, enabled=has_fast_bf16()):
        vectors = model.encode(
            texts, batch_size=128, convert_to_tensor=True, normalize_embeddings=True, show_progress_bar=False
        )
    # What was made for inference takes no part in a backward pass.
    return vectors.float().cpu().clone()


def _arguments(folder: Path, recipe: Recipe, learns_prototypes: bool) -> SentenceTransformerTrainingArguments:
    return SentenceTransformerTrainingArguments(
        output_dir=str(folder),
        num_train_epochs=recipe.epochs,
        per_device_train_batch_size=recipe.batch,
        learning_rate=recipe.learning_rate,
        learning_rate_mapping={r"prototypes$": recipe.prototype_rate} if learns_prototypes else {},
        weight_decay=0.01,
        warmup_steps=0.1,
        lr_scheduler_type="cosine",
        batch_sampler=batches_of_like_length if recipe.prototypes else batches_of_pairs,
        bf16=has_fast_bf16(),
        use_cpu=not torch.accelerator.is_available(),
        seed=recipe.seed,
        save_strategy="steps",
        save_steps=_STEPS_BETWEEN_CHECKPOINTS,
        save_total_limit=1,
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=False,
    )


def _last_whole(folder: Path) -> str | None:
    """The newest checkpoint that was written to its end; the trainer writes its state last."""
    while folder.is_dir() and (last := get_last_checkpoint(str(folder))):  # type: ignore[no-untyped-call]
        if (Path(last) / _STATE).is_file():
            return str(last)
        shutil.rmtree(last)
    return None


@contextlib.contextmanager
def _frozen(model: SentenceTransformer, share: float) -> Iterator[None]:
    """The embeddings and the lowest layers stay as they are: they know words, and cost time."""
    network: Any = model[0].auto_model
    count = getattr(network.config, "num_hidden_layers", 0)
    lists = [module for module in network.modules() if isinstance(module, torch.nn.ModuleList)]
    # A network whose layers are not a list is tuned as a whole.
    stack = next((list(module) for module in lists if len(module) == count), [network])
    learning = {parameter for layer in stack[int(share * len(stack)) :] for parameter in layer.parameters()}
    for parameter in network.parameters():
        parameter.requires_grad_(parameter in learning)
    yield
    for parameter in network.parameters():
        parameter.requires_grad_(True)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    from transformers.utils import logging as transformers_logging

    before, bars = transformers_logging.get_verbosity(), transformers_logging.is_progress_bar_enabled()
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            transformers_logging.set_verbosity(before)
            if bars:
                transformers_logging.enable_progress_bar()  # type: ignore[no-untyped-call]
