"""The review API: reviews in Postgres behind HTTP.

Start it with ``gunicorn -c python:review_api.gunicorn_config 'review_api:create_app()'``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from review_api.settings import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application; settings come from the environment when not given.

    The import waits until here: gunicorn's master imports this package for its configuration and
    must set up shared metrics before anything imports prometheus_client.
    """
    from review_api.application import build  # noqa: PLC0415 (see above)

    return build(settings)
