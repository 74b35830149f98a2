"""Publishing an archive: into a real folder, and to an API of the tests' own over HTTP."""

import hashlib
import hmac
import json
import re
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from charcnn.scoring import LABELS

pytestmark = pytest.mark.integration

TOKEN = "a token that may models:write"


class ReviewApi:
    """Keeps versions and aliases as the review API does."""

    def __init__(self):
        self.versions = {}
        self.aliases = {}
        self.reports = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send(*api.get_alias(self.path))

            def do_POST(self):
                self.answer(api.report if self.path.endswith("/gate-reports") else api.register)

            def do_PUT(self):
                self.answer(api.set_alias)

            def answer(self, act):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                allowed = self.headers["Authorization"] == f"Bearer {TOKEN}"
                self.send(*(act(self.path, body) if allowed else (401, {"error": "no token"})))

            def send(self, status, said):
                content = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def register(self, path, body):
        assert path == "/api/model-versions"
        key = self.last = (body["name"], body["version"])
        is_new = key not in self.versions
        if self.versions.setdefault(key, body)["sha256"] != body["sha256"]:
            return 409, {"error": "another sha256"}
        return 201 if is_new else 200, body

    def report(self, path, body):
        assert path.split("/")[3:] == [*self.last, "gate-reports"]
        self.reports.append(body)
        return 201, body

    def get_alias(self, path):
        model = self.aliases.get(path.removeprefix("/api/model-aliases/"))
        return (200, {"model": model}) if model else (404, {"error": "it is not set"})

    def set_alias(self, path, body):
        model = self.versions.get((body["name"], body["version"]))
        if model is None:
            return 404, {"error": "unknown version"}
        alias = path.removeprefix("/api/model-aliases/")
        self.aliases[alias] = model
        return 200, {"alias": alias, "changed": "now", "model": model}

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def api():
    made = ReviewApi()
    yield made
    made.close()


@pytest.fixture
def publish(run_script, api, golden, tmp_path, monkeypatch):
    """Give the function that publishes an archive into a folder."""
    monkeypatch.setenv("MODELS_TOKEN", TOKEN)

    def run(archive, *options, url=api.url, store=None):
        chosen = store or (tmp_path / "models").as_uri()
        places = ("--store", chosen, "--api", url, "--golden", golden)
        return run_script("publish", archive, *places, *options)

    return run


@pytest.fixture
def archive(small_mar, tmp_path):
    """The archive of a run and its card, to be changed at will."""
    for suffix in (".mar", ".json"):
        source = small_mar.with_suffix(suffix)
        (tmp_path / source.name).write_bytes(source.read_bytes())
    return tmp_path / small_mar.name


def test_an_archive_is_stored_registered_and_set_live(publish, api, archive):
    result = publish(archive)
    assert (result.code, result.err) == (0, "")
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    model = api.aliases["production"]
    stored = Path(model["uri"].removeprefix("file://"))
    assert stored.name == f"tiny-sentiment-7.1-{digest[:12]}.mar"
    assert stored.read_bytes() == archive.read_bytes()
    assert list(stored.parent.iterdir()) == [stored]
    assert (model["name"], model["version"], model["sha256"]) == ("tiny-sentiment", "7.1", digest)
    first, *page, last = result.out.splitlines()
    assert first == f"registered: tiny-sentiment 7.1, {model['uri']}"
    assert "verdict: pass" in page
    assert last == "production is tiny-sentiment 7.1"


def test_figures_data_and_code_of_the_run_are_registered_with_it(publish, api, archive):
    publish(archive)
    card = json.loads(archive.with_suffix(".json").read_text())
    model = api.aliases["production"]
    assert model["metrics"]["precision"] == "int8"
    assert model["metrics"]["accuracy"] == card["metrics"]["int8"]["accuracy"]
    assert set(model["metrics"]["classes"]) == set(LABELS)
    assert model["data_digest"] == card["data_sha256"]
    assert model["code_revision"] == card["code_revision"]
    assert model["rows"] == {"reviews.csv": card["rows"]["reviews.csv"]["training"]}
    assert model["configuration"]["network"] == "tiny"
    assert model["profile"] == card["profile"]
    assert model["size_bytes"] == archive.stat().st_size
    assert not {"parent", "signature"} & model.keys()


def other_version(archive, version):
    """Give a copy of an archive under another version, with its card where there is one."""
    copy = archive.with_name(f"{version}.mar")
    with zipfile.ZipFile(archive) as before, zipfile.ZipFile(copy, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if name.startswith("MAR-INF/"):
                manifest = json.loads(content)
                manifest["model"]["modelVersion"] = version
                content = json.dumps(manifest).encode()
            after.writestr(name, content)
    return copy


def test_the_gate_judges_it_beside_what_is_in_production_then(publish, api, archive):
    publish(archive)
    assert publish(other_version(archive, "7.2")).code == 0
    alone, beside = api.reports
    assert (alone["verdict"], alone["against"]) == ("pass", None)
    assert (beside["verdict"], beside["against"]) == ("pass", "7.1")
    assert api.aliases["production"]["version"] == "7.2"
    assert api.aliases["production"]["parent"] == "7.1"


def test_a_model_that_fails_the_gate_is_reported_and_not_set_live(
    publish, api, archive, sabotaged, tmp_path
):
    publish(archive)
    told = tmp_path / "gate.json"
    result = publish(sabotaged, "--report", told)
    assert (result.code, result.err) == (1, "")
    assert "verdict: fail" in result.out
    assert result.out.endswith(
        "not published: tiny-sentiment always-good failed the gate, no alias has changed\n"
    )
    assert api.reports[-1]["verdict"] == "fail"
    assert json.loads(told.read_text()) == api.reports[-1]
    assert "golden: recall bad" in " ".join(api.reports[-1]["reasons"])
    assert ("tiny-sentiment", "always-good") in api.versions
    assert api.aliases["production"]["version"] == "7.1"


def test_what_serves_unpublished_is_what_it_is_judged_beside(publish, api, archive, sabotaged):
    assert publish(sabotaged, "--baseline", archive, "--alias", "canary").code == 1
    assert api.reports[0]["against"] == "7.1"
    assert api.aliases == {}


def test_without_the_gate_there_is_no_report(publish, api, archive):
    assert publish(archive, "--no-gate", "--alias", "canary").code == 0
    assert api.reports == []
    assert api.aliases.keys() == {"canary"}


def test_production_that_is_not_what_was_registered_is_no_measure(publish, api, archive):
    publish(archive)
    stored = Path(api.aliases["production"]["uri"].removeprefix("file://"))
    stored.write_bytes(b"harmed")
    result = publish(other_version(archive, "7.2"))
    assert result.code == 2
    assert "has not the sha256 that it is registered with" in result.err
    stored.unlink()
    assert "cannot read" in publish(other_version(archive, "7.2")).err
    assert api.aliases["production"]["version"] == "7.1"


def test_it_is_signed_for_those_who_have_the_key(publish, api, archive, monkeypatch):
    monkeypatch.setenv("MODEL_SIGNING_KEY", "a key for tests")
    publish(archive)
    model = api.aliases["production"]
    told = f"tiny-sentiment\n7.1\n{model['sha256']}".encode()
    assert model["signature"] == hmac.new(b"a key for tests", told, hashlib.sha256).hexdigest()


@pytest.fixture
def bucket(monkeypatch):
    """A bucket on a server that speaks S3."""
    # What moto starts and botocore reads looks at the environment alone.
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tests")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "tests")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    client = boto3.client("s3")
    client.create_bucket(Bucket="models")
    yield client
    client.close()
    server.stop()


def test_a_bucket_is_a_store_as_a_folder_is(publish, api, archive, bucket):
    assert publish(archive, store="s3://models/candor").code == 0
    model = api.aliases["production"]
    assert model["uri"] == f"s3://models/candor/tiny-sentiment-7.1-{model['sha256'][:12]}.mar"
    (kept,) = bucket.list_objects_v2(Bucket="models")["Contents"]
    stored = bucket.get_object(Bucket="models", Key=kept["Key"])["Body"].read()
    assert stored == archive.read_bytes()

    second = publish(other_version(archive, "7.2"), store="s3://models/candor")
    assert (second.code, second.err) == (0, "")
    assert api.reports[-1]["against"] == "7.1"
    result = publish(archive, store="s3://no-such-bucket/candor")
    assert result.code == 2
    assert result.err.startswith("error: cannot write to the model store s3://no-such-bucket")


def test_publishing_twice_changes_nothing(publish, api, archive):
    publish(archive)
    before = json.dumps(api.aliases)
    result = publish(archive)
    assert result.code == 0
    assert result.out.startswith("known already: tiny-sentiment 7.1")
    assert json.dumps(api.aliases) == before


def test_a_harmed_copy_in_the_store_is_replaced(publish, api, archive):
    publish(archive)
    stored = Path(api.aliases["production"]["uri"].removeprefix("file://"))
    stored.write_bytes(b"half")
    (stored.parent / f"{stored.name}.part").write_bytes(b"what a killed one left")
    assert publish(archive).code == 0
    assert stored.read_bytes() == archive.read_bytes()
    assert list(stored.parent.iterdir()) == [stored]


def test_without_an_alias_it_is_only_registered(publish, api, archive):
    assert publish(archive, "--alias", "").code == 0
    assert len(api.versions) == 1
    assert api.aliases == {}


def test_an_archive_without_a_card_is_published_without_figures(publish, api, archive):
    archive.with_suffix(".json").unlink()
    assert publish(archive).code == 0
    assert api.aliases["production"].keys() == {"name", "version", "sha256", "size_bytes", "uri"}


def test_another_content_under_a_known_version_is_refused(publish, archive):
    publish(archive)
    with zipfile.ZipFile(archive, "a") as content:
        content.writestr("more.txt", "more")
    result = publish(archive)
    assert result.code == 2
    assert result.err == (
        "error: tiny-sentiment 7.1 is registered with another content: "
        "archive this one under another --version\n"
    )


def mistakes():
    def of_another(archive):
        card = archive.with_suffix(".json")
        card.write_text(card.read_text().replace('"version": "7.1"', '"version": "7.2"'))

    return {
        "is the card of version 7.2, not of 7.1: archive it again": of_another,
        "is no card of a model": lambda archive: archive.with_suffix(".json").write_text("[]"),
        "is no archive of a model": lambda archive: archive.write_text("nothing"),
        "make one with training/archive.py": lambda archive: archive.unlink(),
    }


@pytest.mark.parametrize(("reason", "spoil"), mistakes().items())
def test_a_mistake_is_one_readable_line_and_nothing_is_registered(
    publish, api, archive, reason, spoil
):
    spoil(archive)
    result = publish(archive)
    assert result.code == 2
    assert re.fullmatch(f"error: .*{re.escape(reason)}\n", result.err)
    assert api.versions == {}


def test_an_api_that_is_away_is_one_readable_line(publish, archive):
    result = publish(archive, url="http://127.0.0.1:1")
    assert (result.code, result.err) == (
        2,
        "error: the review API at http://127.0.0.1:1 does not answer\n",
    )


def test_a_store_that_cannot_be_written_to_is_one_readable_line(run_script, archive, monkeypatch):
    monkeypatch.setenv("MODELS_TOKEN", TOKEN)
    result = run_script("publish", archive, "--store", f"{archive}/models")
    assert result.code == 2
    assert result.err.startswith(f"error: cannot write to the model store {archive}/models: ")


def test_a_token_that_is_refused_or_missing_is_one_readable_line(publish, archive, monkeypatch):
    monkeypatch.setenv("MODELS_TOKEN", "another")
    refused = publish(archive)
    assert (refused.code, refused.err.startswith("error: the review API refuses (401)")) == (
        2,
        True,
    )
    monkeypatch.delenv("MODELS_TOKEN")
    missing = publish(archive)
    assert missing.err == "error: MODELS_TOKEN is not set: it needs a token that may models:write\n"
