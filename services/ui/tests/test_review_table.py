from datetime import UTC, datetime

import pytest
from dash import html

from review_ui.admin.reviews.query import ReviewQuery
from review_ui.admin.reviews.table import excerpt, found_text, table_view
from review_ui.api_client import ReviewPage, StoredReview


def stored(**changes):
    fields = {
        "id": 7,
        "created_date": datetime(2026, 11, 1, 9, 5, tzinfo=UTC),
        "review": "Good soup.",
        "rating": 4,
        "brand": "Ecosia",
    }
    return StoredReview(**fields | changes)


def shown(*reviews, **query):
    return table_view(ReviewPage(reviews, total=len(reviews)), ReviewQuery(**query))


def test_a_row_shows_choice_suggestion_and_the_models_own_score(texts):
    row = texts(
        shown(
            stored(
                suggested_rating=5,
                sentiment_score=0.91,
                shown_version="1.0",
                model_score=0.42,
                model_version="1.1",
            )
        )
    )
    assert {"4", "91% good", "suggested 5 · v1.0", "42% average", "v1.1"} <= set(row)


def test_a_review_that_waits_for_its_score_says_so(texts):
    row = texts(shown(stored()))
    assert "not scored yet" in row
    assert "nothing" in row


def test_a_long_text_is_cut_but_all_there(texts):
    text = "word " * 100 + "end."
    view = shown(stored(review=text))
    assert text in texts(view)
    assert any(isinstance(part, html.Details) for part in view._traverse())


def test_a_short_text_is_not_cut():
    assert excerpt("Good soup.") == "Good soup."


def test_an_excerpt_ends_between_words():
    assert excerpt("word " * 100).endswith("word …")


def test_the_sorted_column_says_so():
    headings = [
        part for part in shown(stored(), sort="-rating")._traverse() if isinstance(part, html.Th)
    ]
    sorted_by = {h.children: getattr(h, "aria-sort") for h in headings if hasattr(h, "aria-sort")}
    assert sorted_by == {"Rating": "descending"}


def test_delete_buttons_name_their_review(texts):
    assert "Delete the review of Ecosia, 1 Nov 2026, 09:05" in texts(shown(stored()))


@pytest.mark.parametrize(
    ("query", "title"), [({}, "No reviews yet"), ({"brand": "IKEA"}, "No review matches")]
)
def test_an_empty_table_says_why(texts, query, title):
    assert title in texts(shown(**query))


@pytest.mark.parametrize(
    ("page", "query", "text"),
    [
        (ReviewPage(total=1), {}, "1 review"),
        (ReviewPage(total=1234), {}, "1,234 reviews"),
        (ReviewPage(total=2), {"text": "soup"}, "2 reviews found"),
        (ReviewPage(total=10000, is_exact=False), {"text": "a"}, "more than 10,000 reviews found"),
    ],
)
def test_the_number_of_reviews_is_said_in_words(page, query, text):
    assert found_text(page, ReviewQuery(**query)) == text
