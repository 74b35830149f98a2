"""Drift: what people write now against what the model in production learned from."""

import pytest

from review_api import drift, registry
from review_api.drift import level_of, suggestion
from review_api.insight_schemas import FeatureDrift
from review_api.model_schemas import NewModelVersion
from review_api.models import Drift, Review
from review_api.registry import Author
from review_api.settings import Settings

PROFILE = {
    "version": 1,
    "rows": 1000,
    "features": {
        "score": {"kind": "numeric", "edges": [0.5], "shares": [0.5, 0.5]},
        "length": {"kind": "numeric", "edges": [10, 20], "shares": [0.2, 0.3, 0.5]},
        "class": {"kind": "classes", "shares": {"bad": 0.4, "average": 0.2, "good": 0.4}},
        "language": {
            "kind": "words",
            "classes": {"en": ["the", "and"], "de": ["der", "und"]},
            "shares": {"en": 0.9, "de": 0.05, "unknown": 0.05},
        },
    },
}

NOTHING = {"window": None, "rows": 0, "level": "unknown", "suggestion": None, "features": []}


def test_levels_are_those_of_custom_where_chance_does_not_explain_the_index():
    assert [level_of(index, 0.01, 1000) for index in (0.0999, 0.1, 0.2499, 0.25)] == [
        *("ok", "watch", "watch", "drifted"),
    ]
    assert level_of(0.3, 0.31, 60) == "ok"
    assert level_of(9.0, 0.0, 49) == "unknown"


def test_only_what_has_drifted_suggests_to_retrain():
    def feature(name, level):
        return FeatureDrift(
            name=name,
            level=level,
            psi=1,
            jensen_shannon=1,
            chance=0,
            labels=[],
            training=[],
            recent=[],
        )

    calm = [feature("score", "watch"), feature("length", "unknown")]
    assert suggestion(calm, "1.0", 7) is None
    drifted = [*calm, feature("class", "drifted"), feature("language", "drifted")]
    assert suggestion(drifted, "1.0", 7) == (
        "retrain: class and language of the last 7 days' reviews differ from what 1.0 learned from"
    )


@pytest.fixture
def settings(database_url):
    return Settings(database_url=database_url)


@pytest.fixture
def in_production():
    """Return a function that puts a version with a profile into production."""

    def make(version="2.0", profile=PROFILE):
        new = NewModelVersion(
            name="sentiment", version=version, uri="file:///m.mar", sha256="b" * 64, profile=profile
        )
        registry.register(new, Author("training"))
        registry.promote(new, Author("ada"), gate_required=False)

    return make


@pytest.fixture
def write(db):
    """Return a function that stores reviews like those of the profile, but for what is given."""

    def write(count, **columns):
        rows = []
        for i in range(count):
            words = {18: "xxx yyy", 19: "der und"}.get(i % 20, "the and")
            text = " ".join([words] * (1 + (i % 10 >= 2) + (i % 10 >= 5)))
            row = {"review": text, "rating": (1, 5, 2, 4, 3)[i % 5], "brand": "Acme"}
            row |= {"model_score": (i % 2) * 0.9, "model_version": "2.0"}
            rows.append(row | columns)
        with db.atomic():
            Review.insert_many(rows).execute()

    return write


@pytest.fixture
def ask(client, bearer):
    def ask():
        answer = client.get("/api/drift", headers=bearer("models:read"))
        assert answer.status_code == 200
        return answer.json

    return ask


@pytest.mark.integration
class TestReports:
    def test_a_fresh_installation_knows_nothing_and_says_so(self, client, ask, settings):
        drift.watch(settings)
        assert ask() == {"version": None} | NOTHING
        metrics = client.get("/metrics").text
        assert "candor_drift_psi" in metrics
        assert "candor_drift_psi{" not in metrics

    def test_before_the_first_comparison_only_the_version_is_known(self, ask, in_production):
        in_production()
        assert ask() == {"version": "2.0"} | NOTHING

    @pytest.mark.parametrize("profile", [None, {"version": 9}, {"version": 1, "features": 3}])
    def test_a_version_whose_profile_is_missing_or_unreadable_cannot_be_compared(
        self, ask, in_production, write, settings, profile
    ):
        in_production(profile=profile)
        write(60)
        drift.watch(settings)
        found = ask()
        assert (found["version"], found["level"], found["features"]) == ("2.0", "unknown", [])
        assert found["window"]["since"] < found["window"]["until"]

    def test_reviews_like_those_of_training_are_no_drift(self, ask, in_production, write, settings):
        in_production()
        write(100)
        drift.watch(settings)
        found = ask()
        assert (found["rows"], found["level"], found["suggestion"]) == (100, "ok", None)
        lengths = next(one for one in found["features"] if one["name"] == "length")
        assert lengths["labels"] == ["< 10", "10 to 20", "≥ 20"]
        assert lengths["training"] == lengths["recent"] == [0.2, 0.3, 0.5]
        assert lengths["psi"] == lengths["jensen_shannon"] == 0

    def test_reviews_of_another_kind_are_and_prometheus_hears_of_it(
        self, client, ask, in_production, write, settings
    ):
        in_production()
        write(80, review="der Hund und die Katze", rating=1, model_score=0.1)
        drift.watch(settings)
        found = ask()
        levels = {one["name"]: one["level"] for one in found["features"]}
        assert levels == dict.fromkeys(("score", "length", "class", "language"), "drifted")
        assert found["level"] == "drifted"
        assert found["suggestion"].startswith("retrain: ")
        language = next(one for one in found["features"] if one["name"] == "language")
        metrics = client.get("/metrics").text
        assert f'candor_drift_psi{{feature="language"}} {language["psi"]}' in metrics
        distance = language["jensen_shannon"]
        assert f'candor_drift_jensen_shannon{{feature="language"}} {distance}' in metrics
        assert 'candor_drift_level{feature="language"} 3.0' in metrics

    def test_of_fewer_than_fifty_reviews_nothing_is_said(self, ask, in_production, write, settings):
        in_production()
        write(49, rating=1)
        drift.watch(settings)
        found = ask()
        assert (found["rows"], found["level"]) == (49, "unknown")

    def test_scores_of_another_version_are_not_held_against_this_one(
        self, ask, in_production, write, settings
    ):
        in_production()
        write(60, model_version="1.0", model_score=0.9)
        drift.watch(settings)
        score = next(one for one in ask()["features"] if one["name"] == "score")
        assert (score["level"], score["psi"]) == ("unknown", None)

    def test_reviews_from_before_the_window_do_not_count(
        self, db, ask, in_production, write, settings
    ):
        in_production()
        write(60)
        db.execute_sql("update review set created_date = now() - interval '8 days'")
        drift.watch(settings)
        assert (ask()["rows"], ask()["level"]) == (0, "unknown")

    def test_of_very_many_reviews_a_sample_of_all_days_is_compared(
        self, db, ask, in_production, settings
    ):
        in_production()
        db.execute_sql(
            "insert into review (created_date, review, rating, brand)"
            " select now() - i * interval '1 minute', repeat('x', 5 + 10 * (i / 4000)), 5, 'Acme'"
            " from generate_series(1, 8000) as i"
        )
        drift.watch(settings)
        found = ask()
        assert found["rows"] == drift.MOST_ROWS
        lengths = next(one for one in found["features"] if one["name"] == "length")
        assert lengths["recent"] == pytest.approx([0.5, 0.5, 0], abs=0.05)

    def test_one_comparison_is_made_an_interval_and_one_when_the_version_changes(
        self, in_production, write, ask, settings
    ):
        in_production("2.0")
        drift.watch(settings)
        write(60)
        drift.watch(settings)
        assert ask()["rows"] == 0
        drift.watch(settings.model_copy(update={"drift_interval_seconds": 1e-9}))
        assert ask()["rows"] == 60
        in_production("3.0")
        drift.watch(settings)
        assert ask()["version"] == "3.0"

    def test_a_report_in_the_form_of_another_release_is_none(self, ask, client, in_production):
        in_production()
        Drift.create(name="production", version="2.0", report={"shape": "another"})
        assert ask() == {"version": "2.0"} | NOTHING
        assert client.get("/metrics").status_code == 200
