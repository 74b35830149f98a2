"""The pages of Candor: people write reviews on one, owners read them on the other.

Serve it with ``gunicorn -c python:review_ui.gunicorn_config 'review_ui:create_server()'``.
"""

from review_ui.server import create_server

__all__ = ["create_server"]
