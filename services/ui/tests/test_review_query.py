import pytest
from pydantic import ValidationError

from review_ui.admin.reviews.callbacks import export_address
from review_ui.admin.reviews.query import SORT_NAMES, ReviewQuery, query_of_address


def test_empty_filters_are_not_asked_for():
    assert ReviewQuery(brand="", rating=[], since="").page() == {
        "sort": "-created_date",
        "limit": 25,
    }


def test_a_page_is_asked_for_by_its_cursor():
    assert ReviewQuery(cursor="abc").page()["cursor"] == "abc"


def test_an_export_has_no_cursor():
    query = ReviewQuery(brand="1&1", rating=[4, 5], since="2026-11-01", cursor="abc")
    assert export_address(query) == (
        "/admin/reviews.csv?brand=1%261&rating=4&rating=5&since=2026-11-01&sort=-created_date"
    )


def test_an_address_is_read_back_as_it_was_written():
    query = ReviewQuery(brand="IKEA", rating=[1, 2], until="2026-11-02", sort="rating")
    arguments = {"brand": ["IKEA"], "rating": ["1", "2"], "until": ["2026-11-02"]}
    assert query_of_address({**arguments, "sort": ["rating"]}) == query


@pytest.mark.parametrize("wrong", [{"sort": "id; drop"}, {"since": "soon"}, {"rating": ["x"]}])
def test_what_the_page_never_sends_is_refused(wrong):
    with pytest.raises(ValidationError):
        ReviewQuery(**wrong)


@pytest.mark.parametrize("sort", SORT_NAMES)
def test_the_page_buttons_are_named_after_the_order(sort):
    names = {"-created_date": ("Newer", "Older"), "created_date": ("Older", "Newer")}
    assert ReviewQuery(sort=sort).turn_names == names.get(sort, ("Previous", "Next"))


@pytest.mark.parametrize(
    ("query", "filtered"), [({}, False), ({"sort": "rating"}, False), ({"rating": [1]}, True)]
)
def test_sorting_is_no_filter(query, filtered):
    assert ReviewQuery(**query).is_filtered is filtered
