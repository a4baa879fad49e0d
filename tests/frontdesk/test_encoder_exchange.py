"""Another encoder goes live with its index and its model, or everything stays as it was."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sentence_encoder.encoder import fingerprint_of

from frontdesk import encoder_exchange
from frontdesk.encoder_exchange import exchange_encoder
from frontdesk.encoder_folders import in_use, keep_encoder, use_encoder
from frontdesk.errors import OperatorError
from frontdesk.model_files import candidate_file, current_model, make_current
from frontdesk.settings import Settings
from frontdesk.state_lock import state_lock
from knowledge.encoder_export import export_encoder
from knowledge.index_file import INDEX_FILE, read_index
from tests.knowledge.factories import write_two_articles
from tests.knowledge.test_encoder_export import save_small_model


class Bot:
    """Rasa and action server in one; keeps the names of models it was given, and takes those in `takes`."""

    def __init__(self) -> None:
        self.given: list[str] = []
        self.takes: tuple[str, ...] = ()
        bot = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                name = Path(
                    json.loads(self.rfile.read(int(self.headers["Content-Length"])))["model_file"]
                ).name
                bot.given.append(name)
                self._answer(204 if name in bot.takes else 400, {"message": "no such thing"})

            def do_GET(self) -> None:
                self._answer(200, [])

            def _answer(self, status: int, body: object) -> None:
                content = b"" if status == 204 else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]

    @contextmanager
    def running(self) -> Iterator["Bot"]:
        thread = threading.Thread(target=self._server.serve_forever)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


@pytest.fixture
def bot() -> Iterator[Bot]:
    with Bot().running() as running:
        yield running


@pytest.fixture(scope="module")
def encoders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("encoders")
    for pooling in ("mean", "cls"):
        export_encoder(str(save_small_model(folder / pooling, pooling)), folder / f"{pooling}-encoder")
    return folder / "mean-encoder", folder / "cls-encoder"


@pytest.fixture
def settings(
    tmp_path: Path, bot: Bot, encoders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """A state folder with an encoder, its index, and a model in use; training is quick."""
    articles = write_two_articles(tmp_path / "articles")
    monkeypatch.setattr(Settings, "articles_dir", property(lambda self: articles))
    settings = Settings(state_dir=tmp_path / "var", rasa_port=bot.port, actions_port=bot.port)
    use_encoder(settings.state_dir, kept(settings, encoders[0]))
    settings.domain_dir.mkdir(parents=True)
    (settings.domain_dir / "domain.yml").write_text("actions: []\n")
    make_current(settings.state_dir, model_file(settings, "before"))
    monkeypatch.setattr(
        encoder_exchange, "candidate", lambda settings, say, folder: model_file(settings, "after")
    )
    from sentence_encoder import SentenceEncoder

    from knowledge.index import build_index

    build_index(articles, settings.index_dir, SentenceEncoder(encoders[0]))
    return settings


def kept(settings: Settings, folder: Path) -> Path:
    return keep_encoder(settings.state_dir, lambda fresh: encoder_exchange._copy(folder, fresh))


def model_file(settings: Settings, name: str) -> Path:
    file = candidate_file(settings.state_dir, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(name)
    return file


def aside(settings: Settings, encoders: tuple[Path, Path]) -> Path:
    folder = settings.state_dir / "tuning" / "encoder"
    folder.parent.mkdir()
    encoder_exchange._copy(encoders[1], folder)
    return folder


def live(settings: Settings) -> tuple[str, str, str]:
    """The fingerprints of the encoder in use and of the index's, and the model's name."""
    model = current_model(settings.state_dir)
    return (
        fingerprint_of(in_use(settings.state_dir)),
        read_index(settings.index_dir).fingerprint,
        model.name if model else "",
    )


def test_encoder_index_and_model_go_live_together(
    settings: Settings, bot: Bot, encoders: tuple[Path, Path]
) -> None:
    bot.takes = ("after.tar.gz",)
    with state_lock(settings.state_dir):
        done = exchange_encoder(settings, aside(settings, encoders), lambda line: None)

    fingerprint = fingerprint_of(encoders[1])
    assert live(settings) == (fingerprint, fingerprint, "after.tar.gz")
    assert bot.given == ["after.tar.gz"]
    assert "taken up by the running bot" in done


def test_where_nothing_runs_they_wait_for_the_next_start(
    settings: Settings, bot: Bot, encoders: tuple[Path, Path]
) -> None:
    exchange_encoder(settings, aside(settings, encoders), lambda line: None)

    fingerprint = fingerprint_of(encoders[1])
    assert live(settings) == (fingerprint, fingerprint, "after.tar.gz")
    assert bot.given == []


def test_a_bot_that_refuses_the_model_leaves_everything_as_it_was(
    settings: Settings, bot: Bot, encoders: tuple[Path, Path]
) -> None:
    before = live(settings)
    with state_lock(settings.state_dir), pytest.raises(OperatorError, match="old model stays in use"):
        exchange_encoder(settings, aside(settings, encoders), lambda line: None)

    assert live(settings) == before


def test_an_index_that_cannot_be_written_brings_the_model_before_back(
    settings: Settings, bot: Bot, encoders: tuple[Path, Path]
) -> None:
    bot.takes = ("before.tar.gz", "after.tar.gz")
    in_the_way = settings.index_dir / INDEX_FILE
    in_the_way.unlink()
    (in_the_way / "a folder").mkdir(parents=True)
    with state_lock(settings.state_dir), pytest.raises(OperatorError, match="stay as they were"):
        exchange_encoder(settings, aside(settings, encoders), lambda line: None)

    assert bot.given == ["after.tar.gz", "before.tar.gz"]
    assert fingerprint_of(in_use(settings.state_dir)) == fingerprint_of(encoders[0])
    model = current_model(settings.state_dir)
    assert model is not None
    assert model.name == "before.tar.gz"


def test_an_encoder_that_cannot_be_read_is_not_even_tried(
    settings: Settings, bot: Bot, encoders: tuple[Path, Path]
) -> None:
    before = live(settings)
    folder = aside(settings, encoders)
    (folder / "model.onnx").write_bytes(b"broken")
    with state_lock(settings.state_dir), pytest.raises(OperatorError, match="Nothing was exchanged"):
        exchange_encoder(settings, folder, lambda line: None)

    assert live(settings) == before
    assert bot.given == []
