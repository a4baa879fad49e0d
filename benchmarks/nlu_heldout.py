"""How well a trained model understands the held-out cases: per intent, what it takes for what, and how often
it falls back.

Run in the bot's environment, from bot/, with the variables the model needs:
  FRONTDESK_ENCODER_DIR=../var/encoder FRONTDESK_ENTITIES_DIR=../var/entities \\
    .venv/bin/python ../benchmarks/nlu_heldout.py ../var/models/<fingerprint>.tar.gz

The figures are for reports, never for choosing a setting: those are chosen by cross-validation on the
training data.
"""

import asyncio
import logging
import statistics
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import yaml

sys.path.insert(0, str(Path.cwd()))  # where the model's components are imported from

HELDOUT = Path(__file__).resolve().parents[1] / "nlu_data" / "heldout"
FALLBACK = "nlu_fallback"
# What must not be taken for a wish: a pipeline that is sure of these is sure of anything.
GIBBERISH = (
    "asdf qwer",
    "jkl;",
    "qwertz uiop",
    "xx yy zz",
    "12ab34cd",
    "....",
    "blargh fnord",
    "lorem ipsum dolor",
)


async def main(model: str) -> None:
    from rasa.core.agent import Agent
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)
    agent = Agent.load(model)
    cases = list(read_cases())
    taken: dict[str, Counter[str]] = defaultdict(Counter)
    milliseconds, first_guesses, acted_right = [], 0, 0
    for text, intent in cases:
        started = time.perf_counter()
        parsed = await agent.parse_message(text)
        milliseconds.append((time.perf_counter() - started) * 1000)
        taken[intent][parsed["intent"]["name"]] += 1
        guesses = [each["name"] for each in parsed["intent_ranking"] if each["name"] != FALLBACK]
        first_guesses += guesses[:1] == [intent]
        acted_right += acted(parsed["intent"]["name"]) == acted(intent)
    print(f"{'intent':16} cases right back  taken for")
    for intent, names in sorted(taken.items()):
        print(line(intent, names))
    right, back = (sum(n[key] for i, n in taken.items() for key in [k or i]) for k in (None, FALLBACK))
    total = len(cases)
    print(f"\n{total} cases: first guess right {first_guesses / total:.3f}, understood {right / total:.3f}, "
          f"right action {acted_right / total:.3f}, fell back {back / total:.3f}, "
          f"wrong action {1 - (acted_right + back) / total:.3f}")  # fmt: skip
    p50, p95 = statistics.median(milliseconds), sorted(milliseconds)[int(total * 0.95)]
    print(f"parse: p50 {p50:.1f} ms, p95 {p95:.1f} ms")
    for text in GIBBERISH:
        parsed = await agent.parse_message(text)
        print(f"{text!r:20} -> {parsed['intent']['name']}")


def line(intent: str, names: Counter[str]) -> str:
    total = sum(names.values())
    others = [f"{name} {count}" for name, count in names.most_common() if name not in (intent, FALLBACK)]
    right, back = names[intent] / total, names[FALLBACK] / total
    return f"{intent:16} {total:5} {right:5.2f} {back:4.2f}  {', '.join(others)}"


def acted(intent: str) -> str:
    """What is done for an intent: everything asked of the shop goes to retrieval."""
    return "ask" if intent.startswith("ask_") and intent != "ask_if_bot" else intent


def read_cases():
    for path in sorted(HELDOUT.glob("*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu", []):
            for text in entry.get("examples", "").splitlines():
                if "intent" in entry and text.strip().startswith("- "):
                    yield text.strip().removeprefix("- "), entry["intent"]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    asyncio.run(main(sys.argv[1]))
