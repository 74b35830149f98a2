"""Between the web and a spider: requests for pages, the text of answers, and why none came."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Error as BrowserError
from scrapy import Spider
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.http import Request, Response, TextResponse
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from review_scraper.browser import PageHangsError
from review_scraper.decoding import decode
from review_scraper.extraction import Link
from review_scraper.profile import Profile

REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (DownloadTimeoutError, "took too long"),
    (PageHangsError, "hangs in the browser"),
    (DownloadCancelledError, "too large"),
    (CannotResolveHostError, "host not found"),
    (DownloadConnectionRefusedError, "connection refused"),
    (BrowserError, "browser failed"),
    (IgnoreRequest, "forbidden by robots.txt"),
)


class ProfileSpider(Spider):
    """A spider of one profile's site."""

    profile: Profile


def page_request(
    spider: ProfileSpider,
    link: Link,
    callback: Callable[[Response], None],
    errback: Callable[[Failure], None],
    **meta: Any,  # noqa: ANN401 (whatever a spider wants back with the answer)
) -> Request:
    """Return the request for a page, by the browser where its profile says so."""
    meta |= {
        "kind": link.kind,
        # Answers of any status come to the spider, so that each page's end is recorded once.
        "handle_httpstatus_all": True,
        "dont_redirect": True,
    }
    if spider.profile.pages[link.kind].render == "browser":
        meta |= _browser_meta(link.url, spider.settings)
    return Request(link.url, callback, errback=errback, meta=meta, dont_filter=True)


def _browser_meta(url: str, settings: BaseSettings) -> dict[str, Any]:
    # Where there is no delay to keep between pages, those of the browser wait in a line of their
    # own, so that they hold no others up.
    line = {} if settings.getfloat("DOWNLOAD_DELAY") else {"download_slot": browser_slot(url)}
    return {
        "playwright": True,
        "playwright_context_kwargs": {
            "user_agent": settings["USER_AGENT"],
            "service_workers": "block",
            "accept_downloads": False,
            "viewport": {"width": 800, "height": 600},
        },
        **line,
    }


def browser_slot(url: str) -> str:
    """Return the name of the line in which the browser's pages of a site wait."""
    return f"{urlsplit(url).hostname} in the browser"


def html_of(response: Response) -> tuple[str, bool]:
    """Return a page's text, and whether what it says of its encoding is wrong."""
    if response.meta.get("playwright") and isinstance(response, TextResponse):
        return response.text, False
    content_type = response.headers.get(b"Content-Type")
    return decode(response.body, content_type.decode("latin-1") if content_type else None)


def failure_reason(error: BaseException | None) -> str:
    """Return why there is no answer, in few words that stay the same."""
    words = (words for kind, words in REASONS if isinstance(error, kind))
    return next(words, type(error).__name__)
