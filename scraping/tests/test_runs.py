"""Runs after one another and beside each other: what is new, what is left, who reads what."""

import json
import signal
import sqlite3
import time

import psutil
import pytest
import requests

from demo_site.lists import lists_of
from demo_site.running import running

pytestmark = pytest.mark.integration


def test_a_later_run_finds_just_what_is_new_or_edited(free_port, crawls, all_found):
    options = {"port": free_port, "companies": 4, "reviews": 90, "hazards": "edited,duplicates"}
    feed = crawls.folder / "reviews.ndjson"
    crawls.environment["SCRAPER_TODAY"] = "2026-12-20"
    with running(today="2026-11-10", **options) as site:
        first = crawls.run(site, feed=feed)
        before = {one["site_id"]: one for one in crawls.feed()}
        assert all_found(before.values(), site)
        again = crawls.run(site, feed=feed)
    assert (first["new_companies"], first["new_reviews"]) == (4, len(before))
    assert (again["new_companies"], again["new_reviews"], again["changed_reviews"]) == (0, 0, 0)
    assert again["pages"] < first["pages"]

    with running(today="2026-12-05", **options) as site:
        later = crawls.run(site, feed=feed)
        after = {one["site_id"]: one for one in crawls.feed()}
        assert all_found(after.values(), site)
    changed = [key for key in before if before[key]["text"] != after[key]["text"]]
    assert later["new_companies"] == 1
    assert later["new_reviews"] == len(after) - len(before) > 0
    assert later["changed_reviews"] == len(changed) == 1


def test_companies_read_lately_wait_for_their_time(demo_site, crawls):
    site = demo_site(companies=3, reviews=20)
    crawls.run(site)
    crawls.environment["SCRAPER_REVISIT_HOURS"] = "1"
    second = crawls.run(site)
    assert second["notes"]["company read lately"] == 3
    assert second["reviews"] == 0


def test_a_budget_ends_a_run_and_the_next_one_goes_on(demo_site, crawls, all_found):
    site = demo_site(companies=4, reviews=120)
    feed = crawls.folder / "reviews.ndjson"
    first = crawls.run(site, max_pages=5)
    assert (first["pages"], first["outcome"], first["pass_finished"]) == (5, "page budget", False)
    rest = crawls.run(site, feed=feed)
    assert rest["pass_finished"]
    assert all_found(crawls.feed(), site)
    paths = [
        json.loads(row)["path"] for row in requests.get(f"{site}/log", timeout=30).iter_lines()
    ]
    asked = [path for path in paths if path.startswith("/review/")]
    assert len(asked) == len(set(asked))


def test_shards_share_a_site_out(demo_site, crawls, all_found):
    site = demo_site(companies=18, reviews=60)
    reviews, left_to_others = [], []
    for shard in ("1/2", "2/2"):
        found = crawls.run(site, shard=shard, feed=crawls.folder / "reviews.ndjson")
        left_to_others.append(found["notes"].get("list of another shard", 0))
        reviews += crawls.feed()
    # Which lists a shard has is up to the site's port, and it may be all of them.
    assert sum(left_to_others) == len(lists_of(18))
    assert all_found(reviews, site)


def test_a_changed_layout_fails_the_run_loudly(demo_site, crawls):
    site = demo_site(companies=3, reviews=20, layout="changed")
    summary = crawls.run(site, code=1)
    assert summary["new_reviews"] == 0
    assert len(summary["missed"]) == 3
    url, missed = summary["missed"][0]
    assert "/review/" in url
    assert "article.review" in missed
    # It was not a visit: nothing that was not read counts as read.
    assert crawls.run(site, code=1)["missed"]


def test_a_site_that_forbids_its_start_fails_the_run(demo_site, crawls):
    site = demo_site(companies=2, reviews=20)
    profile = crawls.folder / "forbidden.toml"
    profile.write_text(
        f"""
        name = "forbidden"
        description = "Starts where robots.txt lets nobody in"
        start_urls = ["{site}/search"]
        allowed_domains = ["127.0.0.1"]
        needs_consent = false
        [pages.categories]
        address = "/search"
        """
    )
    summary = crawls.run(site, profile=profile, code=1)
    assert summary["missed"] == [[f"{site}/search", "forbidden by robots.txt"]]


def test_more_failed_pages_than_allowed_fail_the_run(demo_site, crawls):
    site = demo_site(companies=2, reviews=20, hazards="broken")
    assert crawls.run(site, max_errors=0, code=1)["outcome"] == "error budget"


@pytest.mark.parametrize("sign", ["--remote-debugging", "--type=renderer"])
def test_a_browser_that_is_killed_is_started_again(demo_site, crawls, all_found, sign):
    site = demo_site(companies=12, reviews=60, delay=150)
    with crawls.start(site, feed=crawls.folder / "reviews.ndjson") as crawl:
        kill_browser(crawl.pid, sign)
        out, err = crawl.communicate(timeout=120)
    assert crawl.returncode == 0, out + err
    assert "Traceback" not in err
    assert all_found(crawls.feed(), site)


def kill_browser(crawler, sign):
    """Kill the browser of a crawl as soon as a process of it has `sign` in its command."""
    while True:
        commands = {
            one: command_of(one) for one in psutil.Process(crawler).children(recursive=True)
        }
        browsers = [one for one, command in commands.items() if "--remote-debugging" in command]
        if browsers and any(sign in command for command in commands.values()):
            browsers[0].kill()
            return
        time.sleep(0.02)


def command_of(process):
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def test_one_crawl_at_a_time_uses_a_state(demo_site, crawls):
    site = demo_site(companies=3, reviews=200, delay=200)
    with crawls.start(site) as first:
        while not list(crawls.state.glob("*.sqlite")):
            time.sleep(0.02)
        with crawls.start(site) as second:
            _, err = second.communicate(timeout=60)
        first.terminate()
    assert second.returncode == 1
    assert err.startswith("review-scraper: another crawl uses")


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_ends_a_run_in_order(demo_site, crawls, all_found, name, code):
    site = demo_site(companies=4, reviews=120, delay=100)
    feed = crawls.folder / "reviews.ndjson"
    with crawls.start(site, feed=feed) as crawl:
        wait_for_pages(crawls, 4)
        crawl.send_signal(getattr(signal, name))
        out, err = crawl.communicate(timeout=60)
    assert crawl.returncode == code, out + err
    assert "stopped by a signal" in out
    assert "Traceback" not in err
    crawls.run(site, feed=feed)
    assert all_found(crawls.feed(), site)


def wait_for_pages(crawls, count):
    """Wait until so many pages are recorded."""
    database = crawls.state / "demo-1-of-1.sqlite"
    while done_pages(database) < count:
        time.sleep(0.02)


def done_pages(database):
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            return connection.execute("SELECT count(*) FROM page WHERE state = 'done'").fetchone()[
                0
            ]
    except sqlite3.OperationalError:
        return 0


def test_a_run_that_needs_too_much_memory_fails_and_can_go_on(
    demo_site, without_browser, crawls, all_found
):
    site = demo_site(companies=6, reviews=200, delay=50)
    profile = without_browser(site)
    crawls.environment["SCRAPER_MEMORY_MB"] = "20"
    assert crawls.run(site, profile=profile, code=1)["outcome"] == "memory limit"
    del crawls.environment["SCRAPER_MEMORY_MB"]
    crawls.run(site, profile=profile, feed=crawls.folder / "reviews.ndjson")
    assert all_found(crawls.feed(), site)


def test_a_state_that_cannot_be_written_any_more_fails_the_run(demo_site, without_browser, crawls):
    site = demo_site(companies=6, reviews=200, delay=100)
    with crawls.start(site, profile=without_browser(site), concurrency=1) as crawl:
        wait_for_pages(crawls, 2)
        with sqlite3.connect(crawls.state / "demo-1-of-1.sqlite") as connection:
            connection.execute("DROP TABLE visit")
        out, err = crawl.communicate(timeout=60)
    assert crawl.returncode == 1
    assert "the state cannot be written: no such table: visit" in out
    assert "Traceback" not in err


def test_an_api_that_refuses_us_is_told_of_and_fails_the_run(
    demo_site, without_browser, crawls, api
):
    site = demo_site(companies=3, reviews=20)
    api.wrong_token = True
    summary = crawls.run(site, profile=without_browser(site), api=api.url, code=1)
    assert summary["delivery_refused"] == "status 401: who are you?"
    assert summary["pass_finished"]


def test_a_browser_that_does_not_start_fails_the_run_with_the_reason(demo_site, crawls):
    site = demo_site(companies=3, reviews=20)
    crawls.environment["CHROMIUM"] = "/bin/false"
    summary = crawls.run(site, code=1)
    assert summary["outcome"].startswith("the browser does not start: ")
    assert "\n" not in summary["outcome"]
    assert not summary["pass_finished"]


def test_shards_share_the_start_pages_out_where_these_are_companies(
    demo_site, without_browser, crawls, all_found
):
    site = demo_site(companies=8, reviews=60)
    reviews = []
    for shard in ("0/2", "1/2"):
        feed = crawls.folder / "reviews.ndjson"
        crawls.run(site, profile=without_browser(site), shard=shard, feed=feed)
        reviews += crawls.feed()
    assert all_found(reviews, site)
