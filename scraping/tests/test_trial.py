"""What people are told of a page that a profile was tried on."""

import datetime as dt
import io
import json

from rich.console import Console

from review_scraper.extraction import Found, Link
from review_scraper.items import Company, Reject, Review
from review_scraper.trial import as_values, report

FIRM = "https://reviews.example/firms/acme"
LINK = Link("company", FIRM, {"category": "Home"})
COMPANY = Company(site="shops", url=FIRM, name="Acme [bold]")


def review(number, text="It works."):
    return Review(
        site="shops",
        site_id=f"r{number}",
        company_url=FIRM,
        company="Acme",
        text=text,
        rating=4,
        date=dt.date(2026, 11, 3),
        page_url=FIRM,
    )


def shown(found):
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(report(LINK, found))
    return console.export_text()


def test_a_report_shows_the_first_items_and_counts_all():
    text = shown(Found(companies=(COMPANY,), reviews=tuple(review(n) for n in range(20))))
    assert "companies: 1, reviews: 20, links: 0, rejected: 0, missed: 0" in text
    assert "Acme [bold]" in text
    assert "Review 5 of 20" in text
    assert "Review 6 of 20" not in text
    assert "Nothing that must be here is missing." in text


def test_a_report_shows_links_rejects_by_reason_and_what_is_missing():
    reject = Reject("review", "rating is not 1 to 5", FIRM, {"rating": "6"})
    other = Reject("review", "text is missing", FIRM, {"rating": "4"})
    missed = ("reviews: article.review matched nothing, though the page says 57",)
    following = Link("company", f"{FIRM}?page=2")
    text = shown(
        Found(links=(LINK,), next=following, rejects=(reject, other, reject), missed=missed)
    )
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "2 review: rating is not 1 to 5" in lines
    assert "1 review: text is missing" in lines
    assert f"company {FIRM} Home" in lines
    assert f"Next page: {FIRM}?page=2" in lines
    assert f"Missed: {missed[0]}" in lines
    assert "Nothing that must be here is missing." not in text


def test_a_long_value_is_cut():
    text = shown(Found(reviews=(review(1, "x" * 10_000),)))
    assert 200 < text.count("x") < 400
    assert "…" in text


def test_what_was_found_can_be_written_as_json():
    values = as_values(Found(links=(LINK,), companies=(COMPANY,), reviews=(review(1),)))
    assert json.loads(json.dumps(values)) == values
    assert set(values) == {"links", "companies", "reviews"}
    assert values["reviews"][0]["date"] == "2026-11-03"
