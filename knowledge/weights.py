"""What the parts of a score weigh, as benchmarks/knowledge_weights.py found it for one encoder."""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

WEIGHTS_FILE = Path(__file__).parent / "weights.json"


@dataclass(frozen=True)
class Weights:
    """Fitted for the encoder of that name; meaningless for any other.

    `question` and `passage` weigh the nearest of an article's (cosines), `words` the share of the question's
    words it has, `label` the logarithm of its class's probability, `letters` the share of the question's
    groups of letters. A question is answerable by the logistic of `slope` times (log-odds of the articles
    against the gaps - `offset`), and never where even the nearest article's mean cosine is under `nearest`.
    """

    encoder: str
    question: float
    passage: float
    words: float
    label: float
    letters: float
    slope: float
    offset: float
    nearest: float
    threshold: float

    @property
    def of_parts(self) -> tuple[float, ...]:
        """In the order of `Evidence.parts`."""
        return self.question, self.passage, self.words, self.label, self.letters

    def answerable(self, log_odds: float) -> float:
        """The chance that the articles answer a question of these log-odds."""
        return 1.0 / (1.0 + math.exp(-self.slope * (log_odds - self.offset)))

    def write(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


def read_weights(file: Path = WEIGHTS_FILE) -> Weights:
    """The weights in a file that this repository keeps, so that nothing about it is doubtful."""
    return Weights(**json.loads(file.read_text(encoding="utf-8")))
