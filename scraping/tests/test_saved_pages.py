"""Every profile against saved pages of its site, of each kind: a page beside what it gives.

`pages/<profile>/<page>.html` is the page, `<page>.json` where it was and what must be found.
"""

import datetime as dt
import json
from pathlib import Path

import pytest

from review_scraper.extraction import Link, read_page
from review_scraper.profile import load_profile, profile_names
from review_scraper.trial import as_values

PAGES = Path(__file__).parents[1] / "pages"
SAVED = sorted(PAGES.glob("*/*.html"))
TODAY = dt.date(2026, 11, 24)


def expected(page):
    return json.loads(page.with_suffix(".json").read_text("utf-8"))


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_has_a_saved_page_of_each_of_its_kinds(name):
    profile = load_profile(name)
    urls = [expected(page)["url"] for page in SAVED if page.parent.name == name]
    assert {profile.kind_of(url) for url in urls} == set(profile.pages)


@pytest.mark.parametrize("page", SAVED, ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_a_saved_page_gives_what_is_expected_of_it(page):
    profile = load_profile(page.parent.name)
    wanted = expected(page)
    url = wanted["url"]
    link = Link(profile.kind_of(url), url, wanted["context"])
    found = read_page(profile, link, url, page.read_text("utf-8"), today=TODAY)
    assert as_values(found) == wanted["found"]


@pytest.mark.parametrize("page", SAVED, ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_nothing_of_a_saved_page_says_who_wrote_it(page):
    assert "Inparticular" not in page.with_suffix(".json").read_text("utf-8")


def test_the_saved_pages_have_authors_that_could_have_been_read():
    assert all(
        "Inparticular" in (PAGES / name / "company.html").read_text("utf-8")
        for name in profile_names()
    )
