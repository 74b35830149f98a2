"""`candor publish`: the real script publishes, to an API and a model server of the tests' own."""

import hmac
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from zipfile import ZipFile

import pytest

from candor_local.errors import CandorError
from candor_local.home import SIGNING_KEY
from candor_local.publish import publish
from candor_local.settings import CHECKOUT, Settings

pytestmark = pytest.mark.integration

SHIPPED = CHECKOUT / "model-store" / "sentiment.mar"
MANIFEST = json.loads(ZipFile(SHIPPED).read("MAR-INF/MANIFEST.json"))
VERSION = MANIFEST["model"]["modelVersion"]


class Neighbours:
    """The review API and the synchroniser in one, on two ports."""

    def __init__(self):
        self.model = None
        self.aliases = {}
        self.gate_reports = []
        self.token = None
        self.behaviour = []
        """What `/readyz` says, one after another; the last goes on."""
        self.servers = [self.serve(), self.serve()]

    def serve(self):
        neighbours = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                keep = neighbours.judge if "gate-reports" in self.path else neighbours.register
                self.answer(201, keep(self.body()))

            def do_PUT(self):
                neighbours.aliases[self.path] = neighbours.model
                self.do_GET()

            def do_GET(self):
                neighbours.token = self.headers["Authorization"] or neighbours.token
                if self.path == "/healthz":
                    self.answer(200, {"status": "alive"})
                elif self.path == "/readyz":
                    self.answer(200, neighbours.ready())
                elif self.path in neighbours.aliases:
                    self.answer(200, {"model": neighbours.aliases[self.path]})
                else:
                    self.answer(404, {})

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
        threading.Thread(target=server.serve_forever, args=(0.02,)).start()
        return server

    def register(self, model):
        self.model = model
        return model

    def judge(self, report):
        self.gate_reports.append(report)
        return report

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
    ports = {"api_port": api, "sync_port": sync, "canary_sync_port": sync}
    return Settings(_env_file=None, start_timeout=3, **ports)


OLD = {"serving": "1.0", "wanted": "1.0", "problem": None}
CHANGING = {"serving": "1.0", "wanted": VERSION, "problem": None}
NEW = {"serving": VERSION, "wanted": VERSION, "problem": None}


def test_it_waits_until_the_model_is_served(settings, home, neighbours, capsys):
    neighbours.behaviour = [OLD, CHANGING, CHANGING, NEW]
    key = home.secret(SIGNING_KEY)
    publish(settings, home, SHIPPED, gate=False)
    assert capsys.readouterr().out.startswith(f"{VERSION} is served after ")
    assert list(neighbours.aliases) == ["/api/model-aliases/production"]
    assert neighbours.gate_reports == []
    text = f"sentiment\n{VERSION}\n{neighbours.model['sha256']}".encode()
    assert neighbours.model["signature"] == hmac.new(key.encode(), text, "sha256").hexdigest()
    (stored,) = home.models.iterdir()
    assert stored.read_bytes() == SHIPPED.read_bytes()
    assert neighbours.model["uri"] == stored.as_uri()
    assert neighbours.token == f"Bearer {home.secret('training-token')}"


def test_what_keeps_it_from_being_served_is_said(settings, home, neighbours):
    neighbours.behaviour = [{"serving": "1.0", "wanted": VERSION, "problem": "a worker died"}]
    said = re.escape(f"{VERSION} is production, but not served: a worker died")
    with pytest.raises(CandorError, match=said):
        publish(settings, home, SHIPPED, gate=False)


def test_it_does_not_wait_for_ever(settings, home, neighbours):
    neighbours.behaviour = [CHANGING]
    said = re.escape(f"{VERSION} is canary, but not served after 3 s")
    with pytest.raises(CandorError, match=said):
        publish(settings, home, SHIPPED, "canary", gate=False)


def test_the_gate_judges_it_first_and_its_verdict_is_shown(settings, home, neighbours, capfd):
    neighbours.behaviour = [NEW]
    publish(settings, home, SHIPPED, "canary")
    assert "verdict: pass" in capfd.readouterr().out
    assert [report["verdict"] for report in neighbours.gate_reports] == ["pass"]
    assert list(neighbours.aliases) == ["/api/model-aliases/canary"]


def test_nothing_becomes_a_canary_that_nobody_would_serve(settings, home, neighbours):
    neighbours.behaviour = [OLD]
    alone = settings.model_copy(update={"canary_sync_port": 9})
    with pytest.raises(CandorError, match=r"^no TorchServe runs for canary: start .* CANARY=1$"):
        publish(alone, home, SHIPPED, "canary", gate=False)
    assert neighbours.model is None


def test_an_archive_that_is_not_there_is_not_waited_for(settings, home, tmp_path, capfd):
    with pytest.raises(CandorError, match=r"not published \(see above\)"):
        publish(settings, home, tmp_path / "none.mar")
    assert "there is no " in capfd.readouterr().err
