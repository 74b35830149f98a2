"""Lets one crawl at a time use a state."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from review_scraper.errors import ScraperError


@contextmanager
def only_crawl(file: Path) -> Iterator[None]:
    """Hold the lock; the operating system gives it back however this process ends.

    Raises:
        ScraperError: another crawl holds it.
    """
    with file.open("a") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"another crawl uses {file.with_suffix('')}: wait for it, or stop it"
            raise ScraperError(message) from None
        yield
