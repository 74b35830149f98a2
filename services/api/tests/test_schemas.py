"""What the schemas take and refuse."""

import pytest
from pydantic import ValidationError

from review_api.schemas import LARGEST_REVIEW, NewReview, NewReviewForm, ReviewFilter

GOOD = '"review": "fine", "rating": 3, "brand": "Acme"'


def refused_fields(text):
    with pytest.raises(ValidationError) as caught:
        NewReview.model_validate_json(text)
    return {".".join(map(str, error["loc"])) for error in caught.value.errors()}


@pytest.mark.parametrize(
    ("extra", "field"),
    [
        ('"rating": 0', "rating"),
        ('"rating": 6', "rating"),
        ('"rating": 3.5', "rating"),
        ('"rating": "3"', "rating"),
        ('"rating": true', "rating"),
        ('"rating": null', "rating"),
        (f'"rating": {"9" * 4000}', "rating"),
        ('"sentiment_score": 1.01', "sentiment_score"),
        ('"sentiment_score": -0.01', "sentiment_score"),
        ('"sentiment_score": NaN', "sentiment_score"),
        ('"sentiment_score": Infinity', "sentiment_score"),
        ('"sentiment_score": 1e400', "sentiment_score"),
        ('"review": ""', "review"),
        ('"review": " \\n "', "review"),
        ('"review": "a\\u0000b"', "review"),
        ('"review": ["a"]', "review"),
        (f'"review": "{"x" * (LARGEST_REVIEW + 1)}"', "review"),
        (f'"review": "{"é" * (LARGEST_REVIEW // 2 + 1)}"', "review"),
        ('"brand": "  "', "brand"),
        (f'"brand": "{"x" * 201}"', "brand"),
        (f'"user_agent": "{"x" * 1001}"', "user_agent"),
        ('"id": 7', "id"),
        ('"created_date": "2020-01-01T00:00:00Z"', "created_date"),
        ('"model_score": 0.5', "model_score"),
        ('"surprise": 1', "surprise"),
    ],
)
def test_a_bad_field_is_refused_by_name(extra, field):
    assert refused_fields(f"{{{GOOD}, {extra}}}") == {field}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{",
        '"review"',
        '{"review": "\\ud800", "rating": 3, "brand": "Acme"}',
        "[" * 100_000,
        '{"a":' * 100_000,
        b'{"review": "\xff", "rating": 3, "brand": "Acme"}',
    ],
)
def test_a_broken_body_is_refused(text):
    assert refused_fields(text)


def test_a_lone_surrogate_is_refused_also_outside_json():
    with pytest.raises(ValidationError, match="unicode"):
        NewReview(review="\udc80", rating=3, brand="Acme")


def test_a_review_of_exactly_64_kib_is_taken():
    assert NewReview(review="é" * (LARGEST_REVIEW // 2), rating=3, brand="Acme")


def test_a_form_has_text_for_numbers():
    form = NewReviewForm(
        review="x",
        rating="4",
        suggested_rating="4",
        sentiment_score="0.5",
        brand="Acme",
        user_agent="",
        ip_address="",
    )
    assert (form.rating, form.sentiment_score) == (4, 0.5)


@pytest.mark.parametrize(
    "query",
    [
        {"limit": ["0"]},
        {"limit": ["1001"]},
        {"limit": ["ten"]},
        {"limit": ["5", "6"]},
        {"sort": ["id"]},
        {"since": ["yesterday"]},
        {"since": ["1700000000"]},
        {"until": ["2026-02-30"]},
        {"rating": ["9"]},
        {"brand": ["a\0b"]},
        {"format": ["xml"]},
        {"colour": ["red"]},
    ],
)
def test_a_bad_query_is_refused(query):
    with pytest.raises(ValidationError):
        ReviewFilter.from_query(query)


def test_empty_parameters_count_as_not_given():
    assert ReviewFilter.from_query({"brand": [""], "rating": ["", "4"]}).rating == [4]
