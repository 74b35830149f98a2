"""What fits to be stored: nothing that the API would refuse."""

import datetime as dt

import pytest
from pydantic import ValidationError

from review_scraper.items import LARGEST_TEXT, Company, Review, hashed_id

URL = "https://reviews.example/firms/acme"
COMPANY = {"site": "shops", "url": URL, "name": "Acme"}
REVIEW = {
    "site": "shops",
    "site_id": "r1",
    "company_url": URL,
    "company": "Acme",
    "text": "It works.",
    "rating": 4,
    "date": dt.date(2026, 11, 3),
    "page_url": URL,
}


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (Company, {"name": "n" * 200, "website": f"https://a.example/{'p' * 1982}"}),
        (Review, {"text": "x" * LARGEST_TEXT, "title": "t" * 1000, "language": "l" * 35}),
        (Review, {"text": "é" * (LARGEST_TEXT // 2), "rating": 5, "date": None}),
    ],
)
def test_the_longest_values_fit(model, fields):
    whole = COMPANY if model is Company else REVIEW
    assert model(**whole | fields).model_dump() == model(**whole).model_dump() | fields


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (Company, {"name": ""}),
        (Company, {"name": " "}),
        (Company, {"name": "n" * 201}),
        (Company, {"name": "NUL \0"}),
        (Company, {"name": "half a pair \ud800"}),
        (Company, {"url": "ftp://reviews.example/"}),
        (Company, {"url": "/firms/acme"}),
        (Company, {"website": f"https://a.example/{'p' * 1983}"}),
        (Company, {"category": "c" * 201}),
        (Company, {"author": "somebody"}),
        (Review, {"rating": 0}),
        (Review, {"rating": 6}),
        (Review, {"rating": "4"}),
        (Review, {"rating": 4.0}),
        (Review, {"rating": True}),
        (Review, {"text": " \n"}),
        (Review, {"text": "é" * (LARGEST_TEXT // 2) + "x"}),
        (Review, {"title": "t" * 1001}),
        (Review, {"date": "2026-11-03"}),
        (Review, {"author": "somebody"}),
    ],
)
def test_what_the_api_would_refuse_does_not_fit(model, fields):
    whole = COMPANY if model is Company else REVIEW
    with pytest.raises(ValidationError):
        model(**whole | fields)


def test_a_review_becomes_json_as_the_api_takes_it():
    assert Review(**REVIEW).model_dump(mode="json")["date"] == "2026-11-03"


def test_the_hash_of_a_review_depends_on_its_company_text_and_date():
    day = dt.date(2026, 11, 3)
    ids = {
        hashed_id(URL, "It works.", day),
        hashed_id(URL, "It works!", day),
        hashed_id(URL + "x", "It works.", day),
        hashed_id(URL, "It works.", None),
    }
    assert len(ids) == 4
    assert all(len(one) == len("sha256:") + 64 for one in ids)
    assert hashed_id(URL, "It works.", day) in ids
