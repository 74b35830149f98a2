"""What each route takes, gives and asks for, said beside the route itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app, request
from pydantic import BaseModel

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Operation:
    """A route's description; ``scope`` is enforced, the rest documents.

    Attributes:
        summary: one sentence.
        answer: the type of the body of a success, or None without a body.
        status: the status of a success.
        also: other statuses of a success, with the same body.
        json: the schema of a JSON body.
        body_required: whether there has to be a body.
        form: the schema of the body in form encoding.
        query: the schema of the query string.
        scope: what a caller must be allowed to do; None is everybody.
        problems: the error statuses that a caller should expect.
        headers: answer headers worth knowing, with their meaning.
        request_headers: request headers worth knowing, with their meaning.
        media_types: the media types of a success.
    """

    summary: str
    answer: Any = None
    status: int = 200
    also: tuple[int, ...] = ()
    json: type[BaseModel] | None = None
    body_required: bool = True
    form: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    scope: str | None = None
    problems: tuple[int, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    request_headers: tuple[tuple[str, str], ...] = ()
    media_types: tuple[str, ...] = ("application/json",)


def describe(summary: str, **details: Any) -> Callable[[View], View]:  # noqa: ANN401 (Operation's own fields)
    """Give a view its `Operation`."""

    def attach(view: View) -> View:
        view.operation = Operation(summary, **details)  # type: ignore[attr-defined]  # A view is a function; ours carry this.
        return view

    return attach


def operation_of(app: Flask, endpoint: str) -> Operation | None:
    """Return the description of an endpoint's view."""
    return getattr(app.view_functions[endpoint], "operation", None)


def current_operation() -> Operation | None:
    """Return the description of the view that this request is for, or None if there is none."""
    return operation_of(current_app, request.endpoint) if request.endpoint else None
