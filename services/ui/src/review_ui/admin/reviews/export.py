"""The reviews as a CSV file: what the API sends, handed on as it arrives."""

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from review_ui.admin.passing import pass_on
from review_ui.admin.reviews.page import EXPORT_FAILED, EXPORT_PATH
from review_ui.admin.reviews.query import query_of_address
from review_ui.admin.session import browser_session
from review_ui.api_client import ReviewApi
from review_ui.owner_calls import SessionEndedError
from review_ui.upstream import RefusedError, UnavailableError


def create_export(api: ReviewApi) -> Blueprint:
    """The route that the export link leads to."""
    export = Blueprint("export", __name__)

    @export.get(EXPORT_PATH)
    def export_reviews() -> Response:
        query = query_of_address(request.args.to_dict(flat=False)).selection()
        try:
            upstream = api.export_reviews(browser_session(), query)
        except SessionEndedError:
            return redirect("/admin")
        except (UnavailableError, RefusedError):
            return redirect(f"/admin?{EXPORT_FAILED}")
        return pass_on(upstream, "text/csv; charset=utf-8", "reviews.csv")

    return export
