"""Who did what as an admin: written beside the deed, and ``/api/audit-events``."""

import getpass
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, request
from pydantic import AwareDatetime, BaseModel, StringConstraints, TypeAdapter

from review_api import lists
from review_api.database import database
from review_api.models import AuditEvent
from review_api.operations import describe
from review_api.paging import Listing, Order
from review_api.schemas import ListFilter, Name, Storable

blueprint = Blueprint("audit", __name__)

Action = Literal[
    "job_started",
    "job_stopped",
    "user_added",
    "user_removed",
    "password_changed",
    "token_created",
    "token_revoked",
    "quarantine_decided",
]
Subject = Annotated[str, StringConstraints(max_length=200), Storable]


class AuditEventInfo(BaseModel):
    """What an admin did, and to what."""

    id: int
    created_date: AwareDatetime
    who: str
    action: str
    subject: str
    details: dict[str, Any] | None


class AuditFilter(ListFilter):
    """Which events to list, and how."""

    sort: Literal["-created_date", "created_date"] = "-created_date"
    who: Name | None = None
    action: Action | None = None
    subject: Subject | None = None


EVENTS = Listing(
    "audit-events",
    AuditEvent,
    AuditEventInfo,
    {"created_date": Order(AuditEvent.created_date, TypeAdapter(AwareDatetime))},
)


def record(
    who: str, action: Action, subject: str, details: Mapping[str, Any] | None = None
) -> None:
    """Write an event."""
    row = {"who": who, "action": action, "subject": subject, "details": details}
    AuditEvent.insert(row).execute()


@contextmanager
def recorded(
    who: str, action: Action, subject: str, details: Mapping[str, Any] | None = None
) -> Iterator[None]:
    """Write an event and do the deed in one transaction: both or neither."""
    with database.atomic():
        yield
        record(who, action, subject, details)


def operator() -> str:
    """Return who runs a command, as the system knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "command"


@blueprint.get("/api/audit-events")
@describe(
    "List what admins did by page, newest first, or stream it as CSV or NDJSON.",
    query=AuditFilter,
    scope="admin",
    answer=list[AuditEventInfo],
    **lists.LISTED,
)
def list_events() -> Response:
    """Answer with a page, or with a stream of everything."""
    wanted = AuditFilter.from_query(request.args.to_dict(flat=False))
    conditions = {
        "who": AuditEvent.who == wanted.who,
        "action": AuditEvent.action == wanted.action,
        "subject": AuditEvent.subject == wanted.subject,
    }
    return lists.answer(EVENTS, wanted, conditions)
