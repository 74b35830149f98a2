"""Reviews saved and pages of reviews read through the API by many clients."""

from bench import product, sample, stored_reviews
from bench.figures import Figure, Say
from bench.load import Load, Request, post, send_all
from bench.sizes import Sizes

CLIENTS = 8
STORED = 10_000
"""Reviews that are there already when pages are read."""
PAGE = 100
REVIEW = {
    "review": sample.REVIEW,
    "rating": 4,
    "brand": "Acme",
    "suggested_rating": 4,
    "sentiment_score": 0.8,
    "shown_version": "1.0",
}


def measure(sizes: Sizes, say: Say) -> list[Figure]:
    """Return pages and inserts a second."""
    say("starting the product")
    with product.running() as candor:
        stored_reviews.fill(candor.database_url, 1, STORED, say)
        # Pages come first: what is saved after them is scored in the background.
        say(f"pages, {CLIENTS} clients")
        page = Request("GET", "/api/reviews", headers=candor.owner_headers())
        pages = send_all(candor.api_port, page, CLIENTS, sizes.lists)
        say(f"reviews, {CLIENTS} clients")
        saved = send_all(candor.api_port, post("/api/review", REVIEW), CLIENTS, sizes.inserts)
    return [
        *_figures("POST /api/review", saved, "reviews/s"),
        *_figures(f"GET /api/reviews, {PAGE} a page", pages, "pages/s"),
    ]


def _figures(name: str, load: Load, unit: str) -> list[Figure]:
    return [
        Figure(f"{name}, {CLIENTS} clients", load.rate, unit),
        Figure(f"{name}, p50", load.milliseconds(50), "ms"),
        Figure(f"{name}, p99", load.milliseconds(99), "ms"),
    ]
