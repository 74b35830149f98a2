"""Which pages and actions the owner has, and where they are."""

from dash import Dash
from flask import Flask

from review_ui.admin.access.actions import ACCESS_ACTIONS
from review_ui.admin.access.page import ACCESS, AUDIT
from review_ui.admin.actions import register_actions
from review_ui.admin.insights.page import INSIGHTS
from review_ui.admin.jobs.actions import JOB_ACTIONS
from review_ui.admin.jobs.log import create_log
from review_ui.admin.jobs.page import JOBS, register_jobs
from review_ui.admin.jobs.run_page import RUN, register_run
from review_ui.admin.login import register_login, show_owner_page
from review_ui.admin.models.actions import MODEL_ACTIONS
from review_ui.admin.models.events import EVENTS
from review_ui.admin.models.page import MODELS
from review_ui.admin.models.version_page import VERSION
from review_ui.admin.quarantine.page import QUARANTINE, QUARANTINE_ACTIONS
from review_ui.admin.reviews.callbacks import REVIEWS, register_reviews
from review_ui.admin.reviews.export import create_export
from review_ui.admin.shell import OwnerPage
from review_ui.api_client import ReviewApi
from review_ui.frame import Page
from review_ui.owner_calls import Owners
from review_ui.upstream import Upstream

PAGES = (REVIEWS, INSIGHTS, MODELS, VERSION, EVENTS, JOBS, RUN, QUARANTINE, ACCESS, AUDIT)
ACTIONS = {**MODEL_ACTIONS, **JOB_ACTIONS, **QUARANTINE_ACTIONS, **ACCESS_ACTIONS}


def add_owner_pages(app: Dash, server: Flask, api: ReviewApi, acting: Upstream) -> dict[str, Page]:
    """Wire up the owner's pages; gives them by their addresses."""
    owners = Owners(api.server, acting)
    pages = {page.path: page for page in PAGES}
    register_login(app, api, owners, pages)
    register_actions(app, owners, pages, ACTIONS)
    register_reviews(app, api)
    register_jobs(app, owners)
    register_run(app, owners)
    server.register_blueprint(create_export(api))
    server.register_blueprint(create_log(owners))

    def renderer(page: OwnerPage) -> Page:
        return Page(page.title, lambda search: show_owner_page(api, owners, PAGES, page, search))

    return {path: renderer(page) for path, page in pages.items()}
