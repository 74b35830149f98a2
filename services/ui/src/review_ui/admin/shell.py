"""What all of the owner's pages share: the login before them, their tabs, and their states."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

import dash_bootstrap_components as dbc
from dash import html, set_props
from dash.development.base_component import Component
from werkzeug.exceptions import BadRequest

from review_ui.admin.dialog import dialog
from review_ui.admin.words import sentence
from review_ui.elements import aria, icon
from review_ui.owner_calls import OwnerCalls
from review_ui.upstream import RefusedError, UnavailableError

# The query of a page's address; of a name that is repeated, the last value.
Arguments = Mapping[str, str]


@dataclass(frozen=True)
class OwnerPage:
    """A page by its address, its name, and how to make its content.

    One without a tab of its own is `part_of` the page that leads to it, and may have a heading
    that says what it is about.
    """

    path: str
    name: str
    view: Callable[[OwnerCalls, Arguments], Component]
    part_of: str | None = None
    heading: Callable[[Arguments], str] | None = None

    @property
    def title(self) -> str:
        """The document's title."""
        return f"{self.name} · Candor"


def arguments_of(search: str | None) -> Arguments:
    """The query of an address, which begins with a question mark unless it is empty."""
    return dict(parse_qsl((search or "").removeprefix("?")))


def page_at(pages: Mapping[str, OwnerPage], path: str) -> OwnerPage:
    """The page of an address, from which the browser calls."""
    page = pages.get(path.rstrip("/"))
    if page is None:
        raise BadRequest
    return page


def admin_page(content: Component) -> Component:
    """The page around whichever of the states below it is in."""
    return html.Div(content, id="admin")


def owner_view(
    page: OwnerPage,
    pages: Sequence[OwnerPage],
    username: str,
    search: str | None,
    content: Component,
) -> Component:
    """A page for an owner who is logged in."""
    heading = page.heading(arguments_of(search)) if page.heading else page.name
    return html.Div(
        [
            _tabs(page, pages),
            _title_bar(heading, username),
            html.P(id="admin-message", role="status", tabIndex=-1),
            html.Div(content, id="admin-content"),
            dialog(),
        ]
    )


def content_of(page: OwnerPage, calls: OwnerCalls, search: str | None) -> Component:
    """What the page shows, or why it cannot; raises SessionEndedError."""
    try:
        return page.view(calls, arguments_of(search))
    except UnavailableError:
        return failed_view(f"{page.path}{search or ''}")
    except RefusedError as refusal:
        return refused_view(refusal.reason)


def login_view(message: str = "") -> Component:
    """The form to log in with, below a message on why it is shown."""
    return html.Div(
        [
            html.Span(icon("lock"), className="login-mark"),
            html.H1("For the owner"),
            html.P("Log in to see the reviews and run the product.", className="quiet"),
            html.P(message, className="alert alert-warning", role="status", hidden=not message),
            _login_form(),
        ],
        className="card login-card",
    )


def unavailable_view(address: str) -> Component:
    """What is shown when it cannot be found out whether somebody is logged in."""
    return html.Div(
        [
            html.H1("The review API does not answer"),
            html.P("Nothing is lost. Try again in a moment."),
            html.A("Try again", href=address, className="btn btn-primary"),
        ],
        className="card message-card",
        role="alert",
    )


def failed_view(address: str) -> Component:
    """What stands in the place of a page's content that could not be fetched."""
    return html.Div(
        [
            html.H2("This could not be fetched"),
            html.P("The review API did not answer. Nothing is lost."),
            html.A("Try again", href=address, className="btn btn-primary"),
        ],
        className="empty",
        role="alert",
    )


def refused_view(reason: str) -> Component:
    """What stands in the place of a page's content that the API does not give."""
    return html.Div(
        [html.H2("There is nothing to show"), html.P(sentence(reason))], className="empty"
    )


def say(message: str, kind: str) -> None:
    """Say at the head of the page what happened, from within a callback."""
    set_props("admin-message", {"children": message, "className": f"alert alert-{kind}"})


def _login_form() -> Component:
    failure = html.P(id="login-failure", className="alert alert-danger", role="alert", hidden=True)
    button = html.Button("Log in", id="login", type="submit", className="btn btn-primary")
    form: Component = dbc.Form(
        [
            html.Label("User name", htmlFor="username", className="form-label"),
            dbc.Input(id="username", name="username", autocomplete="username"),
            html.Label("Password", htmlFor="password", className="form-label"),
            dbc.Input(
                id="password", name="password", type="password", autocomplete="current-password"
            ),
            failure,
            button,
        ],
        id="login-form",
        class_name="login-form",
    )
    return form


def _tabs(page: OwnerPage, pages: Sequence[OwnerPage]) -> Component:
    return html.Nav(
        [_tab(other, page) for other in pages if other.part_of is None],
        className="owner-tabs",
        **aria(label="Owner's pages"),
    )


def _tab(tab: OwnerPage, page: OwnerPage) -> Component:
    marked = {page.path: "page", page.part_of: "true"}.get(tab.path)
    current = aria(current=marked) if marked else {}
    return html.A(tab.name, href=tab.path, className="owner-tab", **current)


def _title_bar(heading: str, username: str) -> Component:
    return html.Div(
        [
            html.H1(heading),
            html.Div(
                [
                    html.Span(f"Logged in as {username}", className="quiet"),
                    html.Button("Log out", id="logout", type="button", className="btn btn-quiet"),
                ],
                className="owner-line",
            ),
        ],
        className="title-bar",
    )
