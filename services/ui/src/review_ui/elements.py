"""Small pieces of markup that all pages use."""

from typing import Any

from dash import html
from dash.development.base_component import Component


def aria(**attributes: str) -> dict[str, Any]:
    """ARIA attributes as keyword arguments of a component: `html.Nav(**aria(label="Main"))`."""
    return {f"aria-{name}": value for name, value in attributes.items()}


def icon(name: str) -> Component:
    """A picture from assets/icons in the colour of the text around it; it says nothing itself."""
    return html.Span(className=f"icon icon-{name}", **aria(hidden="true"))


def hidden_text(text: str) -> Component:
    """Words for screen readers alone."""
    return html.Span(text, className="visually-hidden")


def loading(text: str) -> Component:
    """What stands in a page's or a table's place until it arrives."""
    return html.Div(html.P(text, role="status"), className="loading")
