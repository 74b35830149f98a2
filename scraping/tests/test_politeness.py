"""Manners, as the site's own log tells of them."""

import json

import pytest
import requests
from scrapy.http import HtmlResponse

from review_scraper.politeness import retry_after


def asked(site):
    rows = requests.get(f"{site}/log", timeout=30).iter_lines()
    return [row for row in map(json.loads, rows) if row["path"].startswith("/review/")]


def answer(value):
    return HtmlResponse("http://site.example/", status=503, headers={"Retry-After": value})


def test_retry_after_is_seconds_or_a_date():
    assert retry_after(answer("7")) == 7
    assert retry_after(answer("Wed, 21 Oct 2015 07:28:00 GMT")) == 0
    assert retry_after(answer("Wed, 21 Oct 2099 07:28:00 GMT")) > 10_000
    assert retry_after(answer("soon")) is None
    assert retry_after(HtmlResponse("http://site.example/", status=503)) is None


@pytest.mark.integration
def test_the_delay_between_requests_is_kept(demo_site, without_browser, crawls):
    site = demo_site(companies=3, reviews=100)
    crawls.run(site, profile=without_browser(site), delay=0.4)
    times = [row["time"] for row in asked(site)]
    # Scrapy varies each delay by half of it.
    assert times[-1] - times[0] >= 0.2 * (len(times) - 1)


@pytest.mark.integration
def test_the_delay_that_robots_txt_asks_for_is_kept(demo_site, without_browser, crawls):
    site = demo_site(companies=3, reviews=60, crawl_delay=0.6)
    crawls.run(site, profile=without_browser(site))
    times = [row["time"] for row in asked(site)]
    assert times[-1] - times[0] >= 0.3 * (len(times) - 1)


@pytest.mark.integration
def test_a_busy_site_is_asked_more_slowly_until_all_is_there(
    demo_site, without_browser, crawls, all_found
):
    site = demo_site(companies=8, reviews=400, rate_limit=10)
    feed = crawls.folder / "reviews.ndjson"
    crawls.run(site, profile=without_browser(site), feed=feed)
    assert all_found(crawls.feed(), site)
    statuses = [row["status"] for row in asked(site)]
    assert 0 < statuses.count(429) < len(statuses) / 3


@pytest.mark.integration
def test_an_unavailable_page_is_asked_again_after_the_time_it_names(
    demo_site, without_browser, crawls
):
    site = demo_site(companies=8, reviews=60, hazards="unavailable")
    crawls.run(site, profile=without_browser(site))
    rows = asked(site)
    first = next(row for row in rows if row["status"] == 503)
    again = next(row for row in rows if row["path"] == first["path"] and row["status"] == 200)
    assert again["time"] - first["time"] >= 1
    between = [row for row in rows if first["time"] + 0.3 < row["time"] < first["time"] + 1]
    assert between == []
