"""How much is measured: enough for figures to trust, or just enough to see that all runs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """How often each thing is done."""

    name: str
    predictions: int
    """Predictions a round, and bare forward passes beside them."""
    rounds: int
    """How often things that are compared take turns, so that both see the machine's moods."""
    inserts: int
    lists: int
    """Pages asked for by many clients at once."""
    pages: int
    """Times that each page is asked for by one client."""
    some_rows: int
    many_rows: int
    starts: int
    predictions_before_memory: int
    steps: int
    """Training steps in a round."""
    crawls: int
    companies: int
    """Companies of the site that is crawled, with so many reviews in all."""
    scraped: int
    many_scraped: int
    """Reviews of the site that memory is measured on."""


FULL = Sizes(
    name="full",
    predictions=1000,
    rounds=3,
    inserts=5000,
    lists=2000,
    pages=100,
    some_rows=100_000,
    many_rows=1_000_000,
    starts=3,
    predictions_before_memory=10_000,
    steps=12,
    crawls=3,
    companies=200,
    scraped=4000,
    many_scraped=100_000,
)

QUICK = Sizes(
    name="quick",
    predictions=40,
    rounds=1,
    inserts=80,
    lists=40,
    pages=3,
    some_rows=1000,
    many_rows=3000,
    starts=1,
    predictions_before_memory=100,
    steps=1,
    crawls=1,
    companies=10,
    scraped=100,
    many_scraped=2000,
)
