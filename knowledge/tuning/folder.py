"""An encoder tuned into a folder aside, for whoever measures what that is worth on data of their own."""

from collections.abc import Callable
from pathlib import Path

from sentence_encoder.description import read_description

from knowledge.encoder_export import load_model, write_encoder
from knowledge.tuning.labelled import LabelledSet, Recipe
from knowledge.tuning.material import Material
from knowledge.tuning.trial import tuned_model


def write_tuned_encoder(
    examples: LabelledSet, encoder: Path, folder: Path, progress: Callable[[float], None]
) -> None:
    """Write to `folder` the encoder that `frontdesk train --tune` would make of the one in `encoder`.

    `encoder` only says which one and in what precision: it is tuned as it came, even where that one is tuned
    already. `progress` is called with how much is done, 0 to 1. Raises EncoderExportFailed, and ValueError
    where there is nothing to tune on.
    """
    described = read_description(encoder)
    steps = folder.with_name(f".{folder.name}-steps")
    model, _ = tuned_model(load_model(described.name), Material(examples), Recipe(), steps, progress)
    write_encoder(model, described.name, folder, described.precision, tuned=f"{len(examples.texts)} examples")
