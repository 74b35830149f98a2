"""What the site answers to a request, apart from any network."""

from collections.abc import Callable, Iterable
from typing import Final

from demo_site import assets, truth
from demo_site.answer import NOT_FOUND, Answer, as_json, html, ndjson
from demo_site.company_answers import CompanyAnswers
from demo_site.hazards import FROZEN_LIST, RESTLESS_LIST
from demo_site.lists import SubCategory
from demo_site.pages import Pages
from demo_site.site import Site

ROBOTS: Final = """User-agent: *
Disallow: /trap/
Disallow: /search
Disallow: /data/private/
Allow: /data/private/about.html
Disallow: /*/print$
"""
LONGEST_NUMBER: Final = 30
"""Digits of a trap's number; longer ones start again, so that addresses stay short."""

SCRIPT: Final = "text/javascript; charset=utf-8"

Part = Callable[[str, int], Answer]
"""Answers below a folder: it is given the rest of the path and the number of the page."""


class Answers:
    """Answers for a site that is served at `base`."""

    def __init__(self, site: Site, base: str, crawl_delay: float | None = None) -> None:
        self._site = site
        self._pages = Pages(base, site.config.layout, trap=site.hazards.on("trap"))
        self._companies = CompanyAnswers(site, self._pages, base)
        self._fixed = self._fixed_answers(crawl_delay)
        self._parts: dict[str, Part] = {
            "review": self._review,
            "categories": self._list,
            "data": self._data,
            "assets": self._asset,
            "trap": self._trap,
            "search": self._search,
            "beacon": self._beacon,
            "truth": self._truth,
        }

    def answer(self, path: str, page: int) -> Answer:
        """Return the answer for a path and the number of a page; 0 is a number that is none."""
        if fixed := self._fixed.get(path):
            return fixed
        part, _, rest = path[1:].partition("/")
        answer = self._parts.get(part)
        return answer(rest, page) if answer else NOT_FOUND

    def _fixed_answers(self, crawl_delay: float | None) -> dict[str, Answer]:
        delay = "" if crawl_delay is None else f"Crawl-delay: {crawl_delay:g}\n"
        return {
            "/": html(self._pages.home()),
            "/robots.txt": Answer((ROBOTS + delay).encode(), content_type="text/plain"),
            "/categories": html(self._pages.categories()),
            "/lists.js": Answer(assets.lists_script(), content_type=SCRIPT),
            "/tracker.js": Answer(assets.TRACKER, content_type=SCRIPT),
            "/assets/font.woff2": Answer(assets.FONT, content_type="font/woff2"),
            "/data/categories.json": as_json(self._categories()),
            "/data/news.json": as_json([]),
        }

    def _categories(self) -> list[dict[str, object]]:
        """Return what the script makes the page of categories from."""
        lists = [*self._site.lists]
        if self._site.hazards.on("frozen"):
            lists.append(FROZEN_LIST)
        return [
            {"name": category, "lists": _links(of for of in lists if of.category == category)}
            for category in dict.fromkeys(of.category for of in lists)
        ]

    def _list(self, rest: str, page: int) -> Answer:
        if rest == FROZEN_LIST.path and self._site.hazards.on("frozen"):
            return html(self._pages.frozen(FROZEN_LIST))
        of = self._site.find_list(rest)
        if of is None or not 1 <= page <= self._site.list_pages(of):
            return NOT_FOUND
        restless = of.position == RESTLESS_LIST and page == 1 and self._site.hazards.on("restless")
        return html(self._pages.list(of, restless=restless))

    def _data(self, rest: str, page: int) -> Answer:
        folder, _, path = rest.partition("/")
        if folder == "private":
            return html(self._pages.page("Data", "<h1>Data</h1><p>All of it is made up.</p>"))
        of = self._site.find_list(path.removesuffix(".json"))
        if folder != "companies" or of is None or not 1 <= page <= self._site.list_pages(of):
            return NOT_FOUND
        cards = [{"name": card.name, "slug": card.slug} for card in self._site.cards(of, page)]
        return as_json({"companies": cards, "page": page, "pages": self._site.list_pages(of)})

    def _review(self, rest: str, page: int) -> Answer:
        return self._companies.answer(rest.removesuffix("/print"), page)

    def _asset(self, rest: str, page: int) -> Answer:
        del page
        folder, _, name = rest.partition("/")
        if folder != "logo":
            return NOT_FOUND
        return Answer(assets.logo(name), content_type="image/png")

    def _trap(self, rest: str, page: int) -> Answer:
        del page
        place = rest.rpartition("/")[2]
        number = int(place) if place.isdecimal() and len(place) < LONGEST_NUMBER else 0
        links = "".join(
            f'<li><a href="/trap/{2 * number + step}">Offer {2 * number + step}</a></li>'
            for step in (1, 2)
        )
        return html(self._pages.page("Offers", f"<h1>Offers</h1><ul>{links}</ul>"))

    def _search(self, rest: str, page: int) -> Answer:
        del rest
        link = f'<a href="/search?q=best&page={page + 1}">More</a>'
        return html(self._pages.page("Search", f"<h1>Search</h1><p>Too many to show. {link}</p>"))

    def _beacon(self, rest: str, page: int) -> Answer:
        del page
        return Answer(assets.logo(rest), content_type="image/png")

    def _truth(self, rest: str, page: int) -> Answer:
        del page
        if not rest:
            return as_json(truth.summary(self._site))
        rows = {"companies": truth.companies, "reviews": truth.reviews, "hazards": truth.hazards}
        return ndjson(truth.lines(rows[rest](self._site))) if rest in rows else NOT_FOUND


def _links(lists: Iterable[SubCategory]) -> list[dict[str, str]]:
    return [{"name": of.name, "path": f"/categories/{of.path}"} for of in lists]
