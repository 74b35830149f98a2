"""How gunicorn serves the pages: ``gunicorn -c python:review_ui.gunicorn_config …``.

One process with many threads: its callbacks mostly wait for the other services, and the
numbers on /metrics are whole. More capacity comes from more replicas.
"""

import sys

from pydantic import ValidationError

from review_ui.logs import logging_config
from review_ui.settings import Settings, complaints

try:
    _settings = Settings()
except ValidationError as error:
    sys.exit(f"review-ui: {complaints(error)}")

bind = _settings.ui_bind
worker_class = "gthread"
workers = 1
threads = _settings.ui_threads
keepalive = 15
timeout = 30
graceful_timeout = 20
control_socket_disable = True
logconfig_dict = logging_config(_settings.log_level)
