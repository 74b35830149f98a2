"""Held reviews, as the review API gives them."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from review_ui.owner_calls import Listing, OwnerCalls, page_query

PAGE_SIZE = 25

Decision = Literal["use", "leave_out"]
# Which held reviews can be looked at: those that wait, or those with a decision.
Shown = Literal["none", "use", "leave_out"]


class HeldReview(BaseModel):
    """A review, why it is held, and what was decided about it."""

    # Pydantic would otherwise keep names that begin with `model_` for itself.
    model_config = ConfigDict(frozen=True, protected_namespaces=())

    id: int
    held_date: datetime
    cause: str
    review: str
    rating: int
    brand: str
    model_score: float | None
    model_version: str | None
    decision: Decision | None
    reason: str | None
    who: str | None
    decided_date: datetime | None


_HELD = TypeAdapter(tuple[HeldReview, ...])


def fetch_held(calls: OwnerCalls, shown: Shown, cursor: str | None) -> Listing[HeldReview]:
    """A page of the held reviews, newest first."""
    query = page_query(PAGE_SIZE, cursor, decision=shown)
    return calls.list(_HELD, "/api/quarantine", query)
