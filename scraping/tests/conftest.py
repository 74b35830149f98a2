"""What the room's tests share: demo sites to collect from, crawls, and an API to deliver to."""

import hashlib
import json
import os
import re
import subprocess
import sys
import threading
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path

import pytest
import requests

from demo_site.calendar import REFERENCE_DAY
from demo_site.running import running

KEYS = {"companies": "url", "reviews": "site_id"}


def true_reviews(site):
    """Return what a site says of its reviews that can be collected, each as a tuple."""
    rows = map(json.loads, requests.get(f"{site}/truth/reviews", timeout=60).iter_lines())
    return sorted((one["company"], one["rating"], one["date"], one["sha256"]) for one in rows)


def as_truth(reviews):
    """Return collected reviews as a site tells of its own."""
    return sorted(
        (
            one["company_url"].rsplit("/", 1)[1],
            one["rating"],
            one["date"],
            hashlib.sha256(one["text"].encode()).hexdigest(),
        )
        for one in reviews
    )


def shipped_profile():
    return (resources.files("review_scraper") / "profiles" / "demo.toml").read_text()


class FakeApi:
    """Stores what it is sent by its key, as the API does, and counts how often each came."""

    def __init__(self):
        self.away = self.wrong_token = False
        self.refused_text = None
        self.stored = {"companies": {}, "reviews": {}}
        self.received = []
        self.tokens = set()
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_PUT(self):
                self._answer(*api.take(self))

            do_POST = do_PUT  # noqa: N815 (the name that the server looks for)

            def _answer(self, status, body):
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, handler):
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        self.tokens.add(handler.headers["Authorization"])
        if self.wrong_token:
            return 401, {"detail": "who are you?"}
        if self.away:
            return 503, {"detail": "away"}
        ((name, items),) = body.items()
        if self.refused_text and any(item.get("text") == self.refused_text for item in items):
            return 400, {"detail": "reviews.0.text: not this one"}
        for item in items:
            self.received.append(item[KEYS[name]])
            self.stored[name][item[KEYS[name]]] = item
        return 200, {"received": len(items)}

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Crawls:
    """Runs the command on one site, with one state."""

    def __init__(self, folder):
        self.folder = folder
        self.state = folder / "state"
        self.environment = {"SCRAPER_SETTLE_SECONDS": "2"}

    def command(self, base_url, **options):
        given = {"profile": "demo", "state": self.state, "delay": 0} | options
        words = [f"--{name.replace('_', '-')}={value}" for name, value in given.items()]
        program = str(Path(sys.executable).with_name("review-scraper"))
        return [program, "crawl", f"--base-url={base_url}", *words]

    def start(self, base_url, **options):
        return subprocess.Popen(
            self.command(base_url, **options),
            env=os.environ | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, base_url, *, code=0, **options):
        """Run to the end and return the summary; the exit code must be as expected."""
        file = self.folder / "summary.json"
        with self.start(base_url, summary=file, **options) as crawl:
            out, err = crawl.communicate(timeout=200)
        assert crawl.returncode == code, out + err
        assert "Traceback" not in err
        return json.loads(file.read_text())

    def feed(self, name="reviews.ndjson"):
        """Return the feed's records, which the last run wrote."""
        return [json.loads(line) for line in (self.folder / name).read_text().splitlines()]


@pytest.fixture
def all_found():
    """Return a function that says whether reviews are just those that a site has."""
    return lambda reviews, site: as_truth(reviews) == true_reviews(site)


@pytest.fixture
def demo_site():
    """Return a function that starts a site with the command's options and gives its address.

    It is the reference day there if no other is asked for, so that what the tests count does not
    grow with the real date.
    """
    day = {"today": REFERENCE_DAY}
    with ExitStack() as sites:
        yield lambda **options: sites.enter_context(running(**(day | options)))


@pytest.fixture
def without_browser(tmp_path):
    """Return a function that gives a site's profile whose start pages are its companies.

    Its lists are left out, so that no browser is needed and runs begin quickly.
    """

    def profile(site):
        rows = map(json.loads, requests.get(f"{site}/truth/companies", timeout=30).iter_lines())
        starts = json.dumps([f"{site}/review/{one['company']}" for one in rows])
        head, tail = shipped_profile().split("[limits]")
        limits, company = tail.split("[pages.company]")
        head = re.sub(r"start_urls = .*", f'start_urls = {starts}\nstart_kind = "company"', head)
        file = tmp_path / "demo.toml"
        file.write_text(f"{head}[limits]{limits.split('[pages')[0]}[pages.company]{company}")
        return file

    return profile


@pytest.fixture
def crawls(tmp_path):
    return Crawls(tmp_path)


@pytest.fixture(scope="session")
def make_crawls(tmp_path_factory):
    """Return a function for fixtures that outlast a test."""
    return lambda: Crawls(tmp_path_factory.mktemp("crawls"))


@pytest.fixture
def api():
    api = FakeApi()
    yield api
    api.close()
