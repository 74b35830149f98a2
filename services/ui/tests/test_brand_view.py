import json

import pytest

from review_ui.api_client import Brand
from review_ui.review.brand import (
    AVATAR_COLOURS,
    avatar_colour,
    brand_view,
    letter,
    own_picture,
    web_address,
)


@pytest.mark.parametrize(
    ("name", "expected"), [("ikea", "I"), ("1&1", "1"), ("“élan”", "É"), ("!", "?"), ("", "?")]
)
def test_a_brand_without_logo_shows_its_first_letter(name, expected):
    assert letter(name) == expected


def test_a_brand_always_has_the_same_colour():
    colours = {avatar_colour("Ecosia") for _ in range(3)}
    assert len(colours) == 1
    assert colours <= set(range(AVATAR_COLOURS))


@pytest.mark.parametrize("url", ["/assets/logo.svg", "data:image/png;base64,AA=="])
def test_logos_of_our_own_are_shown(url):
    assert own_picture(url) == url


@pytest.mark.parametrize("url", [None, "https://logos.example/a.png", "//logos.example/a.png"])
def test_logos_of_other_sites_are_not_fetched(url):
    assert own_picture(url) is None


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://a.example", "ikea.com", None])
def test_only_web_addresses_become_links(url):
    assert web_address(url) is None


def test_the_link_leads_to_the_website_in_a_new_tab():
    view = json.dumps(
        brand_view(Brand(name="IKEA", website="https://www.ikea.example/de")),
        default=lambda inner: inner.to_plotly_json(),
    )
    assert '"href": "https://www.ikea.example/de"' in view
    assert '"ikea.example"' in view
    assert "noopener" in view
