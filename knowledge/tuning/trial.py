"""Cross-validation of a tuning: each fold's encoder is judged on what it has not seen."""

import copy
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sentence_encoder import SentenceEncoder
from sentence_transformers import SentenceTransformer

from knowledge.encoder_export import write_encoder
from knowledge.tuning.judging import Outcomes, embedded, judge
from knowledge.tuning.labelled import Recipe
from knowledge.tuning.low_rank import Arrays, apply_low_rank, low_rank
from knowledge.tuning.material import Material, folds
from knowledge.tuning.training import tune
from knowledge.tuning.verdict import Verdict, verdict

FOLDS = 3

Progress = Callable[[str, float], None]
"""Called with what is being done, and how much of that is done, 0 to 1."""


def cross_validate(
    model: SentenceTransformer,
    encoder: SentenceEncoder,
    material: Material,
    recipe: Recipe,
    work: Path,
    progress: Progress,
    precision: str = "fp32",
) -> Verdict:
    """`encoder`, which is the one in use, against `model` tuned on the rest of the material, fold by fold.

    No further fold is tuned once the tuned encoder is better beyond doubt, or understands no more at all.

    What is finished is kept in `work`, so that a call that was killed goes on when it is repeated with the
    same arguments. Raises EncoderExportFailed, and ValueError where there is nothing to tune on.
    """
    before: list[Outcomes] = []
    after: list[Outcomes] = []
    vectors = None
    for number, fold in enumerate(folds(material, FOLDS), 1):
        of_fold = f"fold {number} of {FOLDS}"
        kept = work / f"fold{number}.npz"
        found = _read(kept)
        if found is None:
            if vectors is None:
                vectors = embedded(
                    encoder,
                    material.texts(),
                    lambda done, total: progress("embedding with the encoder in use", done / total),
                )
            untuned = judge(encoder, fold, vectors)
            folder = work / f"fold{number}-encoder"
            # It is there complete or not at all.
            if not folder.is_dir():
                tuned, _ = tuned_model(
                    model,
                    fold.seen,
                    recipe,
                    work / f"fold{number}-steps",
                    lambda share: progress(f"{of_fold}: tuning", share),  # noqa: B023
                )
                write_encoder(tuned, encoder.name, folder, precision, tuned=of_fold)
            trial = SentenceEncoder(folder)
            on_trial = embedded(
                trial,
                material.texts(),
                lambda done, total: progress(f"{of_fold}: judging", done / total),  # noqa: B023
            )
            found = untuned, judge(trial, fold, on_trial)
            _write(kept, *found)
            shutil.rmtree(folder)
        before.append(found[0])
        after.append(found[1])
        so_far = verdict(before, after)
        if not so_far.objection or so_far.hopeless:
            return so_far
    return verdict(before, after)


def tuned_model(
    model: SentenceTransformer,
    material: Material,
    recipe: Recipe,
    checkpoints: Path,
    progress: Callable[[float], None],
) -> tuple[SentenceTransformer, Arrays]:
    """The model tuned on the material, and the change that made it so, see `low_rank`.

    `progress` is called with how much is done, 0 to 1. Raises ValueError where there is nothing to tune on.
    """
    whole = tune(
        model,
        material.sets(),
        material.pairs(),
        recipe,
        checkpoints=checkpoints,
        progress=lambda done, total: progress(done / total),
    )
    change = low_rank(model, whole, recipe.rank)
    tuned = copy.deepcopy(model)
    apply_low_rank(tuned, change)
    return tuned, change


def _write(file: Path, before: Outcomes, after: Outcomes) -> None:
    fresh = file.with_name(f".{file.name}")
    arrays = {
        f"{when}_{field.name}": getattr(outcomes, field.name)
        for when, outcomes in (("before", before), ("after", after))
        for field in fields(Outcomes)
    }
    with fresh.open("wb") as opened:
        np.savez(opened, allow_pickle=False, **arrays)
    fresh.replace(file)


def _read(file: Path) -> tuple[Outcomes, Outcomes] | None:
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as arrays:
            before, after = (
                Outcomes(**{field.name: _plain(arrays[f"{when}_{field.name}"]) for field in fields(Outcomes)})
                for when in ("before", "after")
            )
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    return before, after


def _plain(array: NDArray[Any]) -> Any:
    """A number, where it was stored as one."""
    return array.item() if array.ndim == 0 else array
