"""Every setting of the scraper, read once from the environment."""

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from review_scraper.errors import UsageError

Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0)]


class Settings(BaseSettings):
    """The settings; each is the environment variable of its name in capitals."""

    model_config = SettingsConfigDict(
        frozen=True, env_ignore_empty=True, hide_input_in_errors=True, protected_namespaces=()
    )

    scraper_token: SecretStr | None = Field(
        None, description="Token of the review API, with the scope scrape:write."
    )
    scraper_contact: str | None = Field(
        None,
        max_length=200,
        pattern=r"^[\x20-\x7e]+$",
        description="An address where the site's owner reaches you; it is in the user agent.",
    )
    scraper_accept_terms: str = Field(
        "", description="Profiles, by name and comma, whose site's terms you have accepted."
    )
    scraper_browser_pages: Count = Field(
        6, le=32, description="Pages that the browser has open at a time."
    )
    scraper_settle_seconds: Seconds = Field(
        6, description="How long a page in the browser may take to settle before it is taken."
    )
    scraper_revisit_hours: float = Field(
        0, ge=0, description="Hours before a company is read again; 0 is in every pass."
    )
    scraper_today: dt.date | None = Field(
        None,
        description="The day of the site, where it is not the real one: practice sites have their "
        "own. A review from after it is rejected.",
    )
    scraper_memory_mb: Count = Field(
        1024, description="Memory of the process, without its browser, at which a run stops."
    )
    scraper_batch: Count = Field(500, le=1000, description="Items in a batch for the API.")
    scraper_api_wait: Seconds = Field(
        60, description="How many seconds after the crawl's end the API is waited for."
    )
    scraper_metrics_host: str = Field(
        "127.0.0.1", description="Address on which metrics are served, with --metrics-port."
    )
    scraper_log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "WARNING", description="The least important level that is logged."
    )
    chromium: Path | None = Field(
        None, description="The browser's program; without it, one on the machine is taken."
    )

    @property
    def accepted(self) -> set[str]:
        """The names of the profiles whose terms are accepted."""
        return {name.strip() for name in self.scraper_accept_terms.split(",") if name.strip()}

    @property
    def user_agent(self) -> str:
        """Who we are, and how to reach whoever runs this."""
        contact = f" (+{self.scraper_contact})" if self.scraper_contact else ""
        return f"candor-review-scraper/0.1{contact}"


def read_settings() -> Settings:
    """Return the settings of this process; raise UsageError where one is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        raise UsageError(
            "; ".join(_complaint(one["loc"], one["msg"]) for one in error.errors())
        ) from None


def _complaint(place: tuple[int | str, ...], message: str) -> str:
    return f"{'.'.join(map(str, place)).upper()}: {message}"
