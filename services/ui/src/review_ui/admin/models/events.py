"""Who did what to the models, and why."""

import json
from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from review_ui.admin.models.registry import PAGE_SIZE, ModelEvent, fetch_events
from review_ui.admin.models.words import version_link
from review_ui.admin.shell import Arguments, OwnerPage
from review_ui.admin.tables import cursor_address, empty_view, pager_view, table_view
from review_ui.admin.words import NOTHING, time_view
from review_ui.owner_calls import OwnerCalls

EVENTS_PATH = "/admin/models/events"
ACTION_NAMES = {
    "registered": "Registered",
    "gated": "Checked by the gate",
    "promoted": "Promoted",
    "canary_set": "Made the canary",
    "canary_removed": "Canary removed",
    "weight": "Weight set",
    "shadow": "Shadow set",
    "policy": "Policy changed",
    "rolled_back": "Rolled back",
    "forced": "Forced against the gate",
}


def events_page(calls: OwnerCalls, arguments: Arguments) -> Component:
    """All events by page, newest first."""
    events = fetch_events(calls, arguments.get("cursor"), PAGE_SIZE)
    pages = pager_view(
        "Pages of events", cursor_address(events.previous), cursor_address(events.next)
    )
    return html.Div([events_view(events.items), *([pages] if pages else [])])


EVENTS = OwnerPage(EVENTS_PATH, "Events of the models", events_page, part_of="/admin/models")


def events_view(events: Sequence[ModelEvent]) -> Component:
    """A table of events."""
    if not events:
        return empty_view("Nothing has happened yet", "Whatever is done to models is listed here.")
    columns = ("Date (UTC)", "What", "Version", "By", "Reason")
    return table_view("Events", columns, [_row(event) for event in events])


def _row(event: ModelEvent) -> tuple[Component | str, ...]:
    version = version_link(event.name, event.version) if event.name and event.version else NOTHING
    what = ACTION_NAMES.get(event.action, event.action)
    return time_view(event.created_date), what, version, event.who, _why(event)


def _why(event: ModelEvent) -> Component:
    """The reason, and the details for those who open them."""
    parts: list[Component] = [html.Span(event.reason)] if event.reason else []
    if event.details:
        details = html.Pre(
            json.dumps(event.details, indent=2, ensure_ascii=False), className="json"
        )
        parts.append(html.Details([html.Summary("Details"), details], className="chart-numbers"))
    return html.Div(parts or NOTHING, className="cell-long")
