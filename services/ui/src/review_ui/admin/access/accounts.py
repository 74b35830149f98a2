"""Users, tokens and the audit, as the review API gives them."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from review_ui.owner_calls import Listing, OwnerCalls, page_query

PAGE_SIZE = 25
FEW_EVENTS = 10


class User(BaseModel):
    """An owner."""

    model_config = ConfigDict(frozen=True)

    username: str
    created_date: datetime


class Token(BaseModel):
    """A program's token, without its secret."""

    model_config = ConfigDict(frozen=True)

    id: int
    name: str
    scopes: tuple[str, ...]
    created_date: datetime
    expires: datetime | None


class NewToken(BaseModel):
    """What the API says of a token that was just made, this once."""

    model_config = ConfigDict(frozen=True)

    token: str


class AuditEvent(BaseModel):
    """What an owner did, and to what."""

    model_config = ConfigDict(frozen=True)

    created_date: datetime
    who: str
    action: str
    subject: str
    details: dict[str, Any] | None


_USERS = TypeAdapter(tuple[User, ...])
_TOKENS = TypeAdapter(tuple[Token, ...])
_EVENTS = TypeAdapter(tuple[AuditEvent, ...])


def fetch_users(calls: OwnerCalls) -> tuple[User, ...]:
    """All owners by name."""
    return calls.get(_USERS, "/api/users")


def fetch_tokens(calls: OwnerCalls) -> tuple[Token, ...]:
    """All tokens, oldest first."""
    return calls.get(_TOKENS, "/api/tokens")


def fetch_audit(
    calls: OwnerCalls, cursor: str | None = None, limit: int = FEW_EVENTS
) -> Listing[AuditEvent]:
    """What owners did, newest first."""
    return calls.list(_EVENTS, "/api/audit-events", page_query(limit, cursor))
