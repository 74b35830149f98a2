"""How many companies and reviews the demo site has, and how many the database has."""

from collections.abc import Mapping

import requests

from candor_local.errors import CandorError
from candor_local.health import get
from candor_local.services import address
from candor_local.settings import Settings
from candor_local.tokens import reading_token

DEMO = "demo"
"""The demo site's name, as the profile of it and as the site of its reviews."""
LISTS = ("/api/companies", "/api/scraped-reviews")


def print_counts(settings: Settings, *, of_demo_site: bool) -> None:
    """Print the database's counts: of all sites, or below the running demo site's its own."""
    if of_demo_site:
        truth = _answer(address(settings.demo_site_port, "/truth")).json()
        _print_row("demo site", truth["companies"], truth["reviews"])
    with reading_token(settings) as token:
        counts = [_count(settings, token, path, of_demo_site=of_demo_site) for path in LISTS]
    _print_row("database", *counts)


def _count(settings: Settings, token: str, path: str, *, of_demo_site: bool) -> int:
    query: dict[str, str | int] = {"limit": 1}
    if of_demo_site:
        query["site"] = DEMO
    headers = {"Authorization": f"Bearer {token}"}
    answer = _answer(address(settings.api_port, path), query, headers)
    return int(answer.headers["X-Total-Count"])


def _answer(
    url: str,
    query: Mapping[str, str | int] | None = None,
    headers: Mapping[str, str] | None = None,
) -> requests.Response:
    answer = get(url, query, headers)
    if answer is None or not answer.ok:
        raise CandorError(f"{url} does not answer")
    return answer


def _print_row(name: str, companies: int, reviews: int) -> None:
    print(f"{name + ':':<10} {companies:>7,} companies {reviews:>9,} reviews")
