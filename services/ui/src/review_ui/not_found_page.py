"""What is shown at an address where there is nothing."""

from dash import html
from dash.development.base_component import Component

TITLE = "Not found · Candor"


def not_found_page() -> Component:
    """Says so, and leads back."""
    return html.Div(
        [
            html.P("404", className="kicker"),
            html.H1("There is nothing at this address"),
            html.P("The link may be old, or mistyped."),
            html.A("Write a review", href="/", className="btn btn-primary"),
        ],
        className="card message-card",
    )
