"""Decides which of the browser's requests go out: only what the reading of a page needs."""

import re
from urllib.parse import urlsplit

from playwright.async_api import Request
from scrapy.robotstxt import RobotParser

from review_scraper.profile import Profile

NEEDLESS = {"image", "media", "font", "ping", "manifest", "texttrack", "other"}
TRACKER = re.compile(
    r"(?<![a-z])(analytics|beacon|doubleclick|gtag|gtm|pixel|telemetry|track(er|ing)?)(?![a-z])",
    re.IGNORECASE,
)


class Gate:
    """Lets pass what is on the site, allowed by its robots.txt, and of use."""

    def __init__(self, profile: Profile, user_agent: str) -> None:
        self._profile = profile
        self._user_agent = user_agent
        self._robots: dict[str, RobotParser] = {}

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """Take a site's robots.txt into account; Scrapy tells of it."""
        self._robots[urlsplit(request.url).netloc] = robotparser

    def refuses(self, request: Request) -> bool:
        """Say whether a request of the browser is not to be made."""
        if request.resource_type in NEEDLESS or not self._profile.allows(request.url):
            return True
        url = urlsplit(request.url)
        if TRACKER.search(url.path):
            return True
        robots = self._robots.get(url.netloc)
        return robots is not None and not robots.allowed(request.url, self._user_agent)
