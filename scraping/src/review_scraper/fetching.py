"""Fetches a single page just as a crawl does."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from review_scraper.errors import ScraperError
from review_scraper.extraction import Link
from review_scraper.profile import Profile
from review_scraper.scrapy_settings import Pace, scrapy_settings
from review_scraper.settings import Settings
from review_scraper.web import ProfileSpider, failure_reason, html_of, page_request


@dataclass(frozen=True)
class Fetched:
    """A page as it came."""

    url: str
    html: str


class PageSpider(ProfileSpider):
    """Fetches one page."""

    name = "page"

    def __init__(
        self,
        profile: Profile,
        link: Link,
        **options: Any,  # noqa: ANN401 (Scrapy's own options)
    ) -> None:
        super().__init__(**options)
        self.profile = profile
        self.link = link
        self.fetched: Fetched | None = None
        self.problem = "the crawl did not start"

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the page."""
        yield page_request(self, self.link, self.parse, self.give_up)

    def parse(self, response: Response) -> None:
        """Take the page, whatever its status."""
        if response.status // 100 == 2:  # noqa: PLR2004 (every status of success)
            self.fetched = Fetched(response.url, html_of(response)[0])
        self.problem = f"status {response.status}"

    def give_up(self, failure: Failure) -> None:
        """Take the reason why there is none."""
        self.problem = failure_reason(failure.value)


def fetch(profile: Profile, link: Link, settings: Settings) -> Fetched:
    """Return the page to which `link` leads.

    Raises:
        ScraperError: there is no such page, or it must not be fetched.
    """
    options = scrapy_settings(profile, settings, Pace(delay=0))
    options["SCHEDULER"] = "scrapy.core.scheduler.Scheduler"
    process = AsyncCrawlerProcess(options)
    crawler = process.create_crawler(PageSpider)
    task = process.crawl(crawler, profile=profile, link=link)
    process.start()
    task.result()
    spider = crawler.spider
    if not isinstance(spider, PageSpider) or spider.fetched is None:
        problem = spider.problem if isinstance(spider, PageSpider) else "nothing was fetched"
        message = f"{link.url}: {problem}"
        raise ScraperError(message)
    return spider.fetched
