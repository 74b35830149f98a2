"""A review API of the tests' own, and archives in other versions than the shipped one."""

import hashlib
import hmac
import json
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

SHIPPED = Path(__file__).parents[3] / "model-store" / "sentiment.mar"
TOKEN = "a token that may models:read"


class ReviewApi:
    """Answers what an alias means as the review API does."""

    def __init__(self, alias="production"):
        self.alias = alias
        self.wanted = None
        self.status = 200
        self.asked = 0
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                api.asked += 1
                self.answer(*api.answer_to(self.path, self.headers["Authorization"]))

            def answer(self, status, body):
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def answer_to(self, path, authorization):
        if authorization != f"Bearer {TOKEN}":
            return 401, {"error": "no token"}
        if self.status != 200:
            return self.status, {"error": "it has other worries"}
        if path != f"/api/model-aliases/{self.alias}" or self.wanted is None:
            return 404, {"error": "not set"}
        return 200, {"alias": self.alias, "changed": "now", "model": self.wanted}

    def publish(self, archive, version, signing_key=None):
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        text = f"sentiment\n{version}\n{digest}".encode()
        signature = signing_key and hmac.new(signing_key, text, "sha256").hexdigest()
        self.wanted = {
            "name": "sentiment",
            "version": version,
            "uri": archive.as_uri(),
            "sha256": digest,
            "signature": signature,
            "metrics": {},
        }

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture(scope="session")
def review_api():
    """Give what starts a review API."""
    return ReviewApi


@pytest.fixture
def api(review_api):
    made = review_api()
    yield made
    made.close()


@pytest.fixture(scope="session")
def token():
    return TOKEN


@pytest.fixture(scope="session")
def shipped():
    return SHIPPED


@pytest.fixture(scope="session")
def make_archive(tmp_path_factory):
    """Give the function that makes the shipped archive anew under another version."""

    def make(version, handler=None):
        path = tmp_path_factory.mktemp("published") / f"{version}.mar"
        with zipfile.ZipFile(SHIPPED) as old, zipfile.ZipFile(path, "w") as new:
            for name in old.namelist():
                content = old.read(name)
                if name == "MAR-INF/MANIFEST.json":
                    manifest = json.loads(content)
                    manifest["model"]["modelVersion"] = version
                    content = json.dumps(manifest).encode()
                elif name == "handler.py" and handler:
                    content = handler.encode()
                new.writestr(name, content)
        return path

    return make
