"""`candor publish`: the real script publishes, to an API and a model server of the tests' own."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from candor_local.errors import CandorError
from candor_local.publish import publish
from candor_local.settings import CHECKOUT, Settings

pytestmark = pytest.mark.integration

SHIPPED = CHECKOUT / "model-store" / "sentiment.mar"


class Neighbours:
    """The review API and the synchroniser in one, on two ports."""

    def __init__(self):
        self.model = None
        self.token = None
        self.behaviour = []
        """What `/readyz` says, one after another; the last goes on."""
        self.servers = [self.serve(), self.serve()]

    def serve(self):
        neighbours = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.answer(201, neighbours.register(self.body()))

            def do_PUT(self):
                self.answer(200, neighbours.alias())

            def do_GET(self):
                neighbours.token = self.headers["Authorization"] or neighbours.token
                ready = self.path == "/readyz"
                self.answer(200, neighbours.ready() if ready else neighbours.alias())

            def body(self):
                return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

            def answer(self, status, body):
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever).start()
        return server

    def register(self, model):
        self.model = model
        return model

    def alias(self):
        return {"alias": "production", "model": self.model}

    def ready(self):
        said = self.behaviour.pop(0) if len(self.behaviour) > 1 else self.behaviour[0]
        return {"status": "ready", **said}

    def close(self):
        for server in self.servers:
            server.shutdown()
            server.server_close()


@pytest.fixture
def neighbours():
    made = Neighbours()
    yield made
    made.close()


@pytest.fixture
def settings(neighbours):
    api, sync = (server.server_port for server in neighbours.servers)
    return Settings(_env_file=None, api_port=api, sync_port=sync, start_timeout=5)


OLD = {"serving": "1.0", "production": "1.0", "problem": None}
CHANGING = {"serving": "1.0", "production": "2.0", "problem": None}
NEW = {"serving": "2.0", "production": "2.0", "problem": None}


def test_it_waits_until_the_model_is_served(settings, home, neighbours, capsys):
    neighbours.behaviour = [OLD, CHANGING, CHANGING, NEW]
    publish(settings, home, SHIPPED)
    assert capsys.readouterr().out.startswith("served after ")
    (stored,) = home.models.iterdir()
    assert stored.read_bytes() == SHIPPED.read_bytes()
    assert neighbours.model["uri"] == stored.as_uri()
    assert neighbours.token == f"Bearer {home.secret('training-token')}"


def test_what_keeps_it_from_being_served_is_said(settings, home, neighbours):
    neighbours.behaviour = [{"serving": "1.0", "production": "2.0", "problem": "a worker died"}]
    with pytest.raises(CandorError, match="published, but not served yet: a worker died"):
        publish(settings, home, SHIPPED)


def test_it_does_not_wait_for_ever(settings, home, neighbours):
    neighbours.behaviour = [CHANGING]
    with pytest.raises(CandorError, match="published, but not served after 5 s"):
        publish(settings, home, SHIPPED)


def test_an_archive_that_is_not_there_is_not_waited_for(settings, home, tmp_path, capfd):
    with pytest.raises(CandorError, match=r"not published \(see above\)"):
        publish(settings, home, tmp_path / "none.mar")
    assert "there is no " in capfd.readouterr().err
