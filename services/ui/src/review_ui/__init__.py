"""The pages of Candor: people write reviews on one, owners read them on the other.

Serve it with ``gunicorn -c python:review_ui.gunicorn_config 'review_ui:create_server()'``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from review_ui.settings import Settings


def create_server(settings: Settings | None = None) -> Flask:
    """The WSGI application; settings come from the environment when not given.

    The import waits until here: gunicorn's master imports this package for its configuration, and
    with ``--reload`` a new worker would be forked with all the code that the master had imported.
    """
    from review_ui.server import create_server as build  # noqa: PLC0415 (see above)

    return build(settings)
