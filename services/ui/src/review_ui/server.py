"""Puts the parts together: Flask, Dash, the pages, and the services they ask."""

from dash import Dash
from flask import Flask
from pydantic import ValidationError
from werkzeug.middleware.proxy_fix import ProxyFix

from review_ui.admin.pages import add_owner_pages
from review_ui.api_client import ReviewApi
from review_ui.canary import Canary, PublishedShare, RoutedModel
from review_ui.frame import (
    DOCUMENT,
    NOT_FOR_DASH,
    STYLESHEETS,
    Page,
    answer_404_elsewhere,
    frame,
    register_pages,
)
from review_ui.health import health
from review_ui.logs import configure_logging, log_requests
from review_ui.metrics import measure_requests
from review_ui.model_client import SentimentModel
from review_ui.review import page as review_page
from review_ui.review.callbacks import fetch_brand, register_review_callbacks
from review_ui.security import refuse_other_sites, refuse_unknown_callbacks, secure_responses
from review_ui.settings import Settings
from review_ui.upstream import connect
from review_ui.visitor import name_visitors

# A callback carries a review of at most 10,000 characters and what is shown around it.
LARGEST_REQUEST_BYTES = 512 * 1024


def create_server(settings: Settings | None = None) -> Flask:
    """The WSGI application, set up from the environment unless `settings` are given."""
    settings = settings or Settings()
    configure_logging(settings.log_level)
    server = _make_flask(settings)
    app = _make_dash(server, settings)
    refuse_unknown_callbacks(server, app.callback_map)
    secure_responses(server, app.csp_hashes())
    return server


def _make_flask(settings: Settings) -> Flask:
    server = Flask("review_ui", static_folder=None)
    server.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST_BYTES
    if settings.trusted_proxies:
        server.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's documented way.
            server.wsgi_app, x_for=settings.trusted_proxies, x_proto=0
        )
    log_requests(server)
    measure_requests(server)
    refuse_other_sites(server)
    server.register_blueprint(health)
    server.register_error_handler(ValidationError, _refuse_malformed)
    return server


def _make_dash(server: Flask, settings: Settings) -> Dash:
    app = Dash(
        "review_ui",
        server=False,
        title="Candor",
        update_title="",
        index_string=DOCUMENT,
        external_stylesheets=STYLESHEETS,
        assets_ignore=NOT_FOR_DASH,
        # Most elements exist on one page only.
        suppress_callback_exceptions=True,
        use_pages=False,
        add_log_handler=False,
    )
    app.init_app(server)
    # The version check would call Plotly's server from every browser.
    app.enable_dev_tools(debug=False, dev_tools_disable_version_check=True)
    _add_pages(app, server, settings)
    return app


def _add_pages(app: Dash, server: Flask, settings: Settings) -> None:
    api_url, api_timeout = str(settings.review_api_url), settings.api_timeout_seconds
    api = ReviewApi(
        connect("review-api", api_url, api_timeout), settings.ui_token.get_secret_value()
    )
    acting = connect("review-api", api_url, api_timeout, repeats=False)
    model = _connect_model(settings)
    has_canary = model.canary is not None
    if has_canary:
        name_visitors(server)
    pages = {
        "/": Page(
            review_page.TITLE,
            lambda _search: review_page.review_page(fetch_brand(api), has_canary=has_canary),
        ),
        **add_owner_pages(app, server, api, acting),
    }
    app.layout = frame(str(settings.api_public_url))
    register_pages(app, pages)
    register_review_callbacks(app, api, model)
    answer_404_elsewhere(server, pages)


def _connect_model(settings: Settings) -> RoutedModel:
    model_url, timeout = str(settings.model_server_url), settings.model_timeout_seconds
    production = SentimentModel(connect("model-server", model_url, timeout))
    if settings.canary_server_url is None:
        return RoutedModel(production)
    # Neither is asked twice: production, and the share that was known, stand in for them.
    timeout = settings.canary_timeout_seconds
    server = connect("canary", str(settings.canary_server_url), timeout, repeats=False)
    api = connect("review-api", str(settings.review_api_url), timeout, repeats=False)
    return RoutedModel(production, Canary(SentimentModel(server), PublishedShare(api)))


def _refuse_malformed(_error: ValidationError) -> tuple[str, int]:
    """Values that the pages never send: answered like any other bad request."""
    return "This call is malformed.", 400
