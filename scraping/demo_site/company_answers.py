"""What the site answers when it is asked for a company's reviews, with all that can go wrong."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from itertools import repeat
from typing import Final

from demo_site.answer import NOT_FOUND, Answer, error, html, redirect, try_again
from demo_site.hazards import UTF_8, Encoding
from demo_site.pages import Pages
from demo_site.site import Company, ReviewPage, Site

SLOW_SECONDS: Final = 3.0
FAILURES: Final = 2
HUGE_CHUNK: Final = b"<p>And so on and on, without an end that anybody has ever seen.</p>\n" * 1000
HUGE_BYTES: Final = 2 * 1024**3


class CompanyAnswers:
    """Answers below `/review/`. What is remembered is how often failing pages were asked for."""

    def __init__(self, site: Site, pages: Pages, base: str) -> None:
        self._site = site
        self._pages = pages
        self._elsewhere = base.replace("127.0.0.1", "127.0.0.2")
        self._asked: Counter[tuple[int, int]] = Counter()

    def answer(self, slug: str, page: int) -> Answer:
        """Return a page of reviews, or what stands in its way."""
        if (company := self._site.find_company(slug)) is None:
            return self._decoy(slug, page)
        if (shown := self._site.page(company, page)) is None:
            return NOT_FOUND
        return self._trouble(company, page) or self._reviews(shown)

    def _reviews(self, page: ReviewPage) -> Answer:
        wire = self._site.hazards.wire(page.company.index)
        slow = wire == "slow" and page.number == 1
        encoding = self._site.hazards.encoding(page.company.index)
        answer = html(self._pages.company(page)) if encoding is UTF_8 else self._odd(page, encoding)
        return replace(answer, delay=SLOW_SECONDS) if slow else answer

    def _odd(self, page: ReviewPage, encoding: Encoding) -> Answer:
        """Return a page in its encoding; only the header says which, if anything does."""
        body = self._pages.company(page, meta="").encode(encoding.codec)
        return Answer(body, content_type=encoding.content_type)

    def _trouble(self, company: Company, page: int) -> Answer | None:
        """Return why the page cannot be had this time, if it cannot."""
        wire = self._site.hazards.wire(company.index)
        if wire not in {"failing", "unavailable"}:
            return None
        asked = self._count(company, page)
        if wire == "failing" and asked <= FAILURES:
            return error(HTTPStatus.INTERNAL_SERVER_ERROR)
        if wire == "unavailable" and asked == 1:
            return try_again(HTTPStatus.SERVICE_UNAVAILABLE)
        return None

    def _count(self, company: Company, page: int) -> int:
        """Count a request for a page; there are only so many pages to keep counts of."""
        self._asked[company.index, page] += 1
        return self._asked[company.index, page]

    def _decoy(self, slug: str, page: int) -> Answer:
        """Return what a card leads to that belongs to no company."""
        hazard, _, target = slug.partition("-")
        if hazard not in self._site.config.hazards or self._site.find_company(target) is None:
            return NOT_FOUND
        match hazard:
            case "huge":
                return Answer(chunks=_huge(self._pages.page("Huge", "<h1>Huge</h1>")))
            case "redirect":
                return redirect(f"/review/{target}")
            case "loop":
                return redirect(f"/review/{slug}?page={3 - page}")
            case "elsewhere":
                return redirect(f"{self._elsewhere}/review/{target}")
        return error(HTTPStatus.INTERNAL_SERVER_ERROR)


def _huge(start: str) -> Iterator[bytes]:
    """Yield a page that nobody should read to its end."""
    yield start.encode()
    yield from repeat(HUGE_CHUNK, HUGE_BYTES // len(HUGE_CHUNK))
