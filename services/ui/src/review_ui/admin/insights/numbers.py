"""The numbers of the page Insights, as the review API gives them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from review_ui.owner_calls import OwnerCalls

Counts = Mapping[str, Mapping[str, int]]
Level = Literal["ok", "watch", "drifted", "unknown"]


class Day(BaseModel):
    """How many reviews came on a day, by where they came from."""

    model_config = ConfigDict(frozen=True)

    date: date
    people: int
    scraped: int


class BrandNumbers(BaseModel):
    """What a brand's reviews are on average."""

    model_config = ConfigDict(frozen=True)

    brand: str
    reviews: int
    mean_rating: float | None
    mean_score: float | None


class Totals(BaseModel):
    """How many reviews there are in all."""

    model_config = ConfigDict(frozen=True)

    people: int
    scraped: int
    unscored: int
    quarantined: int


class Insights(BaseModel):
    """Reviews a day, scores, agreement and brands of the last days."""

    model_config = ConfigDict(frozen=True)

    days: tuple[Day, ...]
    scores: tuple[int, ...]
    matrix: Counts
    suggested: Counts
    brands: tuple[BrandNumbers, ...]
    totals: Totals


class Window(BaseModel):
    """A stretch of time."""

    model_config = ConfigDict(frozen=True)

    since: datetime
    until: datetime


class FeatureDrift(BaseModel):
    """How far what came lately is from what the model was trained on, in one respect."""

    model_config = ConfigDict(frozen=True)

    name: str
    psi: float | None
    jensen_shannon: float | None
    level: Level
    labels: tuple[str, ...]
    training: tuple[float, ...]
    recent: tuple[float, ...]


class Drift(BaseModel):
    """The same in all respects, and what follows from it."""

    model_config = ConfigDict(frozen=True)

    version: str | None
    window: Window | None
    rows: int
    level: Level
    suggestion: str | None
    features: tuple[FeatureDrift, ...]


_INSIGHTS = TypeAdapter(Insights)
_DRIFT = TypeAdapter(Drift)


def fetch_insights(calls: OwnerCalls, days: int) -> Insights:
    """The numbers of the last days."""
    return calls.get(_INSIGHTS, "/api/insights", {"days": days})


def fetch_drift(calls: OwnerCalls) -> Drift:
    """The drift against what production was trained on."""
    return calls.get(_DRIFT, "/api/drift")
