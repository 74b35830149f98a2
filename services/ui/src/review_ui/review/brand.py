"""How the brand under review is shown: its name, its logo or a letter, its website."""

import zlib
from urllib.parse import urlsplit

from dash import html
from dash.development.base_component import Component

from review_ui.api_client import Brand
from review_ui.elements import aria, hidden_text, icon

AVATAR_COLOURS = 6


def brand_view(brand: Brand) -> Component:
    """The heading of the page."""
    return html.Div(
        [
            _picture(brand),
            html.Div(
                [
                    html.P("You are reviewing", className="kicker"),
                    html.H1(brand.name, className="brand-name"),
                    *_website(brand.website),
                ],
                className="brand-words",
            ),
        ],
        className="brand",
    )


def no_brand_view() -> Component:
    """The heading while no brand could be fetched."""
    return html.Div(
        [
            html.H1("No brand to review just now", className="brand-name"),
            html.P(
                "We could not fetch one. Wait a moment, then press “Review another brand”.",
                className="quiet",
            ),
        ],
        className="brand-words",
        role="alert",
    )


def letter(name: str) -> str:
    """The first letter or digit of a name, for brands without a logo."""
    return next((character for character in name if character.isalnum()), "?").upper()


def avatar_colour(name: str) -> int:
    """One of the avatar colours, always the same for a name."""
    return zlib.crc32(name.encode()) % AVATAR_COLOURS


def own_picture(url: str | None) -> str | None:
    """The logo's address if showing it tells no other site that somebody is here."""
    if url is None:
        return None
    is_own_path = url.startswith("/") and not url.startswith("//")
    return url if is_own_path or url.startswith("data:image/") else None


def web_address(url: str | None) -> str | None:
    """The website's address if it is one that may be linked to."""
    if url is None or urlsplit(url).scheme not in {"http", "https"}:
        return None
    return url


def _picture(brand: Brand) -> Component:
    logo = own_picture(brand.logo_url)
    if logo is not None:
        return html.Img(src=logo, alt="", className="avatar")
    return html.Span(
        letter(brand.name),
        className=f"avatar avatar-{avatar_colour(brand.name)}",
        **aria(hidden="true"),
    )


def _website(url: str | None) -> list[Component]:
    address = web_address(url)
    if address is None:
        return []
    link = html.A(
        [
            urlsplit(address).netloc.removeprefix("www."),
            icon("outward"),
            hidden_text(" (opens a new tab)"),
        ],
        href=address,
        target="_blank",
        rel="noopener noreferrer",
        className="brand-website",
    )
    return [link]
