"""The reviews as a CSV file: what the API sends, handed on as it arrives."""

import requests
from flask import Blueprint, Response, redirect, request, stream_with_context
from werkzeug.wrappers import Response as AnyResponse

from review_ui.admin.page import EXPORT_FAILED, EXPORT_PATH
from review_ui.admin.query import query_of_address
from review_ui.admin.session import browser_session
from review_ui.api_client import ReviewApi, SessionEndedError
from review_ui.upstream import RefusedError, UnavailableError

CHUNK_BYTES = 64 * 1024


def create_export(api: ReviewApi) -> Blueprint:
    """The route that the export link leads to."""
    export = Blueprint("export", __name__)

    @export.get(EXPORT_PATH)
    def export_reviews() -> AnyResponse:
        query = query_of_address(request.args.to_dict(flat=False)).selection()
        try:
            upstream = api.export_reviews(browser_session(), query)
        except SessionEndedError:
            return redirect("/admin")
        except (UnavailableError, RefusedError):
            return redirect(f"/admin?{EXPORT_FAILED}")
        return _hand_on(upstream)

    return export


def _hand_on(upstream: requests.Response) -> Response:
    chunks = upstream.iter_content(CHUNK_BYTES)
    response = Response(stream_with_context(chunks), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="reviews.csv"'
    response.headers["Cache-Control"] = "no-store"
    response.call_on_close(upstream.close)
    return response
