"""How the owner's pages put numbers, times, runs and logs into words."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from review_ui.admin.access.actions import LIFETIMES, expiry
from review_ui.admin.insights.numbers import Day
from review_ui.admin.insights.page import period_of, weekly
from review_ui.admin.jobs.runs import Job, Run
from review_ui.admin.jobs.words import plain_text, run_address, schedule_text, took_text
from review_ui.admin.models.page import policy_text
from review_ui.admin.models.registry import ModelVersion, Policy
from review_ui.admin.models.words import headline
from review_ui.admin.quarantine.page import shown_by
from review_ui.admin.words import (
    NOTHING,
    count_text,
    date_text,
    duration_text,
    flattened,
    sentence,
    share_text,
    size_text,
    value_text,
)

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def test_dates_are_in_utc():
    moment = datetime(2026, 11, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert date_text(moment) == "31 Oct 2026, 23:30"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "less than 1 s"),
        (59, "59 s"),
        (61, "1 min 1 s"),
        (7200 + 300, "2 h 5 min"),
        (-3, "less than 1 s"),
    ],
)
def test_lengths_of_time_have_their_two_largest_units(seconds, text):
    assert duration_text(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("size", "text"), [(None, NOTHING), (900, "0.9 kB"), (9824249, "9.8 MB"), (2.5e9, "2,500.0 MB")]
)
def test_sizes_have_the_unit_that_suits_them(size, text):
    assert size_text(size) == text


def test_counts_and_shares_in_words():
    assert [count_text(number, "review") for number in (0, 1, 2000)] == [
        "0 reviews",
        "1 review",
        "2,000 reviews",
    ]
    assert [share_text(share, 1) for share in (None, 0.5, 1)] == [
        NOTHING,
        "50.0\u00a0%",
        "100.0\u00a0%",
    ]


def test_what_the_api_says_in_passing_becomes_a_sentence():
    assert sentence("training runs already") == "Training runs already."
    assert sentence("Done.") == "Done."
    assert sentence("") == ""


def test_nested_values_are_called_by_the_way_to_them():
    nested = {"accuracy": 0.76494, "classes": {"bad": {"recall": 0.5}}, "sources": ["a", "b"]}
    assert [(name, value_text(value)) for name, value in flattened(nested)] == [
        ("accuracy", "0.7649"),
        ("classes · bad · recall", "0.5"),
        ("sources", "a, b"),
    ]
    assert [value_text(value) for value in (True, None, 1234, "x")] == ["yes", "", "1,234", "x"]


@pytest.mark.parametrize(
    ("metrics", "text"),
    [
        ({"accuracy": 0.7649, "weighted_f1": 0.8086}, "accuracy 76.5\u00a0%, F1 80.9\u00a0%"),
        ({"int8": {"accuracy": 0.7649, "reviews": 5}}, "accuracy 76.5\u00a0%"),
        ({"loss": 0.2}, ""),
        (None, ""),
    ],
)
def test_a_versions_best_known_metrics_are_its_headline(metrics, text):
    assert headline(version(metrics)) == text


def version(metrics):
    empty = dict.fromkeys(
        ("data_digest", "code_revision", "parent", "rows", "size_bytes", "signature", "gate")
    )
    return ModelVersion(
        name="sentiment",
        version="1",
        uri="s3://models/1.mar",
        sha256="ab" * 32,
        metrics=metrics,
        created_date=NOON,
        aliases=(),
        **empty,
    )


def test_the_policy_is_told_in_percent():
    policy = Policy(
        enabled=True,
        step=250,
        max=5000,
        success_rate=0.99,
        p99_ms=500,
        agreement_drop=0.05,
        interval_seconds=60,
        least_answers=200,
        least_rated=50,
        promote=True,
    )
    text = policy_text(policy)
    for part in ("less than 99 % success", "2.5 % more visitors up to 50 %", "and is promoted."):
        assert part in text


def test_days_are_summed_by_the_week():
    first = date(2026, 11, 1)
    days = [Day(date=first + timedelta(at), people=1, scraped=2) for at in range(10)]
    assert [(week.date.day, week.people, week.scraped) for week in weekly(days)] == [
        (1, 7, 14),
        (8, 3, 6),
    ]


@pytest.mark.parametrize(
    ("asked", "days"), [({}, 30), ({"days": "7"}, 7), ({"days": "8"}, 30), ({"days": "x"}, 30)]
)
def test_only_periods_that_are_offered_are_asked_for(asked, days):
    assert period_of(asked) == days


def test_held_reviews_that_wait_are_shown_unless_others_are_asked_for():
    assert [shown_by({"shown": asked}) for asked in ("use", "x", "")] == ["use", "none", "none"]


def run(**changes):
    return Run(
        **{"id": "7", "job": "training", "state": "running", "by": "ada", "created": NOON} | changes
    )


def test_a_run_says_how_long_it_took_or_since_when_it_runs():
    assert took_text(run()) == NOTHING
    assert took_text(run(started=NOON)) == "since 1 Nov 2026, 12:00"
    assert took_text(run(started=NOON, finished=NOON + timedelta(minutes=3))) == "3 min 0 s"


def test_a_runs_address_may_hold_anything():
    assert run_address("/log", run(id="a&b=1")) == "/log?job=training&id=a%26b%3D1"


@pytest.mark.parametrize(
    ("schedule", "suspended", "text"),
    [
        (None, False, "only when you start it"),
        ("0 3 * * *", False, "by itself at 0 3 * * *"),
        ("0 3 * * *", True, "is off"),
    ],
)
def test_a_schedule_is_told(schedule, suspended, text):
    job = Job(name="scraping", schedule=schedule, suspended=suspended, running=False)
    assert text in schedule_text(job)


@pytest.mark.parametrize(
    ("log", "shown"),
    [
        ("a\nb\n", "a\nb\n"),
        ("\x1b[1;32mgreen\x1b[0m", "green"),
        ("10 %\r50 %\r100 %\ndone\r\n", "100 %\ndone\n"),
        ("\x1b[2K\x1b[1Aup", "up"),
    ],
)
def test_a_log_is_shown_as_a_terminal_would_leave_it(log, shown):
    assert plain_text(log) == shown


def test_a_token_ends_when_it_was_chosen_to():
    ends = datetime.fromisoformat(expiry("30 days"))
    assert timedelta(days=29) < ends - datetime.now(UTC) <= timedelta(days=30)
    assert expiry("for ever") is None
    assert next(iter(LIFETIMES)) != "for ever"
