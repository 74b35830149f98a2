from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar

import pytest
from bench.figures import MeasurementError
from bench.load import Client, Request, post, send_all

pytestmark = pytest.mark.integration


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    paths: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.paths.append(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(500 if self.path == "/broken" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    Echo.paths.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        Thread(target=server.serve_forever).start()
        yield server.server_port
        server.shutdown()


def test_clients_share_the_requests_and_send_no_more(port: int) -> None:
    load = send_all(port, post("/here", {"review": "fine"}), clients=3, count=10)
    assert Echo.paths == ["/here"] * 10
    assert len(load.seconds) == 10
    assert 0 < max(load.seconds) <= load.elapsed


def test_an_answer_that_is_no_success_ends_the_measurement(port: int) -> None:
    with pytest.raises(MeasurementError, match="POST /broken answered 500: no"):
        send_all(port, Request("POST", "/broken", b"no"), clients=2, count=2)


def test_a_server_that_is_away_ends_the_measurement() -> None:
    with pytest.raises(MeasurementError, match="ConnectionRefusedError"):
        Client(port=1).send(Request("GET", "/"))
