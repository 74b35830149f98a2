"""Files that the review API sends, handed on to the browser as they arrive."""

import requests
from flask import Response, stream_with_context

CHUNK_BYTES = 64 * 1024


def pass_on(upstream: requests.Response, content_type: str, filename: str) -> Response:
    """The answer that hands on `upstream` under that name, and closes it in any case."""
    chunks = upstream.iter_content(CHUNK_BYTES)
    response = Response(stream_with_context(chunks), content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    response.headers["Cache-Control"] = "no-store"
    response.call_on_close(upstream.close)
    return response
