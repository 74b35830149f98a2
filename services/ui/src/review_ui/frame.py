"""What all pages share: the document around them, header and footer, and which page is where."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dash import Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component
from flask import Flask, Response, request

from review_ui.browser_callbacks import run_in_browser
from review_ui.elements import aria, loading
from review_ui.not_found_page import TITLE as NOT_FOUND_TITLE
from review_ui.not_found_page import not_found_page

DOCUMENT = """<!DOCTYPE html>
<html lang="en">
  <head>
    {%metas%}
    <meta name="color-scheme" content="light dark">
    <meta name="description" content="Write a review and see what a model makes of it.">
    <title>{%title%}</title>
    <link rel="icon" href="/assets/favicon.svg" type="image/svg+xml">
    <script src="/assets/theme.js"></script>
    {%css%}
  </head>
  <body>
    <noscript>Candor needs JavaScript to read along while you write.</noscript>
    {%app_entry%}
    {%config%}
    {%scripts%}
    {%renderer%}
  </body>
</html>
"""
STYLESHEETS = ["/assets/vendor/bootstrap-5.3.9.min.css"]
# theme.js stands in the document's head; what is in vendor is listed above.
NOT_FOR_DASH = r"theme\.js|bootstrap"
# Dash's answer to every address that has no route of its own.
DASH_CATCH_ALL = "/<path:path>"


@dataclass(frozen=True)
class Page:
    """A page's title and how to make its content anew, given the address's query."""

    title: str
    render: Callable[[str], Component]


NOT_FOUND = Page(NOT_FOUND_TITLE, lambda _search: not_found_page())


def frame(api_public_url: str) -> Component:
    """Header, the place for a page, and footer."""
    return html.Div(
        [
            dcc.Location(id="address", refresh=False),
            dcc.Store(id="page-title"),
            html.A("Skip to the content", href="#page", className="skip-link"),
            _header(),
            html.Main(loading("Loading…"), id="page", tabIndex=-1),
            _footer(api_public_url),
        ],
        className="frame",
    )


def register_pages(app: Dash, pages: Mapping[str, Page]) -> None:
    """Show the page of the address that the browser is at."""

    @app.callback(
        Output("page", "children"),
        Output("page-title", "data"),
        Input("address", "pathname"),
        State("address", "search"),
    )
    def show_page(path: str, search: str | None) -> tuple[Component, str]:
        page = pages.get(_without_slash(path), NOT_FOUND)
        return page.render(search or ""), page.title

    run_in_browser(
        app,
        "frame.setTitle",
        Input("page-title", "data"),
        prevent_initial_call=True,
    )


def answer_404_elsewhere(server: Flask, pages: Mapping[str, Page]) -> None:
    """Dash answers every address with 200; give those that have no page their real status."""

    @server.after_request
    def correct_status(response: Response) -> Response:
        if request.endpoint == DASH_CATCH_ALL and _without_slash(request.path) not in pages:
            response.status_code = 404
        return response


def _without_slash(path: str) -> str:
    return path.rstrip("/") or "/"


def _header() -> Component:
    return html.Header(
        html.Div(
            [
                html.A(
                    [
                        html.Img(src="/assets/favicon.svg", alt="", className="brand-mark"),
                        "Candor",
                    ],
                    href="/",
                    className="wordmark",
                ),
                html.Nav(
                    [
                        html.A("Write a review", href="/", className="nav-item"),
                        html.A("Owner", href="/admin", className="nav-item"),
                    ],
                    className="main-nav",
                    **aria(label="Main"),
                ),
            ],
            className="wrap header-line",
        ),
        className="site-header",
    )


def _footer(api_public_url: str) -> Component:
    return html.Footer(
        html.Div(
            [
                html.Span("Candor · honest words, read with care"),
                html.A("API documentation", href=f"{api_public_url.rstrip('/')}/api/docs"),
            ],
            className="wrap footer-line",
        ),
        className="site-footer",
    )
