"""`candor refresh` with the real demo site and the real scraper; tests/ has the whole way."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from candor_local import refresh
from candor_local.errors import CandorError
from candor_local.leftovers import stop_leftovers
from candor_local.lock import only_one
from candor_local.ports import why_not
from candor_local.settings import Settings
from candor_local.signals import StopRequests

PATIENCE = 60
LEAVE_A_SITE = """
import sys, time
from pathlib import Path
from candor_local import refresh
from candor_local.home import Home
from candor_local.settings import read_settings
settings = read_settings()
with refresh.demo_site(settings, Home(settings.candor_home)):
    print("it runs", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def settings(home, monkeypatch, free_port):
    monkeypatch.setenv("CANDOR_HOME", str(home.path))
    monkeypatch.setenv("DEMO_SITE_PORT", str(free_port))
    home.make_crawl("demo")
    return Settings(_env_file=None)


def test_the_demo_site_is_crawled_where_it_is_served(home):
    command = refresh.scraper(Settings(_env_file=None, demo_site_port=9009), home)
    assert command[1:] == (
        *("crawl", "--profile", "demo", "--base-url", "http://127.0.0.1:9009"),
        *("--state", str(home.path / "crawl" / "demo"), "--api", "http://127.0.0.1:8000"),
    )


def test_another_site_is_crawled_where_its_profile_says_and_remembered_apart(home):
    command = refresh.scraper(Settings(_env_file=None, scraper_profile="sites/shop.toml"), home)
    assert "--base-url" not in command
    assert command[command.index("--profile") + 1] == "sites/shop.toml"
    assert command[command.index("--state") + 1] == str(home.path / "crawl" / "shop")


def test_no_token_is_in_the_scrapers_command(home):
    assert home.secret("scraper-token") not in refresh.scraper(Settings(_env_file=None), home)


def test_the_scraper_has_the_browser_that_is_asked_for(monkeypatch):
    monkeypatch.setenv("CHROMIUM", "sh")
    assert Path(refresh.browser()["CHROMIUM"]).is_file()
    monkeypatch.setenv("CHROMIUM", "no-such-browser")
    assert refresh.browser() == {}


@pytest.mark.integration
def test_the_demo_site_runs_while_it_is_needed(settings, home):
    port = settings.demo_site_port
    with refresh.demo_site(settings, home):
        truth = requests.get(f"http://127.0.0.1:{port}/truth").json()
        assert truth["companies"] > 0
        assert truth["reviews"] > 0
    assert why_not(port) is None
    assert list(home.crawl.glob("*.json")) == []


@pytest.mark.integration
def test_a_taken_port_of_the_demo_site_is_named_with_its_variable(settings, home):
    with (
        socket.create_server(("127.0.0.1", settings.demo_site_port)),
        pytest.raises(CandorError, match=r"\(DEMO_SITE_PORT\) is taken by"),
        refresh.demo_site(settings, home),
    ):
        pytest.fail("it started")


@pytest.mark.integration
def test_what_a_killed_refresh_left_running_is_stopped_by_the_next_one(settings, home):
    command = [sys.executable, "-c", LEAVE_A_SITE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout.readline() == "it runs\n"
        killed.kill()
    assert why_not(settings.demo_site_port)
    assert stop_leftovers(home.crawl, PATIENCE) == ["demo-site"]
    assert why_not(settings.demo_site_port) is None


@pytest.mark.integration
def test_the_scrapers_exit_code_is_that_of_the_refresh(settings, home):
    wrong = settings.model_copy(update={"scraper_profile": "no-such-site"})
    home.make_crawl("no-such-site")
    assert refresh.scrape(wrong, home, StopRequests()) == 2


@pytest.mark.integration
def test_ctrl_c_ends_the_scraper_and_then_the_site(settings, home, monkeypatch):
    monkeypatch.setenv("SCRAPER_API_WAIT", "0.1")  # There is no API here.
    command = [sys.executable, "-c", LEAVE_A_SITE.replace("time.sleep(600)", SCRAPE)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "it runs\n"
        wait_until((home.crawl / "scraper.json").exists)
        # It takes a moment until the scraper listens to signals.
        wait_until(lambda: any((home.crawl / "demo").iterdir()))
        process.send_signal(signal.SIGINT)
        assert process.stdout.read().endswith("exit code 130\n")
    assert why_not(settings.demo_site_port) is None
    assert list(home.crawl.glob("*.json")) == []


SCRAPE = """
    from candor_local.signals import StopRequests
    stops = StopRequests()
    stops.listen()
    print("exit code", refresh.scrape(settings, Home(settings.candor_home), stops))
"""


def wait_until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_two_refreshes_at_once_are_refused(home):
    lock = home.path / "refresh.lock"
    with (
        only_one(lock, "a refresh runs already"),
        pytest.raises(CandorError, match=r"^a refresh runs already \(process \d+\): wait until"),
        only_one(lock, "a refresh runs already"),
    ):
        pytest.fail("both run")
