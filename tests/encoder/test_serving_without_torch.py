"""Serving needs no torch in the process: it is seconds of start and hundreds of megabytes."""

import json
import subprocess
import sys
from pathlib import Path

from sentence_encoder import SentenceEncoder

from knowledge.index import build_index
from tests.knowledge.factories import write_two_articles

HEAVY = ("torch", "transformers", "sentence_transformers", "sklearn", "onnx")
SERVING = """
import json, sys
from pathlib import Path
import actions.server, frontdesk.serve, gateway.app
from knowledge.watched_index import WatchedIndex
index = WatchedIndex(Path(sys.argv[1]), Path(sys.argv[2]), threads=1)
assert index.search("can I send this back")
print(json.dumps(sorted(sys.modules)))
"""


def test_the_action_server_and_the_gateway_search_without_it(
    encoder: SentenceEncoder, encoder_folder: Path, tmp_path: Path
) -> None:
    build_index(write_two_articles(tmp_path / "articles"), tmp_path / "index", encoder)

    served = subprocess.run(
        [sys.executable, "-c", SERVING, str(tmp_path / "index"), str(encoder_folder)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert not set(HEAVY) & set(json.loads(served.stdout.splitlines()[-1]))
