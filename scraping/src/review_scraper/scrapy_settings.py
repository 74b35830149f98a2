"""How Scrapy is set up for a crawl."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from review_scraper.chromium import find_chromium
from review_scraper.profile import Profile
from review_scraper.settings import Settings
from review_scraper.web import browser_slot

RETRIED = [500, 502, 504, 522, 524, 408]
"""What a server may answer once and not twice; when it is busy, `politeness` waits."""

RETRIED_ERRORS = [
    "scrapy.exceptions.CannotResolveHostError",
    "scrapy.exceptions.DownloadConnectionRefusedError",
    "scrapy.exceptions.DownloadFailedError",
    "scrapy.exceptions.DownloadTimeoutError",
    "scrapy.exceptions.ResponseDataLossError",
    "playwright.async_api.Error",
]
# With RenderDocument every page costs a fifth more processor time. The switch replaces Playwright's
# own, so that what of it matters here is said again.
UNWANTED = (
    "RenderDocument",
    "SpareRendererForSitePerProcess",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
CHROMIUM_SWITCHES = [
    f"--disable-features={','.join(UNWANTED)}",
    "--blink-settings=imagesEnabled=false",
    "--disable-remote-fonts",
]


@dataclass(frozen=True)
class Pace:
    """How fast a site is asked; None is as its profile says."""

    delay: float | None = None
    concurrency: int | None = None


def scrapy_settings(profile: Profile, settings: Settings, pace: Pace) -> dict[str, Any]:
    """Return Scrapy's settings."""
    return {
        "USER_AGENT": settings.user_agent,
        "SCHEDULER": "review_scraper.scheduler.FrontierScheduler",
        "LOG_INSTALL_ROOT_HANDLER": settings.scraper_log_level == "DEBUG",
        "TELNETCONSOLE_ENABLED": False,
        "COOKIES_ENABLED": False,
        "DOWNLOAD_TIMEOUT": profile.limits.timeout,
        "DOWNLOAD_MAXSIZE": profile.limits.page_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "MEMUSAGE_LIMIT_MB": settings.scraper_memory_mb,
        "MEMUSAGE_CHECK_INTERVAL_SECONDS": 5,
        "RETRY_TIMES": 3,
        "RETRY_HTTP_CODES": RETRIED,
        "RETRY_EXCEPTIONS": RETRIED_ERRORS,
        **_pace(profile, settings, pace),
        **_manners(),
        **_browser(profile, settings, _browser_pages(profile, settings, pace)),
    }


def _pace(profile: Profile, settings: Settings, pace: Pace) -> dict[str, Any]:
    delay = profile.limits.delay if pace.delay is None else pace.delay
    concurrency = _concurrency(profile, pace)
    pages = _browser_pages(profile, settings, pace)
    return {
        "DOWNLOAD_DELAY": delay,
        "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency,
        "CONCURRENT_REQUESTS": concurrency + pages,
        "DOWNLOAD_SLOTS": {browser_slot(url): {"concurrency": pages} for url in profile.start_urls},
        "AUTOTHROTTLE_ENABLED": delay > 0,
        "AUTOTHROTTLE_START_DELAY": delay,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": concurrency,
    }


def _concurrency(profile: Profile, pace: Pace) -> int:
    return pace.concurrency or profile.limits.concurrency


def _browser_pages(profile: Profile, settings: Settings, pace: Pace) -> int:
    return min(settings.scraper_browser_pages, _concurrency(profile, pace))


def _manners() -> dict[str, Any]:
    return {
        "ROBOTSTXT_OBEY": True,
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "review_scraper.politeness.Robots": 100,
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
            "review_scraper.politeness.RetryAfter": 560,
        },
        "EXTENSIONS": {
            "review_scraper.politeness.CrawlDelay": 100,
            "scrapy.extensions.memusage.MemoryUsage": None,
            "review_scraper.memory.MemoryLimit": 100,
            # It listens on a port, and nobody calls.
            "scrapy.extensions.remote_control.RemoteControl": None,
            "scrapy.extensions.logstats.LogStats": None,
        },
    }


def _browser(profile: Profile, settings: Settings, pages: int) -> dict[str, Any]:
    if all(page.render == "http" for page in profile.pages.values()):
        return {"PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 0}
    # Every handler starts a driver of its own, so that only the site's own scheme has one.
    schemes = {urlsplit(url).scheme for url in profile.start_urls}
    return {
        "DOWNLOAD_HANDLERS": dict.fromkeys(schemes, "review_scraper.browser.Browser"),
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": pages,
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": 1000 * profile.limits.timeout,
        "PLAYWRIGHT_PROCESS_REQUEST_HEADERS": None,
        "PLAYWRIGHT_LAUNCH_OPTIONS": {
            "executable_path": find_chromium(settings.chromium),
            "args": CHROMIUM_SWITCHES,
        },
        "SETTLE_SECONDS": settings.scraper_settle_seconds,
    }
