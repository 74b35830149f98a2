"""``/api/tokens``: bearer tokens, stored by hash only."""

from collections.abc import Iterable
from datetime import datetime

from flask import Blueprint, Response, jsonify

from review_api import audit
from review_api.access import caller, digest, new_secret
from review_api.bodies import read_json
from review_api.database import database
from review_api.models import Token
from review_api.operations import describe
from review_api.problems import Problem
from review_api.schemas import NewToken, NewTokenInfo, TokenInfo

blueprint = Blueprint("tokens", __name__)


def create(name: str, scopes: Iterable[str], expires: datetime | None = None) -> tuple[Token, str]:
    """Make a token; return it and its secret, which is not kept."""
    secret = f"candor_{new_secret()}"
    return _insert(name, scopes, secret, expires), secret


def register_service(service: str, scopes: Iterable[str], secret: str) -> None:
    """Make a service's secret, and only it, that service's token."""
    name = f"service:{service}"
    with database.atomic():
        Token.delete().where((Token.name == name) | (Token.token_hash == digest(secret))).execute()
        _insert(name, scopes, secret, None)


def _insert(name: str, scopes: Iterable[str], secret: str, expires: datetime | None) -> Token:
    row = {
        "name": name,
        "scopes": " ".join(sorted(set(scopes))),
        "token_hash": digest(secret),
        "expires": expires,
    }
    token: Token = Token.insert(row).returning(Token).execute()[0]
    return token


def every() -> list[TokenInfo]:
    """Return all tokens, oldest first."""
    return [_info(token) for token in Token.select().order_by(Token.id)]


def revoke(token_id: int) -> str | None:
    """Delete a token; return its name, or None when there was none."""
    gone = Token.delete().where(Token.id == token_id).returning(Token.name).execute()
    return next((token.name for token in gone), None)


def _info(token: Token) -> TokenInfo:
    return TokenInfo(
        id=token.id,
        name=token.name,
        scopes=token.scopes.split(),
        created_date=token.created_date,
        expires=token.expires,
    )


@blueprint.get("/api/tokens")
@describe(
    "List the tokens, without their secrets.",
    scope="admin",
    answer=list[TokenInfo],
    problems=(401, 403, 503),
)
def list_tokens() -> Response:
    """Answer with all tokens."""
    return jsonify([token.model_dump(mode="json") for token in every()])


@blueprint.post("/api/tokens")
@describe(
    "Make a token; its secret is shown this once.",
    scope="admin",
    json=NewToken,
    answer=NewTokenInfo,
    status=201,
    problems=(400, 401, 403, 413, 415, 503),
)
def create_token() -> tuple[Response, int]:
    """Answer with the new token and its secret."""
    new = read_json(NewToken)
    details = {"scopes": new.scopes}
    with audit.recorded(caller().name, "token_created", new.name, details):
        token, secret = create(new.name, new.scopes, new.expires)
    info = NewTokenInfo(**_info(token).model_dump(), token=secret)
    return jsonify(info.model_dump(mode="json")), 201


@blueprint.delete("/api/tokens/<int(max=2147483647):token_id>")
@describe("Revoke a token.", scope="admin", status=204, problems=(401, 403, 404, 503))
def delete_token(token_id: int) -> Response:
    """Revoke a token at once."""
    with database.atomic():
        revoked = revoke(token_id)
        if revoked is None:
            raise Problem(404, "there is no such token")
        audit.record(caller().name, "token_revoked", revoked)
    return Response(status=204)
