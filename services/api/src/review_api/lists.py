"""Answers with a list: a page of it, or all that matches as a stream."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from flask import Response, request
from pydantic import BaseModel, TypeAdapter

from review_api import export, paging

if TYPE_CHECKING:
    from collections.abc import Mapping

    from peewee import ModelSelect

    from review_api.paging import Listing
    from review_api.schemas import ListFilter

MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv",
    "ndjson": "application/x-ndjson",
}

LISTED: dict[str, Any] = {
    "media_types": tuple(MEDIA_TYPES.values()),
    "headers": (
        ("Link", "The next and the previous page (RFC 8288)."),
        ("X-Total-Count", "How many rows match."),
        ("X-Total-Count-Exact", "false: at least that many match."),
    ),
    "problems": (400, 401, 403, 503),
}
"""What the descriptions of all lists share."""


def answer(listing: Listing, wanted: ListFilter, conditions: Mapping[str, Any]) -> Response:
    """Answer a query with a page of what matches, or with all of it.

    Args:
        listing: what is listed.
        wanted: the query.
        conditions: by the parameter of the query that asks for them.
    """
    asked = [condition for name, condition in conditions.items() if getattr(wanted, name)]
    matching = listing.rows().where(*asked) if asked else listing.rows()
    media_type = _media_type(wanted)
    if media_type == MEDIA_TYPES["json"]:
        total = paging.count_matching(listing, matching) if asked else paging.count_all(listing)
        return _page(listing, wanted, matching, total)
    statement = paging.ordered(listing, matching, wanted.sort).sql()
    return export.stream(export.Export(listing.name, listing.row, statement), media_type)


def _media_type(wanted: ListFilter) -> str:
    """Return what the query asks for, else what the Accept header prefers, else JSON."""
    if wanted.format:
        return MEDIA_TYPES[wanted.format]
    accepted = request.accept_mimetypes.best_match(list(MEDIA_TYPES.values()))
    return accepted or MEDIA_TYPES["json"]


def _page(
    listing: Listing, wanted: ListFilter, matching: ModelSelect[Any], total: paging.Total
) -> Response:
    page = paging.read_page(listing, matching, wanted.sort, wanted.cursor, wanted.limit)
    rows = _list_of(listing.row)
    response = Response(
        rows.dump_json(rows.validate_python(page.rows)), mimetype="application/json"
    )
    response.headers["X-Total-Count"] = str(total.rows)
    response.headers["X-Total-Count-Exact"] = str(total.exact).lower()
    if links := page.links(request.path, list(request.args.items(multi=True))):
        response.headers["Link"] = links
    return response


@functools.cache
def _list_of(row: type[BaseModel]) -> TypeAdapter[Any]:
    return TypeAdapter(list[row])  # type: ignore[valid-type]  # A type known only when it runs.
