"""What the scraper takes for an item the review API takes too, so that no batch is refused."""

import pytest
from pydantic import ValidationError

from review_api.scraped_schemas import NewCompany, NewScrapedReview
from review_scraper.items import Company, Review

URL = "https://reviews.example/acme"
COMPANY = {"site": "demo", "url": URL, "name": "Acme"}
REVIEW = {
    "site": "demo",
    "site_id": "r-1",
    "company_url": URL,
    "company": "Acme",
    "text": "It came late.",
    "rating": 2,
    "page_url": URL,
}
LONG = "x" * 201
GOOD = [(Company, NewCompany, COMPANY), (Review, NewScrapedReview, REVIEW)]
WRONG = ["", " ", "\0", LONG]


def takes(model, values):
    try:
        model.model_validate(values)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(("ours", "theirs", "good"), GOOD)
def test_items_have_the_fields_that_the_api_takes(ours, theirs, good):
    assert set(ours.model_fields) == set(theirs.model_fields)
    assert takes(ours, good)
    assert takes(theirs, good)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("name", value) for value in [*WRONG, "x" * 200]),
        *(("category", value) for value in [None, *WRONG]),
        *(("site", value) for value in [None, *WRONG]),
        *(
            (field, value)
            for field in ("url", "website")
            for value in ["", "acme", "ftp://a.example"]
        ),
        ("logo_url", "https://a.example/" + "x" * 2000),
        ("logo_url", "https://a.example/" + "é" * 1000),
        ("logo_url", None),
        ("site", "café"),
        ("owner", "Jane"),
    ],
)
def test_a_company_that_the_scraper_takes_is_taken_by_the_api(field, value):
    values = {**COMPANY, field: value}
    assert takes(NewCompany, values) or not takes(Company, values)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("site_id", value) for value in [None, *WRONG]),
        *(("company", value) for value in WRONG),
        *(("text", value) for value in ["", " \n", "a\0b", "x" * 64 * 1024, "é" * 32 * 1024 + "x"]),
        *(("rating", value) for value in [0, 1, 5, 6, 2.5, "3", None]),
        *(("title", value) for value in [None, "", "x" * 1000, "x" * 1001, "\0"]),
        *(("language", value) for value in [None, "en", "x" * 36]),
        ("page_url", "javascript:alert(1)"),
        ("author", "Jane"),
    ],
)
def test_a_review_that_the_scraper_takes_is_taken_by_the_api(field, value):
    values = {**REVIEW, field: value}
    assert takes(NewScrapedReview, values) or not takes(Review, values)
