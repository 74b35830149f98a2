"""Finds the browser."""

import shutil
from pathlib import Path

from review_scraper.errors import ScraperError

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find_chromium(wanted: Path | None) -> str | None:
    """Return the browser's program: the one that is wanted, else one on the machine.

    None lets Playwright take its own.
    """
    if wanted is None:
        return next(filter(None, map(shutil.which, NAMES)), None)
    if not wanted.is_file():
        message = f"CHROMIUM: there is no program {wanted}"
        raise ScraperError(message)
    return str(wanted)
