"""The page Users and tokens: who is let in, by password or by token, and what was done."""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from review_ui.admin.access.accounts import (
    PAGE_SIZE,
    AuditEvent,
    Token,
    User,
    fetch_audit,
    fetch_tokens,
    fetch_users,
)
from review_ui.admin.access.actions import NO_TARGET
from review_ui.admin.actions import action_button
from review_ui.admin.shell import Arguments, OwnerPage
from review_ui.admin.tables import Cell, cursor_address, empty_view, pager_view, table_view
from review_ui.admin.words import NOTHING, flattened, time_view, value_text
from review_ui.owner_calls import OwnerCalls

AUDIT_PATH = "/admin/access/audit"
ACTION_NAMES = {
    "job_started": "Started a job",
    "job_stopped": "Stopped a job",
    "user_added": "Added an owner",
    "user_removed": "Removed an owner",
    "password_changed": "Set a password",
    "token_created": "Made a token",
    "token_revoked": "Revoked a token",
}


def access_page(calls: OwnerCalls, _arguments: Arguments) -> Component:
    """Owners, tokens and the latest of the audit."""
    audit = fetch_audit(calls)
    more = html.A("The whole audit", href=AUDIT_PATH) if audit.next else None
    return html.Div(
        [
            _section("Users", users_view(fetch_users(calls)), _button("add-user", "Add an owner")),
            _section(
                "Tokens", tokens_view(fetch_tokens(calls)), _button("make-token", "Make a token")
            ),
            _section("Audit", audit_view(audit.items), more),
        ]
    )


def audit_page(calls: OwnerCalls, arguments: Arguments) -> Component:
    """All of the audit by page, newest first."""
    audit = fetch_audit(calls, arguments.get("cursor"), PAGE_SIZE)
    pages = pager_view(
        "Pages of the audit", cursor_address(audit.previous), cursor_address(audit.next)
    )
    return html.Div([audit_view(audit.items), *([pages] if pages else [])])


ACCESS = OwnerPage("/admin/access", "Users and tokens", access_page)
AUDIT = OwnerPage(AUDIT_PATH, "Audit", audit_page, part_of=ACCESS.path)


def users_view(users: Sequence[User]) -> Component:
    """All owners, with what can be done about each."""
    rows = [_user_row(user) for user in users]
    return table_view("Users", ("Name", "Added (UTC)"), rows, actions=True)


def tokens_view(tokens: Sequence[Token]) -> Component:
    """All tokens, or a word on what they are for."""
    if not tokens:
        return empty_view("No tokens", "Programs need one to use the API.")
    columns = ("Name", "May do", "Made (UTC)", "Good until (UTC)")
    return table_view("Tokens", columns, [_token_row(token) for token in tokens], actions=True)


def audit_view(events: Sequence[AuditEvent]) -> Component:
    """What was done."""
    if not events:
        return empty_view("Nothing yet", "What owners do to jobs, users and tokens is listed here.")
    columns = ("Date (UTC)", "By", "What", "To what", "Details")
    return table_view("Audit", columns, [_event_row(event) for event in events])


def _section(title: str, content: Component, beside: Component | None) -> Component:
    heading = [html.H2(title, className="section-heading"), *([beside] if beside else [])]
    return html.Section([html.Div(heading, className="heading-line"), content], className="section")


def _button(action: str, name: str) -> Component:
    return action_button(action, NO_TARGET, name)


def _user_row(user: User) -> tuple[Cell, ...]:
    about = f"of {user.username}"
    buttons = [
        action_button("set-password", user.username, "New password", about),
        action_button("remove-user", user.username, "Remove", user.username),
    ]
    name = html.Span(user.username, className="cell-brand")
    return name, time_view(user.created_date), html.Div(buttons, className="buttons")


def _token_row(token: Token) -> tuple[Cell, ...]:
    scopes = [html.Span(scope, className="chip chip-secondary") for scope in token.scopes]
    return (
        html.Span(token.name, className="cell-brand"),
        html.Div(scopes, className="chips"),
        time_view(token.created_date),
        time_view(token.expires) if token.expires else "for ever",
        action_button("revoke-token", str(token.id), "Revoke", token.name),
    )


def _event_row(event: AuditEvent) -> tuple[Cell, ...]:
    what = ACTION_NAMES.get(event.action, event.action)
    subject = html.Div(event.subject, className="cell-long")
    return time_view(event.created_date), event.who, what, subject, _details(event)


def _details(event: AuditEvent) -> Component | str:
    values = [f"{name}: {value_text(value)}" for name, value in flattened(event.details or {})]
    return html.Div(", ".join(values), className="cell-long") if values else NOTHING
