"""The bodies and queries of insights, drift and the quarantine."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from review_api.classes import Class
from review_api.schemas import Body, ListFilter, Query, Storable

Matrix = dict[Class, dict[Class, int]]
Level = Literal["ok", "watch", "drifted", "unknown"]
Cause = Literal["disagreement", "burst"]
Decision = Literal["use", "leave_out"]


class InsightsQuery(Query):
    """Of how many days."""

    days: int = Field(30, ge=1, le=366, description="How many days (UTC), today included.")


class DayCount(BaseModel):
    """Reviews that were stored on a day."""

    date: date
    people: int
    scraped: int


class BrandFigures(BaseModel):
    """People's and scraped reviews of a brand; only people's are scored."""

    brand: str
    reviews: int
    mean_rating: float
    mean_score: float | None


class Totals(BaseModel):
    """Counts of all reviews, however old."""

    people: int
    scraped: int
    unscored: int = Field(description="People's reviews that wait for a score.")
    quarantined: int = Field(description="People's reviews that wait for the owner.")


class Insights(BaseModel):
    """Figures of the reviews that were stored on the last days."""

    days: list[DayCount]
    scores: list[int] = Field(description="Reviews by model score, in ten equal parts.")
    matrix: Matrix = Field(description="People's class, then the class of the model's score.")
    suggested: Matrix = Field(description="People's class, then the class of the suggestion.")
    brands: list[BrandFigures] = Field(description="Those with most reviews, at most 20.")
    totals: Totals


class Window(BaseModel):
    """From when to when."""

    since: AwareDatetime
    until: AwareDatetime


class FeatureDrift(BaseModel):
    """How a feature of recent reviews differs from that of what the model learned from."""

    name: str
    psi: float | None = Field(description="Population stability index.")
    jensen_shannon: float | None = Field(description="Jensen-Shannon distance, from 0 to 1.")
    chance: float | None = Field(
        description="What one index in a hundred exceeds without any drift."
    )
    level: Level
    labels: list[str]
    training: list[float]
    recent: list[float]


class DriftReport(BaseModel):
    """How recent reviews differ from what the model in production learned from."""

    version: str | None
    window: Window | None = Field(description="null while nothing has been compared.")
    rows: int = Field(description="Recent reviews that were compared.")
    level: Level
    suggestion: str | None
    features: list[FeatureDrift]


class QuarantineFilter(ListFilter):
    """Which held reviews to list, and how."""

    sort: Literal["-held_date", "held_date"] = "-held_date"
    decision: Literal["none", "use", "leave_out", "any"] = Field(
        "none", description="none lists those that wait for a decision."
    )


class HeldReview(BaseModel):
    """A review that is not trained on until the owner says so."""

    model_config = ConfigDict(protected_namespaces=())

    id: int
    held_date: AwareDatetime
    cause: Cause
    created_date: AwareDatetime
    review: str
    rating: int
    brand: str
    model_score: float | None
    model_version: str | None
    decision: Decision | None
    reason: str | None
    who: str | None
    decided_date: AwareDatetime | None


class NewDecision(Body):
    """What is to become of a held review."""

    decision: Decision
    reason: Annotated[str, StringConstraints(max_length=1000), Storable] | None = None
