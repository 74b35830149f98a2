"""The demo profile reads the demo site to its last review, and notices another layout."""

import datetime as dt
from hashlib import sha256

import pytest

from demo_site import truth
from demo_site.config import HAZARDS, Config
from demo_site.pages import Pages
from demo_site.running import running
from demo_site.site import Site
from review_scraper.extraction import Link, read_page
from review_scraper.profile import load_profile

BASE = "http://127.0.0.1:8090"
TODAY = dt.date(2026, 11, 24)
DEMO = load_profile("demo")


def demo_site(layout="usual"):
    return Site(Config(TODAY, hazards=frozenset(HAZARDS), layout=layout))


def read_company(site, slug):
    """Yield what each page of a company gives, by the next links, as long as reviews are new."""
    pages = Pages(BASE, site.config.layout, trap=True)
    url, number, seen = f"{BASE}/review/{slug}", 1, set()
    while url:
        html = pages.company(site.page(site.find_company(slug), number))
        found = read_page(DEMO, Link("company", url), url, html, today=TODAY)
        ids = {review.site_id for review in found.reviews}
        yield found
        url = found.next.url if found.next and ids - seen else None
        seen |= ids
        number += 1


@pytest.fixture(scope="module")
def pages():
    site = demo_site()
    return [page for one in site.companies() for page in read_company(site, one.slug)]


def test_every_collectable_review_of_the_demo_site_is_read(pages):
    read = {
        (
            None if review.site_id.startswith("sha256:") else review.site_id,
            review.company_url.removeprefix(f"{BASE}/review/"),
            review.rating,
            str(review.date),
            sha256(review.text.encode()).hexdigest(),
        )
        for page in pages
        for review in page.reviews
    }
    rows = [
        (row["id"], row["company"], row["rating"], row["date"], row["sha256"])
        for row in truth.reviews(demo_site())
    ]
    assert len(rows) == len(set(rows)) > 200
    assert read == set(rows)


def test_every_company_of_the_demo_site_is_read(pages):
    read = {
        (one.url, one.name, one.website, one.category, one.sub_category)
        for page in pages
        for one in page.companies
    }
    assert read == {
        (
            f"{BASE}/review/{row['company']}",
            row["name"],
            row["website"],
            row["category"],
            row["sub_category"],
        )
        for row in truth.companies(demo_site())
    }


def test_only_invalid_reviews_are_rejected_and_nothing_is_missed(pages):
    assert {reject.reason for page in pages for reject in page.rejects} == {
        "text is missing",
        "rating is not 1 to 5",
        "date is in the future",
    }
    assert not [page.missed for page in pages if page.missed]


def test_another_layout_is_missed_on_every_page_that_has_reviews():
    site = demo_site(layout="changed")
    for company in site.companies():
        total = site.review_count(company)
        for page in read_company(site, company.slug):
            said = f"reviews: article.review matched nothing, though the page says {total}"
            assert page.missed == ((said,) if total else ())


@pytest.mark.integration
def test_the_lists_that_a_browser_builds_lead_to_every_company(browser):
    with running(today=TODAY) as base:
        profile = load_profile("demo", base_url=base)
        waiting = [Link("categories", profile.start_urls[0])]
        companies = {}
        while waiting:
            link = waiting.pop()
            found = read_page(profile, link, link.url, rendered(browser, profile, link))
            assert found.missed == ()
            companies |= {one.url: one for one in found.links if one.kind == "company"}
            waiting += [one for one in (*found.links, found.next) if one and one.kind != "company"]
    assert {(url, *link.context.values()) for url, link in companies.items()} == {
        (f"{base}/review/{row['company']}", row["category"], row["sub_category"])
        for row in truth.companies(Site(Config(TODAY)))
    }


BRING_MORE = """([button, end]) => {
    const more = document.querySelector(button);
    if (more) more.click();
    scrollTo(0, document.documentElement.scrollHeight);
    dispatchEvent(new Event("scroll"));
    const all = document.querySelector(end) || document.querySelector("[rel=next]");
    return !more && (all || !document.querySelector("[data-way=scroll]"));
}"""
"""Presses the button and scrolls down; true when there is nothing more to come."""


def rendered(browser, profile, link):
    """Return a page as it is when its script has brought all that the profile knows how to."""
    rule = profile.pages[link.kind]
    page = browser.new_page()
    page.goto(link.url)
    page.wait_for_selector(rule.ready, state="attached")
    if rule.button and rule.scroll:
        page.wait_for_function(BRING_MORE, arg=[rule.button.selector, rule.scroll.end], polling=20)
    html = page.content()
    page.close()
    return html
