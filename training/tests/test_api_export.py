"""Training on the review API's export, given by a small server of the tests' own."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from trainer import config, run
from trainer.batches import Shard
from trainer.collected import Sharing, collect
from trainer.config import DataConfig, SplitConfig
from trainer.data import api_export
from trainer.data.errors import DataError
from trainer.data.prepare import prepare
from trainer.device import choose
from trainer.retraining import Retraining, told

pytestmark = pytest.mark.integration

TOKEN = "a token that may training:read"
NOW = "2026-11-24T12:00:00.123456Z"


class ReviewApi:
    """Exports its reviews, each stored at a moment; `breaks_off` ends an answer too early."""

    left_out = "quarantine=0, duplicate=0, address=0, brand=0"

    def __init__(self):
        self.reviews = []
        self.asked = []
        self.breaks_off = False
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                if self.headers["Authorization"] != f"Bearer {TOKEN}":
                    self.send_error(401)
                    return
                query = parse_qs(urlsplit(self.path).query)
                until = query.get("until", [NOW])[0]
                api.asked.append(until)
                self.send_response(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.send_header("X-Until", until)
                self.send_header("X-Left-Out", api.left_out)
                self.end_headers()
                for stored, review in api.reviews:
                    if stored < until:
                        self.write(json.dumps(review).encode() + b"\n")
                if api.breaks_off:
                    self.close_connection = True
                else:
                    self.write(b"")

            def write(self, piece):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    @property
    def export(self):
        return f"http://127.0.0.1:{self.server.server_port}/api/training-data"

    def add(self, count, stored, text="Ünique review"):
        for number in range(count):
            review = {
                "text": f"{text} number {number}",
                "rating": 1 + 2 * (number % 3),
                "source": "people" if number % 2 else "demo",
                "brand": "Acme",
                "created": stored,
            }
            self.reviews.append((stored, review))

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def api(monkeypatch):
    monkeypatch.setenv("TRAINING_TOKEN", TOKEN)
    made = ReviewApi()
    made.add(60, "2026-11-01T00:00:00Z")
    yield made
    made.close()


def read(address, folder):
    split = SplitConfig(validation=0, near_duplicates=False)
    return prepare(DataConfig(data=(address,)), split, folder / "corpus", lambda _rows: None)


def test_an_export_is_read_as_a_file_is(api, tmp_path):
    corpus = read(api.export, tmp_path)
    assert sorted(corpus.texts_at(range(60))) == sorted(row["text"] for _, row in api.reviews)
    assert corpus.file_names == ("training-data",)
    assert set(corpus.source_names) == {"people", "demo"}


def begin(folder, values, resume=False):
    chosen = run.choose_config(folder, values, resume=resume)
    return run.begin(folder, chosen, choose(chosen.run), Shard(), "", lambda _rows: None)


def values(address, **loop):
    return {
        "data": {"data": (address,)},
        "split": {"near_duplicates": False},
        "network": {"network": "tiny"},
        "run": {"epochs": 1, **loop},
    }


def test_a_run_keeps_the_moment_that_its_export_is_of(api, tmp_path):
    begun = begin(tmp_path / "one", values(api.export))
    (kept,) = begun.config.data.data
    assert kept == api_export.fixed(kept)
    saved = json.loads((tmp_path / "one/config.json").read_text())
    assert saved["data"]["data"] == [kept]

    api.add(30, "2026-11-24T13:00:00Z", text="a later review")
    again = begin(tmp_path / "two", config.read_values(tmp_path / "one/config.json"))
    assert again.corpus.digest == begun.corpus.digest
    assert api.asked == [NOW, NOW, NOW]


def test_a_run_is_resumed_by_the_command_that_started_it(api, tmp_path):
    begun = begin(tmp_path / "run", values(api.export))
    resumed = begin(tmp_path / "run", values(api.export), resume=True)
    assert resumed.config == begun.config
    with pytest.raises(config.ConfigError, match=r"has other options \(epochs\)"):
        begin(tmp_path / "run", values(api.export, epochs=9), resume=True)
    other = f"{api.export}?until=2026-11-02T00%3A00%3A00Z"
    with pytest.raises(config.ConfigError, match=r"has other options \(data\)"):
        begin(tmp_path / "run", values(other), resume=True)


def test_an_export_of_a_named_moment_has_what_was_stored_before(api, tmp_path):
    api.add(9, "2026-11-03T00:00:00Z", text="a later review")
    address = f"{api.export}?until=2026-11-02T00%3A00%3A00Z"
    assert api_export.fixed(address) == address
    assert len(read(address, tmp_path).texts) == 60


def refusal(address, folder):
    with pytest.raises(DataError) as error:
        read(address, folder)
    return str(error.value)


def test_an_export_that_breaks_off_is_not_taken_for_the_whole(api, tmp_path):
    api.breaks_off = True
    assert refusal(api.export, tmp_path).startswith(f"cannot use {api.export}: it cannot be read")
    assert not (tmp_path / "corpus").exists()


def test_what_stands_in_the_way_is_said_with_what_would_help(api, tmp_path, monkeypatch):
    monkeypatch.setenv("TRAINING_TOKEN", "another")
    why = "set TRAINING_TOKEN to a token that may training:read"
    assert refusal(api.export, tmp_path) == f"cannot use {api.export}: {why}"
    with pytest.raises(DataError, match=why):
        api_export.fixed(api.export)
    nobody = "http://127.0.0.1:1/api/training-data"
    assert refusal(nobody, tmp_path) == f"cannot use {nobody}: nobody answers there"


def test_an_export_without_reviews_is_refused(api, tmp_path):
    api.reviews.clear()
    assert refusal(api.export, tmp_path) == f"cannot use {api.export}: it is empty"


def test_other_addresses_stay_as_they_are():
    for address in ("reviews.csv", "s3://bucket/api/training-data", "https://[/reviews.csv", "a?b"):
        assert api_export.fixed(address) == address
        assert api_export.of_any_moment(address) == address


def test_an_export_says_how_often_its_reviews_are_drawn(api, tmp_path):
    for number, (_, review) in enumerate(api.reviews):
        review |= {"weight": 3.0 if review["source"] == "people" else 1.0}
        if number == 0:
            review["weight"] = -1
    corpus = read(api.export, tmp_path)
    assert corpus.intake.left_out == {"a weight that is no number above 0": 1}
    people = corpus.source_names.index("people")
    assert set(corpus.weights[corpus.sources == people]) == {3.0}
    assert set(corpus.weights[corpus.sources != people]) == {1.0}


def lines_of(collected, name):
    path = collected.folder / f"{name}.ndjson"
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_what_was_collected_is_shared_out_between_training_and_the_gate(api, tmp_path):
    collected = collect(api.export, tmp_path, Sharing(weight=2.0, share=0.5))
    people, scraped, recent = (lines_of(collected, one) for one in ("people", "scraped", "recent"))
    assert collected.rows == {"people": len(people), "scraped": 30, "recent": len(recent)}
    assert len(people) + len(recent) == 30
    assert 5 < len(recent) < 25
    assert {row["source"] for row in people + recent} == {"people"}
    assert {row["training_weight"] for row in people} == {2.0}
    assert {row["training_weight"] for row in scraped} == {1.0}
    assert [path.name for path in collected.training] == ["people.ndjson", "scraped.ndjson"]


def test_the_gate_always_keeps_the_same_reviews_for_itself(api, tmp_path):
    sharing = Sharing(weight=1.0, share=0.3)
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    first = collect(api.export, tmp_path / "one", sharing)
    before = {row["text"] for row in lines_of(first, "recent")}
    api.add(60, "2026-11-02T00:00:00Z", text="a later review")
    after = collect(api.export, tmp_path / "two", sharing)
    assert before < {row["text"] for row in lines_of(after, "recent")}
    assert not before & {row["text"] for row in lines_of(after, "people")}
    assert sharing.is_for_the_gate({"source": "people", "text": " A  Text "}) == (
        sharing.is_for_the_gate({"source": "people", "text": "a text"})
    )


def test_the_weight_of_an_export_counts_beside_that_of_people(api, tmp_path):
    for _, review in api.reviews:
        review["weight"] = 3.0
    collected = collect(api.export, tmp_path, Sharing(weight=2.0, share=0))
    assert {row["training_weight"] for row in lines_of(collected, "people")} == {6.0}
    assert {row["training_weight"] for row in lines_of(collected, "scraped")} == {3.0}
    assert collected.rows["recent"] == 0
    assert collected.file("recent") is None


def test_what_the_api_left_out_is_told_by_reason_where_there_is_any(api, tmp_path):
    api.left_out = "quarantine=3, duplicate=0, address=12, brand=0"
    begun = Retraining.begin(tmp_path / "run", "1", api.export.removesuffix(api_export.PATH))
    sharing = Sharing(weight=1.0, share=0)
    begun, collected = begun.collect(sharing)
    assert told(collected).endswith("; the API left out quarantine=3, address=12")
    assert begun.collect(sharing)[1] == collected
    api.left_out = ReviewApi.left_out
    assert told(collect(api.export, tmp_path, sharing)).endswith("for the gate alone")


def test_a_part_of_an_export_is_never_taken_for_the_whole(api, tmp_path):
    api.breaks_off = True
    with pytest.raises(DataError, match=f"cannot use {api.export}: it breaks off"):
        collect(api.export, tmp_path, Sharing(1.0, 0.2))
    assert list(tmp_path.iterdir()) == []
