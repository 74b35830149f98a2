"""What the browser is told to forbid, and requests that are refused."""

from collections.abc import Container, Sequence
from urllib.parse import urlsplit

from flask import Flask, Request, Response, request

CALLBACK_PATH = "/_dash-update-component"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITES = frozenset({"same-origin", "none"})


def content_security_policy(script_hashes: Sequence[str]) -> str:
    """A policy that lets a page load from its own address only.

    `script_hashes` are the inline scripts Dash starts itself with. Dash's bundles also add
    `<style>` elements, whose text is not ours to know: hence 'unsafe-inline' for styles.
    """
    return "; ".join(
        [
            "default-src 'self'",
            " ".join(["script-src 'self'", *script_hashes]),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


def is_from_another_site(request: Request) -> bool:
    """Whether a browser sent this from a page that is not ours.

    Browsers say so themselves (Sec-Fetch-Site, which a page cannot set); older ones send
    only the Origin, whose host is compared with ours. Programs send neither.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in OWN_SITES
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host


def secure_responses(server: Flask, script_hashes: Sequence[str]) -> None:
    """Add the protective headers to every answer."""
    headers = {
        "Content-Security-Policy": content_security_policy(script_hashes),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }

    @server.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(headers)
        return response


def refuse_other_sites(server: Flask) -> None:
    """Answer 403 to whatever could change something and comes from another site."""

    @server.before_request
    def check_origin() -> tuple[str, int] | None:
        if request.method in SAFE_METHODS or not is_from_another_site(request):
            return None
        return "This call came from another site.", 403


def refuse_unknown_callbacks(server: Flask, known: Container[str]) -> None:
    """Answer 400 to callbacks that no page has; `known` are the outputs of those there are."""

    @server.before_request
    def check_callback() -> tuple[str, int] | None:
        if request.path != CALLBACK_PATH or request.method != "POST":
            return None
        body = request.get_json()
        if isinstance(body, dict) and body.get("output") in known:
            return None
        return "There is no such callback.", 400
