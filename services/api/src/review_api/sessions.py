"""``/api/session``: log in, ask who is logged in, log out."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, jsonify, request

from review_api import addresses, limits, users
from review_api.access import COOKIE, caller, client_address, digest, new_secret, unauthorized
from review_api.bodies import read_json
from review_api.models import Admin, Session
from review_api.operations import describe
from review_api.schemas import Login, SessionInfo
from review_api.settings import current_settings

blueprint = Blueprint("sessions", __name__)

TRIES_ON_A_NAME = 10
"""How many times more tries a name allows than an address: enough that one attacker cannot lock
the owner out, too few for many attackers to guess."""


@blueprint.post("/api/session")
@describe(
    "Log in; the answer sets the session cookie.",
    json=Login,
    answer=SessionInfo,
    problems=(400, 401, 413, 415, 429, 503),
)
def log_in() -> Response:
    """Check name and password, slowly for those who guess."""
    login = read_json(Login)
    admin = _verified(login)
    return _with_cookie(admin, datetime.now(UTC) + _duration())


def _verified(login: Login) -> Admin:
    """Return the admin who logs in; each failure counts against the address and the name."""
    limit = current_settings().logins_per_minute
    buckets = {
        f"login:{addresses.counted(client_address(login.ip_address))}": limit,
        f"login-as:{digest(login.username)}": limit * TRIES_ON_A_NAME,
    }
    for bucket, per_minute in buckets.items():
        limits.spend(bucket, per_minute)
    admin = users.verified(login.username, login.password)
    if admin is None:
        raise unauthorized("wrong name or password")
    for bucket in buckets:
        limits.forgive(bucket)
    return admin


def _duration() -> timedelta:
    return timedelta(hours=current_settings().session_hours)


def _with_cookie(admin: Admin, expires: datetime) -> Response:
    secret = new_secret()
    Session.insert(token_hash=digest(secret), admin=admin, expires=expires).execute()
    answer = jsonify(SessionInfo(username=admin.username, expires=expires).model_dump(mode="json"))
    answer.set_cookie(
        COOKIE,
        secret,
        max_age=_duration(),
        httponly=True,
        samesite="Strict",
        secure=current_settings().cookie_secure,
    )
    return answer


@blueprint.get("/api/session")
@describe("Say who is logged in.", answer=SessionInfo, problems=(401, 503))
def who() -> Response:
    """Answer with the session of the cookie."""
    if caller().session_expires is None:
        raise unauthorized("nobody is logged in")
    session = SessionInfo(username=caller().name, expires=caller().session_expires)
    return jsonify(session.model_dump(mode="json"))


@blueprint.delete("/api/session")
@describe("Log out; the session ends here, not only in the browser.", status=204, problems=(503,))
def log_out() -> Response:
    """End the session of the cookie, if there is one."""
    Session.delete().where(Session.token_hash == digest(request.cookies.get(COOKIE, ""))).execute()
    answer = Response(status=204)
    answer.delete_cookie(COOKIE, httponly=True, samesite="Strict")
    return answer
