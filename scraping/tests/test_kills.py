"""A run that is killed at any moment: nothing is lost, nothing is doubled."""

import random
import sqlite3
import time
from collections import Counter

import pytest

pytestmark = pytest.mark.integration

KILLS = 20
SEED = 7


def test_a_run_killed_at_random_points_loses_and_doubles_nothing(
    demo_site, without_browser, crawls, api, all_found
):
    site = demo_site(companies=8, reviews=900, delay=20, hazards="duplicates,encoding,invalid")
    profile = without_browser(site)
    dice = random.Random(SEED)
    options = {"profile": profile, "concurrency": 2, "api": api.url}
    database = crawls.state / "demo-1-of-1.sqlite"
    kills = 0
    for _ in range(KILLS):
        with crawls.start(site, **options) as crawl:
            target = done(database) + dice.randint(0, 3)
            while done(database) < target and crawl.poll() is None:
                time.sleep(dice.random() / 100)
            kills += crawl.poll() is None
            crawl.kill()
    assert kills == KILLS
    waiting_before = count(database, "SELECT count(*) FROM page WHERE state = 'waiting'")
    assert waiting_before > 0

    feed = crawls.folder / "reviews.ndjson"
    summary = crawls.run(site, feed=feed, **options)
    found = crawls.feed()
    assert all_found(found, site)
    assert max(Counter(one["site_id"] for one in found).values()) == 1
    assert summary["undelivered"] == 0
    assert sorted(api.stored["reviews"]) == sorted(one["site_id"] for one in found)
    # Neither is a reject: they are of as many reviews as the site has that do not fit.
    assert count(database, "SELECT count(*) FROM reject") == 4
    assert count(database, "SELECT count(*) FROM pass") == 1


def done(database):
    return count(database, "SELECT count(*) FROM page WHERE state = 'done'")


def count(database, query):
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            return connection.execute(query).fetchone()[0]
    except sqlite3.OperationalError:
        return 0
