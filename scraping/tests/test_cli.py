"""The command: what it refuses, and what it shows."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

PROGRAM = str(Path(sys.executable).with_name("review-scraper"))


def run(*words, code, environment=None):
    done = subprocess.run(
        [PROGRAM, *map(str, words)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "200"} | (environment or {}),
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (["--profile=nowhere"], 2, "there is no profile nowhere"),
        (["--profile=demo", "--base-url=ftp://x"], 2, "ftp://x is not a web address"),
        (["--profile=demo", "--shard=5/4"], 2, "'5/4' is no shard"),
        (["--profile=demo", "--feed=reviews.xls"], 2, "a feed's name ends with"),
        (["--profile=demo", "--delay=-1"], 2, "--delay"),
        (["--profile=trustpilot"], 2, "set SCRAPER_ACCEPT_TERMS=trustpilot"),
    ],
)
def test_what_cannot_be_crawled_is_refused_in_one_line(tmp_path, words, code, complaint):
    done = run("crawl", f"--state={tmp_path / 'state'}", *words, code=code)
    assert complaint in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("SCRAPER_BROWSER_PAGES", "0"), ("SCRAPER_CONTACT", "a\nb"), ("SCRAPER_BATCH", "5000")],
)
def test_a_wrong_setting_is_named(tmp_path, name, value):
    words = ["crawl", "--profile=demo", f"--state={tmp_path}"]
    done = run(*words, code=2, environment={name: value})
    assert done.stderr.startswith(f"review-scraper: {name}: ")
    assert len(done.stderr.splitlines()) == 1


def test_a_browser_that_is_not_there_ends_the_command(tmp_path):
    words = ["crawl", "--profile=demo", f"--state={tmp_path / 'state'}"]
    done = run(*words, code=1, environment={"CHROMIUM": "/no/such/browser"})
    assert done.stderr == "review-scraper: CHROMIUM: there is no program /no/such/browser\n"


def test_a_state_that_cannot_be_written_ends_the_command(tmp_path):
    (tmp_path / "state").write_text("a file, no folder")
    done = run("crawl", "--profile=demo", f"--state={tmp_path / 'state'}", code=1)
    assert re.fullmatch(r"review-scraper: .*state: File exists\n", done.stderr)


def test_profiles_are_listed():
    out = run("profiles", code=0).stdout
    assert {line.split()[0] for line in out.splitlines()} >= {"demo", "trustpilot"}


@pytest.mark.parametrize("command", [[], ["crawl"], ["try"], ["profiles"]])
def test_help_has_an_example(command):
    assert "Example: " in run(*command, "--help", code=0).stdout


@pytest.mark.integration
def test_a_page_can_be_tried_by_http_and_in_the_browser(demo_site):
    site = demo_site(companies=3, reviews=30)
    slug = next(requests.get(f"{site}/truth/companies", timeout=30).iter_lines()).split(b'"')[3]
    options = ["--profile=demo", f"--base-url={site}"]
    company = run("try", f"{site}/review/{slug.decode()}", *options, code=0)
    assert re.search(r"companies: 1, reviews: [1-9]", company.stdout)
    categories = run("try", f"{site}/categories", *options, code=0)
    assert re.search(r"links: [1-9]", categories.stdout)


@pytest.mark.integration
def test_a_page_that_misses_something_fails_its_trial(demo_site):
    site = demo_site(companies=3, reviews=30, layout="changed")
    slug = next(requests.get(f"{site}/truth/companies", timeout=30).iter_lines()).split(b'"')[3]
    words = ["try", f"{site}/review/{slug.decode()}", "--profile=demo", f"--base-url={site}"]
    assert "Missed: reviews: article.review matched nothing" in run(*words, code=1).stdout


@pytest.mark.integration
def test_what_cannot_be_tried_says_why(demo_site):
    site = demo_site(companies=3, reviews=30)
    options = ["--profile=demo", f"--base-url={site}"]
    unknown = run("try", f"{site}/elsewhere", *options, code=2)
    assert "is no page that the profile demo knows" in unknown.stderr
    gone = run("try", f"{site}/review/nobody", *options, code=1)
    assert gone.stderr == f"review-scraper: {site}/review/nobody: status 404\n"
    trap = run("try", f"{site}/trap/1", "--kind=company", *options, code=1)
    assert trap.stderr == f"review-scraper: {site}/trap/1: forbidden by robots.txt\n"


@pytest.mark.integration
def test_metrics_are_served_while_a_run_goes_on(demo_site, without_browser, crawls, free_port):
    site = demo_site(companies=4, reviews=200, delay=100)
    options = {"profile": without_browser(site), "metrics_port": free_port, "concurrency": 1}
    with crawls.start(site, **options) as crawl:
        text = ""
        while not re.search(r"scraper_pages_total [1-9]", text):
            text = metrics(free_port)
        crawl.terminate()
        out, err = crawl.communicate(timeout=60)
    assert crawl.returncode == 143, out + err
    assert "process_resident_memory_bytes" in text


def metrics(port):
    try:
        return requests.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text
    except requests.ConnectionError:
        time.sleep(0.05)
        return ""
