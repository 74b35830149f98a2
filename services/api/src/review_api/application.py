"""Puts the application together: settings, database, logs, metrics and one blueprint a resource."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from review_api import (
    access,
    audit,
    companies,
    database,
    docs,
    drift,
    health,
    insights,
    logs,
    metrics,
    model_aliases,
    model_canary,
    model_versions,
    predictions,
    problems,
    quarantine,
    reviews,
    scraped_reviews,
    sessions,
    tokens,
    training_data,
    users,
)
from review_api.jobs import choice
from review_api.jobs import routes as jobs
from review_api.model_server import ModelServer
from review_api.settings import Settings

LARGEST_BODY = 256 * 1024
"""Bytes. A review of 64 KiB fits, also when it is sent percent-encoded."""

RESOURCES = (
    predictions,
    reviews,
    companies,
    scraped_reviews,
    training_data,
    quarantine,
    insights,
    drift,
    model_versions,
    model_aliases,
    model_canary,
    sessions,
    tokens,
    users,
    jobs,
    audit,
    docs,
    health,
)


def build(settings: Settings | None = None) -> Flask:
    """Return the WSGI application; settings come from the environment when not given."""
    settings = settings or Settings()
    app = Flask("review_api", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.extensions["settings"] = settings
    app.extensions["model_server"] = ModelServer(
        settings.model_server_url, settings.model_timeout_seconds
    )
    for part in (logs, metrics, database, problems, access, choice):
        part.init_app(app)
    for resource in RESOURCES:
        app.register_blueprint(resource.blueprint)
    trust_proxies(app, settings.trusted_proxies)
    return app


def trust_proxies(app: Flask, count: int) -> None:
    """Believe exactly the last ``count`` entries of X-Forwarded-For, and no other header."""
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=0)  # type: ignore[method-assign]  # Flask's documented way to wrap itself.
