"""The pages of the site, as HTML."""

import json
from html import escape
from importlib.resources import files
from typing import Final

from demo_site.config import Layout
from demo_site.lists import SubCategory
from demo_site.site import Company, Review, ReviewPage

PAGE: Final = """<!DOCTYPE html>
<html lang="en"><head>{meta}<title>{title}</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<style>
{style}</style><script src="/tracker.js" async></script></head>
<body><header><img src="/assets/logo/plain-words.png" alt="" width="32" height="32">
<a href="/">Plain Words</a> <a href="/search?q=best">Search</a></header>
{body}
<footer><a href="/data/private/about.html">About our data</a>{trap}
<img src="/beacon?page={name}" alt="" width="1" height="1"></footer></body></html>
"""

USUAL_REVIEW: Final = (
    '<article class="review"{} lang="en"><h2 class="title">{}</h2>'
    '<div class="stars" data-rating="{}"></div><p class="text">{}</p>'
    '<time datetime="{}">{}</time><span class="author">{}</span></article>\n'
)
CHANGED_REVIEW: Final = (
    '<div class="opinion-x7"{} lang="en"><h2 class="head-x7">{}</h2>'
    '<div class="grade-x7" data-rating="{}"></div><div class="body-x7">{}</div>'
    '<time datetime="{}">{}</time><span class="who-x7">{}</span></div>\n'
)
REVIEW: Final[dict[Layout, str]] = {"usual": USUAL_REVIEW, "changed": CHANGED_REVIEW}

COMPANY: Final = """{breadcrumbs}
<script type="application/ld+json">{facts}</script>
<img src="/assets/logo/{slug}.png" alt="" width="64" height="64"><h1>{name}</h1>
<p class="total" data-total="{total}">{total} reviews. <a href="/review/{slug}/print">Print</a></p>
{reviews}{next}"""


class Pages:
    """Writes the pages of a site that is served at `base`, such as `http://127.0.0.1:8090`."""

    def __init__(self, base: str, layout: Layout, *, trap: bool) -> None:
        self._base = base
        self._review = REVIEW[layout]
        self._trap = trap
        self._style = files("demo_site").joinpath("style.css").read_text("utf-8")

    def home(self) -> str:
        """Return the start page."""
        return self.page(
            "Plain Words",
            "<h1>Plain Words</h1><p>What people say about companies.</p>"
            '<p><a href="/categories">All categories</a></p>',
        )

    def categories(self) -> str:
        """Return the page of all lists, which a script fills."""
        return self.page("Categories", "<h1>Categories</h1>" + _filled_by_script("categories"))

    def list(self, of: SubCategory, *, restless: bool) -> str:
        """Return the page of a list of companies, which a script fills."""
        source = f"companies/{of.path}"
        body = _breadcrumbs(of) + f"<h1>{of.name}</h1>"
        return self.page(of.name, body + _filled_by_script(source, of.way, restless=restless))

    def frozen(self, of: SubCategory) -> str:
        """Return the page of a list whose script never lets go."""
        body = f"{_breadcrumbs(of)}<h1>{of.name}</h1><script>for (;;) {{}}</script>"
        return self.page(of.name, body)

    def company(self, page: ReviewPage, *, meta: str = '<meta charset="utf-8">') -> str:
        """Return a page of a company's reviews."""
        company = page.company
        none = '<p class="no-reviews">Nobody has written about this company yet.</p>\n'
        return self.page(
            escape(company.name),
            COMPANY.format(
                breadcrumbs=_breadcrumbs(company.list),
                facts=self._facts(company),
                slug=company.slug,
                name=escape(company.name),
                total=page.total,
                reviews="".join(map(self._article, page.reviews)) or none,
                next=_next(page.number + 1) if page.has_next else "",
            ),
            meta=meta,
            name=company.slug,
        )

    def page(
        self, title: str, body: str, *, meta: str = '<meta charset="utf-8">', name: str = "page"
    ) -> str:
        """Return a page around a body; title and body are HTML."""
        trap = f'<a href="/trap/{name}" style="display:none">All offers</a>' if self._trap else ""
        return PAGE.format(
            meta=meta, title=title, style=self._style, body=body, trap=trap, name=name
        )

    def _article(self, review: Review) -> str:
        moment = review.moment
        return self._review.format(
            f' data-review-id="{review.id}"' if review.id else "",
            escape(review.title, quote=False),
            review.rating,
            escape(review.text, quote=False),
            moment,
            moment[:10],
            review.author,
        )

    def _facts(self, company: Company) -> str:
        """Return the company as JSON-LD."""
        return json.dumps(
            {
                "@context": "https://schema.org",
                "@type": "LocalBusiness",
                "name": company.name,
                "url": company.website,
                "image": f"{self._base}/assets/logo/{company.slug}.png",
            }
        )


def _filled_by_script(source: str, way: str = "categories", *, restless: bool = False) -> str:
    flag = " data-restless" if restless else ""
    return (
        f'<main data-source="/data/{source}.json" data-way="{way}"{flag}></main>'
        '<script src="/lists.js"></script>'
    )


def _breadcrumbs(of: SubCategory) -> str:
    return (
        f'<nav class="breadcrumbs"><a href="/categories">{of.category}</a>'
        f'<a href="/categories/{of.path}">{of.name}</a></nav>'
    )


def _next(page: int) -> str:
    return f'<p><a rel="next" href="?page={page}">Next page</a></p>'
