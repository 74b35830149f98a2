import pytest
from bench import pages
from bench.figures import MeasurementError


def test_every_order_has_its_opposite() -> None:
    assert pages.opposite("-rating") == "rating"
    assert all(pages.opposite(pages.opposite(sort)) == sort for sort in pages.SORTS)


def test_the_next_cursor_is_found_beside_the_previous_one() -> None:
    links = '</api/reviews?cursor=a%2B>; rel="prev", </api/reviews?limit=5&cursor=b>; rel="next"'
    assert pages.next_cursor(links) == "b"


def test_a_list_without_a_next_page_cannot_be_measured() -> None:
    with pytest.raises(MeasurementError, match="too few reviews"):
        pages.next_cursor("")


def test_the_summary_names_the_slowest_pair_of_filter_and_order() -> None:
    times = {(name, sort): 1.0 for name in pages.FILTERS for sort in pages.SORTS}
    times["brand", "rating"] = 9.0
    figures = pages.summary(times, rows=1000)
    assert figures[-1].name == "1,000 rows, worst of all pairs (brand, by rating), p95"
    assert figures[-1].value == 9.0
    assert len(figures) == len(pages.SORTS) + len(pages.FILTERS)
