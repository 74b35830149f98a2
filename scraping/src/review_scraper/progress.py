"""Shows how far a run is: live on a terminal, else a line now and then."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from review_scraper.tally import Tally

LIVE = 0.2
SELDOM = 30.0


def line(tally: Tally) -> str:
    """Return how far the run is."""
    rate = 60 * tally.pages / max(tally.seconds, 1e-9)
    failed = f", {tally.failed} failed" if tally.failed else ""
    return (
        f"{tally.pages} pages ({rate:.0f} a minute){failed}, {tally.companies} companies, "
        f"{tally.reviews} reviews ({tally.new_reviews} new), {tally.delivered} delivered"
    )


@contextmanager
def progress(tally: Tally, console: Console) -> Iterator[None]:
    """Show the run's progress meanwhile."""
    ended = threading.Event()
    show = _live if console.is_terminal else _lines
    thread = threading.Thread(target=show, args=(tally, console, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _live(tally: Tally, console: Console, ended: threading.Event) -> None:
    with console.status(line(tally)) as status:
        while not ended.wait(LIVE):
            status.update(line(tally))


def _lines(tally: Tally, console: Console, ended: threading.Event) -> None:
    while not ended.wait(SELDOM):
        console.print(line(tally), highlight=False, soft_wrap=True)
