"""Who is calling, by bearer token or session cookie, and what they may do."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from review_api import addresses
from review_api.models import Admin, Session, Token
from review_api.operations import current_operation
from review_api.problems import FieldError, Problem

COOKIE = "candor_session"
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True)
class Caller:
    """Somebody who calls; an admin may do everything."""

    name: str = ""
    scopes: frozenset[str] = frozenset()
    session_expires: datetime | None = None

    def may(self, scope: str) -> bool:
        """Say whether the caller has a scope."""
        return bool(self.scopes & {scope, "admin"})


ANYBODY = Caller()


def new_secret() -> str:
    """Return a new random secret of 256 bits."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Return the only form in which secrets are stored.

    Random secrets of 256 bits cannot be guessed from a plain hash, unlike passwords.
    """
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def caller() -> Caller:
    """Return who makes this request.

    Raises:
        Problem: 401 for a token that is not valid.
    """
    if "caller" not in g:
        g.caller = _identify()
    found: Caller = g.caller
    return found


def _identify() -> Caller:
    """Return the caller; a service that acts for an admin may do what both may do."""
    token, session = _token_caller(), _session_caller()
    return Caller(
        session.name or token.name, session.scopes | token.scopes, session.session_expires
    )


def _token_caller() -> Caller:
    if "Authorization" not in request.headers:
        return ANYBODY
    kind, _, secret = request.headers["Authorization"].partition(" ")
    token = Token.get_or_none(Token.token_hash == digest(secret.strip()))
    if kind.lower() != "bearer" or token is None or _is_over(token.expires):
        raise unauthorized("the token is not valid")
    return Caller(token.name, frozenset(token.scopes.split()))


def _session_caller() -> Caller:
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        return ANYBODY
    known = Session.token_hash == digest(cookie)
    session = Session.select(Session, Admin).join(Admin).where(known).first()
    if session is None or _is_over(session.expires):
        return ANYBODY
    return Caller(session.admin.username, frozenset({"admin"}), session.expires)


def _is_over(expires: datetime | None) -> bool:
    return expires is not None and expires <= datetime.now(UTC)


def client_address(stated: str | None) -> addresses.Address | None:
    """Return the client's address: as stated by callers who may, else the connection's.

    Raises:
        Problem: 400 when what such a caller states is no IP address.
    """
    if not caller().may("reviews:attest"):
        return addresses.connection_address()
    if stated is None:
        return None
    try:
        return addresses.parse(stated)
    except ValueError:
        detail = "must be an IP address"
        problem = FieldError(field="ip_address", detail=detail)
        raise Problem(400, f"ip_address: {detail}", errors=[problem]) from None


def unauthorized(detail: str) -> Problem:
    """Return the problem of a caller who must say who they are."""
    return Problem(401, detail, headers={"WWW-Authenticate": "Bearer"})


def init_app(app: Flask) -> None:
    """Check the scope of every route before it runs, and keep its answer out of caches."""
    app.before_request(_check)
    app.after_request(_keep_out_of_caches)


def _check() -> None:
    operation = current_operation()
    if operation is None or operation.scope is None:
        return
    if caller() == ANYBODY:
        raise unauthorized("log in, or send a token")
    if not caller().may(operation.scope):
        raise Problem(403, f"this needs the scope {operation.scope}")
    if caller().session_expires and request.method not in SAFE_METHODS:
        _refuse_other_origins()


def _keep_out_of_caches(answer: Response) -> Response:
    operation = current_operation()
    if operation and operation.scope:
        answer.headers["Cache-Control"] = "no-store"
    return answer


def _refuse_other_origins() -> None:
    """Refuse a browser that was sent here by a page of another origin."""
    origin = request.headers.get("Origin")
    if origin and urlsplit(origin).netloc != request.host:
        raise Problem(403, "the request comes from another origin")
