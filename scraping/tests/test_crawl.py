"""A whole crawl of a site with every hazard, by the real Chromium."""

import json
from collections import Counter
from importlib import resources

import pytest
import requests

from demo_site.running import running

pytestmark = pytest.mark.integration


def lines(url):
    return [json.loads(line) for line in requests.get(url, timeout=30).text.splitlines()]


@pytest.fixture(scope="module")
def site():
    with running(companies=10, reviews=200, today="2026-11-20", hazards="all") as url:
        yield url


@pytest.fixture(scope="module")
def crawled(site, make_crawls):
    """The state after one crawl, its summary, and what the site logged of it."""
    crawls = make_crawls()
    profile = resources.files("review_scraper") / "profiles" / "demo.toml"
    impatient = crawls.folder / "demo.toml"
    impatient.write_text(profile.read_text().replace("timeout = 20", "timeout = 8"))
    crawls.summary = crawls.run(
        site, profile=impatient, feed=crawls.folder / "reviews.ndjson", max_errors=5
    )
    crawls.log = lines(f"{site}/log")
    return crawls


def test_every_review_is_collected_to_the_last(site, crawled, all_found):
    assert all_found(crawled.feed(), site)


def test_every_company_is_collected(site, crawled):
    truth = lines(f"{site}/truth/companies")
    found = crawled.feed("reviews.companies.ndjson")
    assert {one["url"].rsplit("/", 1)[1] for one in found} == {one["company"] for one in truth}
    assert all(one["category"] and one["sub_category"] for one in found)


def test_no_review_is_kept_twice(crawled):
    assert max(Counter(one["site_id"] for one in crawled.feed()).values()) == 1


def test_who_wrote_a_review_is_not_kept(crawled):
    assert "author" not in (crawled.folder / "reviews.ndjson").read_text()


def test_nothing_forbidden_by_robots_is_fetched(crawled):
    paths = [one["path"] for one in crawled.log]
    forbidden = ("/trap", "/search", "/data/private")
    assert not [path for path in paths if path.startswith(forbidden)]
    assert paths[0] == "/robots.txt"


def test_images_fonts_and_trackers_are_never_fetched(crawled):
    needless = ("/assets", "/tracker", "/beacon", "/favicon")
    assert not [one["path"] for one in crawled.log if one["path"].startswith(needless)]


def test_every_request_says_who_asks(crawled):
    agents = {one["user_agent"] for one in crawled.log}
    assert agents == {"candor-review-scraper/0.1"}


def test_another_host_is_never_asked(crawled):
    assert {one["host"].split(":")[0] for one in crawled.log} == {"127.0.0.1"}
    assert crawled.summary["notes"]["redirect to another site"] == 1


def test_pages_that_cannot_be_had_are_given_up_and_named(crawled):
    assert crawled.summary["errors"] == {
        "hangs in the browser": 1,
        "too large": 1,
        "status 500": 1,
    }
    assert len(crawled.summary["failed"]) == 3
    assert crawled.summary["pass_finished"]


def test_pages_without_end_are_left_where_they_repeat(crawled):
    assert crawled.summary["notes"]["stopped at repeated reviews"] == 1


def test_what_does_not_fit_is_kept_with_its_reason(crawled):
    file = crawled.state / "demo-1-of-1.rejects.ndjson"
    rejects = [json.loads(line) for line in file.read_text().splitlines()]
    assert Counter(one["reason"] for one in rejects) == crawled.summary["rejected"]
    assert sum(crawled.summary["rejected"].values()) >= 3
    assert all(one["page_url"].startswith("http://127.0.0.1") and one["raw"] for one in rejects)
