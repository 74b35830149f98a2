"""Insights: what the last days' reviews say, in numbers that can be counted by hand."""

import pytest

from review_api import insights
from review_api.insights import histogram, matrix

NOBODY = {"bad": 0, "average": 0, "good": 0}


@pytest.fixture
def add(db):
    """Return a function that stores reviews so many days ago, each given by its columns."""

    def add(days_ago=0, **columns):
        row = {"review": "x", "rating": 3, "brand": "Acme"} | columns
        names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
        db.execute_sql(
            f"insert into review (created_date, {names})"
            f" values (now() - %s * interval '1 day', {marks})",
            [days_ago, *row.values()],
        )

    return add


@pytest.fixture
def ask(client, reader):
    def ask(**query):
        answer = client.get("/api/insights", query_string=query, headers=reader)
        assert answer.status_code == 200
        return answer.json

    return ask


def test_each_part_of_the_scores_is_counted_and_reviews_without_a_score_are_not():
    groups = [
        ("bad", "bad", None, 1, 2),
        ("good", "bad", None, 1, 1),
        ("good", None, None, None, 9),
    ]
    assert histogram(groups) == [3, 0, 0, 0, 0, 0, 0, 0, 0, 0]


def test_a_matrix_has_people_in_its_rows_and_leaves_out_what_has_no_second_class():
    pairs = [("bad", "good", 2), ("bad", "good", 3), ("good", None, 7)]
    assert matrix(pairs) == {"bad": NOBODY | {"good": 5}, "average": NOBODY, "good": NOBODY}


@pytest.mark.integration
def test_an_installation_without_reviews_has_days_of_nothing(ask):
    found = ask(days=3)
    assert [(day["people"], day["scraped"]) for day in found["days"]] == [(0, 0)] * 3
    assert found["scores"] == [0] * 10
    assert found["matrix"] == found["suggested"] == dict.fromkeys(NOBODY, NOBODY)
    assert found["brands"] == []
    assert found["totals"] == {"people": 0, "scraped": 0, "unscored": 0, "quarantined": 0}


@pytest.mark.integration
def test_the_days_end_with_today_and_older_reviews_count_in_the_totals_only(ask, add, post_scraped):
    for days_ago in (0, 1, 1, 5):
        add(days_ago)
    post_scraped({}, {"site_id": "r-2"})
    found = ask(days=3)
    assert [day["people"] for day in found["days"]] == [0, 2, 1]
    assert [day["scraped"] for day in found["days"]] == [0, 0, 2]
    assert found["totals"]["people"] == found["totals"]["unscored"] == 4
    assert found["totals"]["scraped"] == 2


@pytest.mark.integration
def test_people_are_held_against_the_models_own_score_and_against_what_they_were_shown(ask, add):
    add(rating=1, model_score=0.9, suggested_rating=5)
    add(rating=2, model_score=0.32999, suggested_rating=1)
    add(rating=3, model_score=0.33, suggested_rating=None)
    add(rating=4, model_score=0.67, suggested_rating=3, sentiment_score=0.0)
    add(rating=5, model_score=None, suggested_rating=4)
    found = ask()
    assert found["matrix"] == {
        "bad": {"bad": 1, "average": 0, "good": 1},
        "average": {"bad": 0, "average": 1, "good": 0},
        "good": {"bad": 0, "average": 0, "good": 1},
    }
    assert found["suggested"] == {
        "bad": {"bad": 1, "average": 0, "good": 1},
        "average": NOBODY,
        "good": {"bad": 0, "average": 1, "good": 1},
    }


@pytest.mark.integration
def test_scores_at_both_ends_and_on_an_edge_have_their_part(ask, add):
    for score in (0, 0.0999, 0.1, 0.55, 1):
        add(model_score=score)
    assert ask()["scores"] == [2, 1, 0, 0, 0, 1, 0, 0, 0, 1]


@pytest.mark.integration
def test_brands_have_peoples_and_scraped_reviews_in_any_case_of_the_name(ask, add, post_scraped):
    add(brand="Acme", rating=1, model_score=0.2)
    add(brand="acme", rating=2, model_score=0.4)
    add(brand="Other", rating=3)
    post_scraped({"company": "ACME", "rating": 5})
    acme, other = ask()["brands"]
    assert acme["brand"].lower() == "acme"
    assert (acme["reviews"], acme["mean_rating"]) == (3, pytest.approx(8 / 3))
    assert acme["mean_score"] == pytest.approx(0.3)
    assert other == {"brand": "Other", "reviews": 1, "mean_rating": 3.0, "mean_score": None}


@pytest.mark.integration
def test_at_most_twenty_brands_are_named_those_with_most_reviews(ask, add):
    for number in range(25):
        add(brand=f"brand {number:02}")
    add(brand="brand 24")
    names = [brand["brand"] for brand in ask()["brands"]]
    assert names == ["brand 24", *(f"brand {number:02}" for number in range(19))]


@pytest.mark.integration
def test_no_text_is_read_for_the_figures(db):
    """All that they need is in an index: a hundred thousand texts would take seconds."""
    statements = [
        (insights.DAYS, {"before": 29}),
        (insights.BRANDS, {"before": 29}),
        insights.groups_of(30).sql(),
    ]
    with db.atomic():
        db.execute_sql("set local enable_seqscan = off")
        db.execute_sql("set local enable_bitmapscan = off")
        for statement, values in statements:
            plan = "\n".join(row[0] for row in db.execute_sql(f"explain {statement}", values))
            assert "Index Only Scan using review_by_date" in plan
            assert "Index Scan" not in plan
            assert "Seq Scan" not in plan


@pytest.mark.integration
@pytest.mark.parametrize("days", ["0", "367", "x", "1.5"])
def test_days_are_a_year_at_most(client, reader, days):
    answer = client.get("/api/insights", query_string={"days": days}, headers=reader)
    assert answer.status_code == 400


@pytest.mark.integration
def test_insights_need_the_right_to_read_reviews(client, bearer):
    assert client.get("/api/insights").status_code == 401
    assert client.get("/api/insights", headers=bearer("models:read")).status_code == 403
