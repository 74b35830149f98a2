"""What every command begins with: the settings, and the pool of connections that they name."""

from review_api import database
from review_api.settings import Settings

CONNECTIONS = 5
"""A worker's: for scoring, for its jobs, and for those who ask how it is."""


def opened() -> Settings:
    """Return the settings of the environment, with the pool opened.

    Raises:
        ValidationError: when they are not good.
    """
    settings = Settings()
    database.open_pool(settings.database_url, size=CONNECTIONS)
    return settings
