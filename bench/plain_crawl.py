"""A crawl of the demo site written the plain way, to compare with: Scrapy, and Selenium for lists.

One browser loads every list, one by one, with all that belongs to the page; Scrapy with its own
settings fetches the companies' pages.

python -m bench.plain_crawl http://127.0.0.1:8090 reviews.jsonl
"""

import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urljoin

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 20
READY = (By.CSS_SELECTOR, "body[data-ready=true]")
COMPANIES = "a.company-link"


class PlainSpider(Spider):
    """Finds companies with a browser, then reads their reviews."""

    name = "plain"

    def __init__(self, site: str, **arguments: Any) -> None:  # noqa: ANN401  # Whatever Scrapy passes on.
        super().__init__(**arguments)
        self.site = site

    async def start(self) -> AsyncIterator[Request]:
        """Yield the first page of every company."""
        browser = open_browser()
        try:
            for company in companies(browser, self.site):
                yield Request(company)
        finally:
            browser.quit()

    def parse(self, response: Response) -> Iterator[Any]:
        """Yield a page's reviews and the request for the next page."""
        for review in response.css("article.review"):
            yield {
                "id": review.attrib["data-review-id"],
                "title": review.css(".title::text").get(),
                "text": review.css(".text::text").get(),
                "rating": review.css(".stars::attr(data-rating)").get(),
                "date": review.css("time::attr(datetime)").get(),
                "page": response.url,
            }
        following = response.css("a[rel=next]::attr(href)").get()
        if following:
            yield response.follow(following)


def open_browser() -> WebDriver:
    """Return a headless Chromium with the driver that Debian ships beside it."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    options.add_argument("--headless=new")
    options.add_argument("--no-sandbox")
    return webdriver.Chrome(options, Service(shutil.which("chromedriver")))


def companies(browser: WebDriver, site: str) -> Iterator[str]:
    """Yield the address of every company, once."""
    known = set()
    for category in links(browser, urljoin(site, "/categories"), "a.sub-category"):
        page: str | None = category
        while page:
            for company in links(browser, page, COMPANIES):
                if company not in known:
                    known.add(company)
                    yield company
            following = browser.find_elements(By.CSS_SELECTOR, "a[rel=next]")
            page = following[0].get_attribute("href") if following else None


def links(browser: WebDriver, page: str, selector: str) -> list[str]:
    """Return the addresses that a list has once it is complete."""
    browser.get(page)
    WebDriverWait(browser, PATIENCE).until(shows_everything)
    found = browser.find_elements(By.CSS_SELECTOR, selector)
    return [link.get_attribute("href") or "" for link in found]


def shows_everything(browser: WebDriver) -> bool:
    """Ask a list for more, by its button or by scrolling, and tell whether it had all before."""
    if not browser.find_elements(*READY):
        return False
    buttons = browser.find_elements(By.CSS_SELECTOR, "button.load-more")
    for button in buttons:
        browser.execute_script("arguments[0].click()", button)
    browser.execute_script("window.scrollTo(0, document.body.scrollHeight)")
    scrolls = browser.find_elements(By.CSS_SELECTOR, "main[data-way=scroll]")
    return not buttons and (not scrolls or bool(browser.find_elements(By.ID, "end")))


def main() -> None:
    """Crawl the site that the first argument names into the file that the second one names."""
    site, feed = sys.argv[1:]
    process = AsyncCrawlerProcess(
        {"FEEDS": {feed: {"format": "jsonlines"}}, "LOG_LEVEL": "WARNING"}
    )
    process.crawl(PlainSpider, site=site)
    process.start()


if __name__ == "__main__":
    main()
