"""Reads request bodies strictly: JSON or a form, real UTF-8, nothing unknown."""

from typing import TypeVar
from urllib.parse import parse_qsl

from flask import request
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]  # It ships none.
from werkzeug.exceptions import RequestEntityTooLarge

from review_api.problems import Problem
from review_api.schemas import Body

AnyBody = TypeVar("AnyBody", bound=Body)
OtherBody = TypeVar("OtherBody", bound=Body)

URLENCODED = "application/x-www-form-urlencoded"
FORMS = ("", URLENCODED, "multipart/form-data")
MOST_FIELDS = 50


def read_json(schema: type[AnyBody], largest: int | None = None) -> AnyBody:
    """Return the JSON body.

    Args:
        schema: what it must be.
        largest: how many bytes it may have, where that is not the application's limit.

    Raises:
        Problem: 415 when it is something else.
        ValidationError: when it does not fit the schema.
    """
    if not request.is_json:
        raise Problem(415, "the body must be application/json")
    request.max_content_length = largest
    return schema.model_validate_json(_body())


def read_json_or_form(
    json_schema: type[AnyBody], form_schema: type[OtherBody]
) -> AnyBody | OtherBody:
    """Return the body by its content type; errors as in `read_json`."""
    if request.is_json:
        return read_json(json_schema)
    if request.mimetype not in FORMS:
        raise Problem(415, "the body must be application/json or a form")
    return form_schema.model_validate(_form())


def _body() -> bytes:
    """Return the body, whole or not at all.

    werkzeug quietly cuts a body of unstated length at the limit, and gunicorn finds out only while
    reading that its chunks are malformed.
    """
    try:
        body = request.get_data()
    except ParseException as error:
        raise Problem(400, f"the body cannot be read: {error}") from None
    if request.max_content_length is not None and len(body) >= request.max_content_length:
        raise RequestEntityTooLarge
    return body


def _form() -> dict[str, str]:
    """Return the form's fields.

    werkzeug replaces bytes that are not UTF-8; here they are an error where they can be told.
    """
    body = _body()
    if request.mimetype == "multipart/form-data":
        return _unique(list(request.form.items(multi=True)))
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except UnicodeDecodeError:
        raise Problem(400, "the form is not UTF-8") from None
    except ValueError as error:
        raise Problem(400, f"the form cannot be read: {error}") from None
    return _unique(pairs)


def _unique(pairs: list[tuple[str, str]]) -> dict[str, str]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Problem(400, "a form field is given twice")
    return fields
