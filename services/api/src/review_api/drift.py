"""``GET /api/drift``: how recent reviews differ from what the model in production learned from.

A worker compares them now and then and keeps its last report; answers and metrics read that.
"""

from __future__ import annotations

from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from flask import Blueprint, Response
from peewee import fn
from pydantic import ValidationError

from review_api.classes import rating_class
from review_api.database import database, open_apart
from review_api.divergence import (
    index_by_chance,
    jensen_shannon_distance,
    population_stability_index,
)
from review_api.insight_schemas import DriftReport, FeatureDrift, Level, Window
from review_api.models import Drift, Review
from review_api.operations import describe
from review_api.profiles import Profile, Recent, look
from review_api.registry import PRODUCTION, meaning

if TYPE_CHECKING:
    from collections.abc import Generator

    from peewee import ModelSelect

    from review_api.models import ModelVersion
    from review_api.profiles import Feature, Look
    from review_api.settings import Settings

blueprint = Blueprint("drift", __name__)

LEAST_ROWS = 50
"""Of fewer reviews nothing can be said."""

MOST_ROWS = 5000
"""Of more a sample is enough; this bounds how long scoring waits for a comparison."""

LOOK_EVERY = 15.0
"""Seconds between two looks whether it is time to compare, or another version is in use."""

WATCH_FROM, DRIFTED_FROM = 0.1, 0.25
"""Stability indexes, by custom."""

LEVELS: tuple[Level, ...] = ("unknown", "ok", "watch", "drifted")
"""From what says least to what says most."""

log = structlog.get_logger()


@blueprint.get("/api/drift")
@describe(
    "Compare recent reviews with what the model in production learned from.",
    answer=DriftReport,
    scope="models:read",
    problems=(401, 403, 503),
)
def drift() -> Response:
    """Answer with the worker's last report."""
    report = last_report() or nothing_compared(meaning(PRODUCTION))
    return Response(report.model_dump_json(), mimetype="application/json")


def last_report() -> DriftReport | None:
    """Return what a worker found last, or None before the first time.

    A report that another release wrote in another form is none, until the next one.
    """
    stored = Drift.get_or_none(Drift.name == PRODUCTION)
    with suppress(ValidationError):
        return DriftReport.model_validate(stored.report) if stored and stored.report else None
    return None


def nothing_compared(version: ModelVersion | None) -> DriftReport:
    """Return the report while there is nothing to compare, or nobody has yet."""
    return DriftReport(
        version=version.version if version else None,
        window=None,
        rows=0,
        level="unknown",
        suggestion=None,
        features=[],
    )


def watch(settings: Settings) -> None:
    """Compare once an interval, or when the version changes, whichever worker comes first."""
    version = meaning(PRODUCTION)
    if version and _claim(version.version, settings.drift_interval_seconds):
        report = compare_lately(version, settings.drift_days)
        stored = report.model_dump(mode="json")
        Drift.update(report=stored).where(Drift.name == PRODUCTION).execute()
        log.info("compared with the training data", level=report.level, rows=report.rows)


CLAIM = """
insert into drift as mine (alias, version) values (%(alias)s, %(version)s)
on conflict (alias) do update set version = excluded.version, claimed_date = clock_timestamp()
where mine.claimed_date <= clock_timestamp() - %(seconds)s * interval '1 second'
   or mine.version is distinct from excluded.version
returning alias
"""


def _claim(version: str, seconds: float) -> bool:
    values = {"alias": PRODUCTION, "version": version, "seconds": seconds}
    return database.execute_sql(CLAIM, values).fetchone() is not None


def compare_lately(version: ModelVersion, days: int) -> DriftReport:
    """Return the report on the reviews of the last days."""
    until = datetime.now(UTC)
    window = Window(since=until - timedelta(days=days), until=until)
    report = nothing_compared(version).model_copy(update={"window": window})
    profile = _profile(version)
    if profile is None:
        return report
    with closing(_reviews(version.version, window)) as reviews:
        looks = look(profile, reviews)
    features = compare(profile, looks)
    return report.model_copy(
        update={
            "rows": max((one.rows for one in looks.values()), default=0),
            "level": max((one.level for one in features), key=LEVELS.index, default="unknown"),
            "suggestion": suggestion(features, version.version, days),
            "features": features,
        }
    )


def _profile(version: ModelVersion) -> Profile | None:
    """Return what was registered of the version's training set, if that can be read."""
    if version.profile is None:
        return None
    try:
        return Profile.model_validate(version.profile)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        where = sorted({".".join(map(str, one["loc"])) for one in problems})
        log.warning("the profile cannot be read", version=version.version, fields=where)
        return None


def _reviews(version: str, window: Window) -> Generator[Recent]:
    """Yield people's reviews of a window, a few at a time; only a version's own scores are its."""
    columns = (Review.review, rating_class(Review.rating), Review.model_score, Review.model_version)
    query = Review.select(*columns).where(Review.id.in_(_sample(window)))
    with closing(open_apart()) as connection, connection.cursor("recent") as cursor:
        cursor.execute(*query.sql())
        for text, label, score, scored_by in cursor:
            numbers = {"length": float(len(text))}
            if score is not None and scored_by == version:
                numbers["score"] = score
            yield Recent(text, label, numbers)


def _sample(window: Window) -> ModelSelect[Any]:
    """Return the query of the ids of reviews of a window, of many as by lot."""
    sample = Review.alias()  # Else its columns would be taken for those of the query around it.
    lot = fn.md5(sample.id.cast("text"))
    inside = sample.created_date.between(window.since, window.until)
    return sample.select(sample.id).where(inside).order_by(lot).limit(MOST_ROWS)


def compare(profile: Profile, looks: dict[str, Look]) -> list[FeatureDrift]:
    """Return how far each feature of recent reviews is from its profile."""
    return [
        _feature_drift(name, feature, looks[name], profile.rows)
        for name, feature in profile.features.items()
    ]


def _feature_drift(name: str, feature: Feature, recent: Look, training_rows: int) -> FeatureDrift:
    measured: dict[str, Any] = {"psi": None, "jensen_shannon": None, "chance": None}
    level: Level = "unknown"
    if recent.rows:
        index = population_stability_index(feature.training, recent.shares)
        chance = index_by_chance(len(feature.parts), training_rows, recent.rows)
        distance = jensen_shannon_distance(feature.training, recent.shares)
        measured = {"psi": index, "jensen_shannon": distance, "chance": chance}
        level = level_of(index, chance, recent.rows)
    return FeatureDrift(
        name=name,
        level=level,
        labels=feature.parts,
        training=feature.training,
        recent=recent.shares,
        **measured,
    )


def level_of(index: float, chance: float, rows: int) -> Level:
    """Return what a stability index says; one that chance explains says nothing."""
    if rows < LEAST_ROWS:
        return "unknown"
    if index < WATCH_FROM or index <= chance:
        return "ok"
    return "watch" if index < DRIFTED_FROM else "drifted"


def suggestion(features: list[FeatureDrift], version: str, days: int) -> str | None:
    """Return what to do about drift, or None when there is nothing to do."""
    drifted = [feature.name for feature in features if feature.level == "drifted"]
    if not drifted:
        return None
    return (
        f"retrain: {' and '.join(drifted)} of the last {days} days' reviews differ from what"
        f" {version} learned from"
    )
