"""The policy at work: real servers, real reviews in Postgres, one step at a time."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from review_api import canary, database, measurements, registry, worker
from review_api.canary_schemas import CanaryChange
from review_api.duties import Duty
from review_api.measurements import Call
from review_api.model_server import ModelServer
from review_api.models import Canary, GateReport, ModelCallCount, ModelEvent, Review, ShadowScore
from review_api.policy import Keeper
from review_api.registry import Author
from review_api.scoring import Scorer

pytestmark = pytest.mark.integration

ENABLED = {"enabled": True, "interval_seconds": 1}
RATINGS = (1, 1, 2, 3, 4, 4, 5, 5, 5, 5)
SCORES = {1: 0.1, 2: 0.2, 3: 0.5, 4: 0.8, 5: 0.9}
OTHER_SCORES = {1: 0.9, 2: 0.5, 3: 0.9, 4: 0.5, 5: 0.1}
"""A score of the person's class for each rating, and one of another class."""


@pytest.fixture
def keeper(canary_model):
    return Keeper(ModelServer(canary_model.url, timeout=5), gate_required=True)


@pytest.fixture
def scorer(model, keeper):
    return Scorer(ModelServer(model.url, timeout=5), keeper.canary_server)


@pytest.fixture
def measure(db):
    """Return a function that writes what the worker does of so many calls to a version."""

    def measure(version, role="canary", answers=0, agreeing=0.8, failures=0, seed=0, always=None):
        dice, step = random.Random(seed), Canary.get().step
        with db.atomic():
            for count, took in ((answers, 5.0), (failures, None)):
                call = Call(version, role, step, took)
                if count:
                    measurements.record([call])
                    same = ModelCallCount.version == version, ModelCallCount.bucket == call.bucket
                    counted = ModelCallCount.update(calls=count).where(*same)
                    counted.where(ModelCallCount.step == step).execute()
            rows = [review(dice, version, agreeing) for _ in range(answers)]
            if always:
                rows = [row | {"model_score": always} for row in rows]
            if rows:
                Review.insert_many(rows).execute()

    return measure


def review(dice, version, agreeing):
    rating = dice.choice(RATINGS)
    scores = SCORES if dice.random() < agreeing else OTHER_SCORES
    scored = {"model_score": scores[rating], "model_version": version, "scored_date": "now"}
    return {"review": "x", "rating": rating, "brand": "Acme", **scored}


@pytest.fixture
def save(db):
    """Return a function that saves reviews by the canary's visitors, not scored yet."""

    def save(count, seed):
        dice = random.Random(seed)
        rows = [
            {"review": f"{seed}: {number}", "rating": dice.choice(RATINGS), "brand": "Acme"}
            | {"visitor_bucket": dice.randrange(5000)}
            for number in range(count)
        ]
        with db.atomic():
            Review.insert_many(rows).execute()

    return save


def grow_old():
    """Let the last change of the weight be an hour ago."""
    Canary.update(changed_date="yesterday").execute()


def now():
    found = canary.situation()
    return found.production, found.canary, found.weight


def events():
    query = ModelEvent.select().where(ModelEvent.who == "policy").order_by(ModelEvent.id)
    return [(one.action, one.version, (one.details or {}).get("after")) for one in query]


def test_a_canary_that_always_says_good_is_away_20_of_20_times(
    canary_at, measure, save, canary_model, keeper, scorer
):
    canary_model.score = lambda _: 0.99
    for seed in range(20):
        canary_at(weight=5000, policy=ENABLED)
        measure("1.0", "production", 300, seed=seed)
        measure("1.1", "canary", 150, always=0.99, seed=-seed)
        save(50, seed)
        for number in range(50):
            if number in {0, 49}:
                keeper.look()
                assert now() == ("1.0", "1.1", 5000), number
            assert worker.score_next(scorer)
        keeper.look()
        assert now() == ("1.0", None, 0)
    removed = ModelEvent.select().where(ModelEvent.action == "canary_removed")
    assert [one.who for one in removed] == ["policy"] * 20
    assert all("people agree with it" in one.reason for one in removed)


def test_a_worker_sends_a_canary_that_fails_away_while_reviews_still_wait(
    canary_at, save, canary_model, keeper, scorer
):
    canary_model.status = lambda _: 500
    canary_at(weight=5000, policy=ENABLED)
    save(400, seed=1)
    stop = threading.Event()

    def look():
        keeper.look()
        if now()[1] is None:
            stop.set()

    worker.work(scorer, 0.01, stop, [Duty(0.05, look)])
    assert events() == [("canary_removed", "1.1", None)]
    waiting = Review.select().where(Review.model_score.is_null()).count()
    assert waiting > 0
    assert Review.select().where(Review.model_version == "1.0").count() == 400 - waiting >= 200


def test_a_good_canary_goes_from_step_to_step_and_is_promoted(canary_at, measure, keeper):
    canary_at(policy=ENABLED | {"step": 2000, "max": 3000, "promote": True})
    keeper.look()
    for seed in range(2):
        grow_old()
        measure("1.0", "production", 400, seed=seed)
        measure("1.1", "canary", 400, seed=seed)
        keeper.look()
    assert now() == ("1.1", None, 0)
    assert events() == [("weight", "1.1", 2000), ("weight", "1.1", 3000), ("promoted", "1.1", None)]


def test_without_promotion_a_good_canary_stays_at_the_most(canary_at, measure, keeper):
    canary_at(weight=3000, policy=ENABLED | {"max": 3000})
    grow_old()
    measure("1.0", "production", 400)
    measure("1.1", "canary", 400)
    keeper.look()
    assert now() == ("1.0", "1.1", 3000)
    assert events() == []


def test_it_takes_its_time_from_step_to_step_but_not_to_take_a_bad_canary_away(
    canary_at, measure, keeper
):
    canary_at(weight=500, policy=ENABLED | {"interval_seconds": 3600})
    measure("1.0", "production", 400)
    measure("1.1", "canary", 200)
    keeper.look()
    assert now() == ("1.0", "1.1", 500)
    measure("1.1", "canary", 400, agreeing=0.2)
    keeper.look()
    assert now() == ("1.0", None, 0)


@pytest.mark.parametrize("bad", [{"answers": 199, "agreeing": 0}, {"failures": 199}])
def test_nothing_is_decided_on_too_little(canary_at, measure, keeper, bad):
    canary_at(weight=500, policy=ENABLED)
    grow_old()
    measure("1.0", "production", 400)
    measure("1.1", "canary", **bad)
    keeper.look()
    assert now() == ("1.0", "1.1", 500)


def test_what_was_measured_before_the_weight_changed_does_not_count(canary_at, measure, keeper):
    canary_at(weight=500, policy=ENABLED)
    measure("1.0", "production", 400)
    measure("1.1", "canary", 400, agreeing=0)
    canary.change(CanaryChange(weight=600), Author("ada"))
    keeper.look()
    assert now() == ("1.0", "1.1", 600)


def test_the_policy_is_off_until_it_is_turned_on(canary_at, measure, keeper):
    canary_at(weight=500)
    measure("1.0", "production", 400)
    measure("1.1", "canary", 400, agreeing=0)
    keeper.look()
    assert now() == ("1.0", "1.1", 500)
    canary.change(CanaryChange.model_validate({"policy": ENABLED}), Author("ada"))
    keeper.look()
    assert now() == ("1.0", None, 0)


def test_a_canary_begins_by_itself_only_when_its_server_has_it(canary_at, canary_model, keeper):
    canary_at(policy=ENABLED)
    canary_model.version = "1.0"
    keeper.look()
    assert now() == ("1.0", "1.1", 0)
    canary_model.version = "1.1"
    keeper.look()
    assert now() == ("1.0", "1.1", 500)


def test_a_canary_that_somebody_stopped_does_not_begin_again(canary_at, keeper):
    canary_at(weight=500, policy=ENABLED)
    canary.change(CanaryChange(weight=0), Author("ada", "wait for me"))
    keeper.look()
    assert now() == ("1.0", "1.1", 0)


def test_what_the_canary_says_unseen_is_evidence_too(
    canary_at, measure, save, canary_model, keeper, scorer
):
    canary_model.score = lambda _: 0.99
    canary_at(shadow=10_000, policy=ENABLED)
    measure("1.0", "production", 300)
    save(220, seed=3)
    while worker.score_next(scorer):
        pass
    assert ShadowScore.select().count() == 220
    keeper.look()
    assert now() == ("1.0", None, 0)


def test_a_canary_that_was_forced_past_the_gate_is_not_promoted_by_itself(
    canary_at, measure, keeper
):
    canary_at(weight=5000, policy=ENABLED | {"promote": True})
    GateReport.delete().execute()
    grow_old()
    measure("1.0", "production", 400)
    measure("1.1", "canary", 400)
    keeper.look()
    assert now() == ("1.0", "1.1", 5000)
    Keeper(keeper.canary_server, gate_required=False).look()
    assert now() == ("1.1", None, 0)


def test_workers_at_the_same_time_make_one_step(canary_at, measure, keeper):
    canary_at(weight=500, policy=ENABLED)
    for weight in (1000, 1500, 2000):
        grow_old()
        measure("1.0", "production", 400)
        measure("1.1", "canary", 400)
        together = threading.Barrier(4)

        def look(_, together=together):
            together.wait()
            keeper.look()
            database.give_back()

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(look, range(4)))
        assert now() == ("1.0", "1.1", weight)
    assert [after for *_, after in events()] == [1000, 1500, 2000]


def test_while_somebody_changes_an_alias_the_policy_leaves_it_to_them(canary_at, measure, keeper):
    canary_at(weight=500, policy=ENABLED)
    measure("1.0", "production", 400)
    measure("1.1", "canary", 400, agreeing=0)
    with ThreadPoolExecutor(1) as pool, registry.changing():
        pool.submit(lambda: (keeper.look(), database.give_back())).result()
    assert now() == ("1.0", "1.1", 500)
