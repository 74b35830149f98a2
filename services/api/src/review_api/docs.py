"""``/api/openapi.json`` and ``/api/docs``: what the API can do, for programs and for people."""

from flask import Blueprint, Response, current_app, jsonify, render_template

from review_api import openapi
from review_api.operations import describe

blueprint = Blueprint("docs", __name__)

CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"
"""The page has one inline style sheet and loads nothing."""


@blueprint.get("/api/openapi.json")
@describe("This API as an OpenAPI 3.1 document.", answer=dict)
def openapi_document() -> Response:
    """Answer with the document."""
    return jsonify(openapi.document(current_app))


@blueprint.get("/api/docs")
@describe("This API as a page.", answer=str, media_types=("text/html",))
def docs_page() -> Response:
    """Answer with a page made on the server, without scripts."""
    page = render_template("docs.html", api=openapi.document(current_app))
    return Response(page, headers={"Content-Security-Policy": CONTENT_POLICY})
