"""Errors as problem details (RFC 9457), whose body also has ``error`` as in 2019."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import TypedDict

import structlog
from flask import Flask, Response
from peewee import DataError, ProgrammingError
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as WerkzeugResponse

from review_api.database import AWAY

RETRY_AFTER = 5
"""Seconds after which a caller may try again when a part of the product is away."""

MOST_ERRORS = 20
LONGEST_FIELD = 100
UNDEFINED_TABLE = "42P01"

log = structlog.get_logger()


class FieldError(TypedDict):
    """What is wrong with one field."""

    field: str
    detail: str


class Problem(Exception):  # noqa: N818 (the RFC's own word)
    """An answer with an error status; raise it anywhere while handling a request."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """Return the problem as an HTTP answer."""
        body = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "error": self.detail,
        } | ({"errors": list(self.errors)} if self.errors else {})
        return Response(
            json.dumps(body), self.status, self.headers, mimetype="application/problem+json"
        )


def unavailable(detail: str) -> Problem:
    """Return the problem of a part that is away for now."""
    return Problem(503, detail, headers={"Retry-After": str(RETRY_AFTER)})


def invalid(error: ValidationError) -> Problem:
    """Return pydantic's complaints as a problem, field by field."""
    errors = [
        FieldError(field=".".join(map(str, one["loc"]))[:LONGEST_FIELD], detail=one["msg"])
        for one in error.errors(include_url=False, include_context=False, include_input=False)
    ][:MOST_ERRORS]
    detail = "; ".join(f"{one['field'] or 'body'}: {one['detail']}" for one in errors)
    return Problem(400, detail, errors=errors)


def init_app(app: Flask) -> None:
    """Answer every error of an application with a problem."""
    app.register_error_handler(Problem, Problem.response)
    app.register_error_handler(ValidationError, lambda error: invalid(error).response())
    app.register_error_handler(HTTPException, _http_error)
    for away in AWAY:
        app.register_error_handler(away, _database_away)
    app.register_error_handler(ProgrammingError, _programming_error)
    app.register_error_handler(DataError, _data_error)
    app.register_error_handler(Exception, _bug)


def _http_error(error: HTTPException) -> WerkzeugResponse:
    answer = error.get_response()
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return answer
    kept = {name: value for name, value in answer.headers if name in {"Allow", "Retry-After"}}
    return Problem(error.code, error.description or answer.status, headers=kept).response()


def _database_away(error: Exception) -> Response:
    log.warning("database unavailable", reason=str(error).strip())
    return unavailable("the database is unavailable").response()


def _programming_error(error: ProgrammingError) -> Response:
    if getattr(getattr(error, "orig", None), "pgcode", None) == UNDEFINED_TABLE:
        return unavailable("the database is not migrated yet").response()
    return _bug(error)


def _data_error(error: DataError) -> Response:
    log.warning("database refused a value", reason=str(error).strip())
    return Problem(400, "a value is out of range").response()


def _bug(error: Exception) -> Response:
    log.error("unexpected error", exc_info=error)
    return Problem(500, "unexpected error").response()
