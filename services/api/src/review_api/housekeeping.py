"""Deletes what has expired: sessions, tokens, limits, idempotency keys and keys of addresses."""

from datetime import UTC, datetime, timedelta

from review_api import measurements
from review_api.idempotency import KEPT_HOURS
from review_api.models import (
    AddressKey,
    IdempotencyKey,
    ModelCallCount,
    RequestLimit,
    Session,
    Token,
)


def sweep() -> None:
    """Delete everything whose time is over."""
    now = datetime.now(UTC)
    for over in (
        Session.expires < now,
        Token.expires < now,
        RequestLimit.free_at < now,
        IdempotencyKey.created_date < now - timedelta(hours=KEPT_HOURS),
        AddressKey.day < now.date(),
        ModelCallCount.minute < now - measurements.KEPT,
    ):
        over.lhs.model.delete().where(over).execute()
