"""Whatever an owner changes: asked about in the dialog, done by the API, and then shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, html, set_props
from dash.development.base_component import Component
from pydantic import BaseModel, TypeAdapter, field_validator
from requests import codes
from werkzeug.exceptions import BadRequest

from review_ui.admin.dialog import Question, question_view, secret_view
from review_ui.admin.session import browser_session, show_ended_session
from review_ui.admin.shell import OwnerPage, content_of, page_at, say
from review_ui.admin.words import sentence
from review_ui.browser_callbacks import run_in_browser
from review_ui.elements import hidden_text
from review_ui.owner_calls import OwnerCalls, Owners, SessionEndedError
from review_ui.upstream import RefusedError, UnavailableError

NOT_ASKED = "The review API does not answer just now. Nothing was changed; try again in a moment."
NOT_ANSWERED = (
    "The review API did not answer, so it may or may not have been done. "
    "Nothing you typed is lost: look at the page, then try again."
)


@dataclass(frozen=True)
class Secret:
    """Something that was made and is shown this once."""

    title: str
    explanation: str
    secret: str


# What was filled in, by the fields' names.
Answers = Mapping[str, Any]


@dataclass(frozen=True)
class Action:
    """What `ask` asks about a target, and how it is done: `perform` says what was done.

    When the API refuses with 409, the action `otherwise` is offered with the reasons.
    """

    ask: Callable[[OwnerCalls, str], Question]
    perform: Callable[[OwnerCalls, str, Answers], str | Secret]
    otherwise: str | None = None


class Asked(BaseModel):
    """The action that the dialog is open for, and what it would be done to."""

    action: str
    target: str


class AnswerId(BaseModel):
    """The id of a field of the dialog."""

    name: str


class Answer(BaseModel):
    """What stands in a field of the dialog."""

    value: str | int | float | bool | list[str] | None

    @field_validator("value", mode="before")
    @classmethod
    def _no_text(cls, value: object) -> object:
        """An emptied field sends an empty text, which is as good as none."""
        return None if value == "" else value


_NAMES = TypeAdapter(list[AnswerId])


def action_button(action: str, target: str, name: str, about: str = "") -> Component:
    """The button that asks; `about` tells it from others of its name."""
    return html.Button(
        [name, hidden_text(f" {about}")] if about else name,
        id={"type": "action", "action": action, "target": target},
        type="button",
        className="btn btn-quiet",
    )


def number_of(answers: Answers, name: str) -> float:
    """The number in a field, which the browser lets nobody leave empty."""
    value = answers.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRequest
    return value


def register_actions(
    app: Dash, owners: Owners, pages: Mapping[str, OwnerPage], actions: Mapping[str, Action]
) -> None:
    """Have the dialog ask, and do what is confirmed."""
    run_in_browser(
        app,
        "owner.closeDialog",
        Input("dialog-cancel", "n_clicks"),
        prevent_initial_call=True,
    )
    run_in_browser(
        app,
        "owner.focusMessage",
        Input("admin-message", "children"),
        prevent_initial_call=True,
    )

    @app.callback(
        Input({"type": "action", "action": ALL, "target": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    def ask(clicks: list[int | None]) -> None:
        # Buttons that have just been drawn also call, though nobody clicked.
        if not any(clicks) or not ctx.triggered[0]["value"]:
            return
        asked = Asked.model_validate(ctx.triggered_id)
        try:
            calls = owners.calls_of(browser_session())
            _open(_known(actions, asked).ask(calls, asked.target), asked)
        except SessionEndedError:
            show_ended_session()
        except UnavailableError:
            say(NOT_ASKED, "warning")
        except RefusedError as refusal:
            say(sentence(refusal.reason), "warning")

    @app.callback(
        Input("dialog-form", "n_submit"),
        State("dialog-asked", "data"),
        State({"type": "answer", "name": ALL}, "id"),
        State({"type": "answer", "name": ALL}, "value"),
        State("address", "pathname"),
        State("address", "search"),
        running=[(Output("dialog-confirm", "disabled"), True, False)],
        prevent_initial_call=True,
    )
    def confirm(
        submits: int | None,
        data: dict[str, Any],
        ids: list[dict[str, str]],
        values: list[Any],
        path: str,
        search: str | None,
    ) -> None:
        if not submits:
            return
        asked = Asked.model_validate(data)
        try:
            calls = owners.calls_of(browser_session())
            _perform(actions, asked, _answers(ids, values), calls)
            set_props(
                "admin-content", {"children": content_of(page_at(pages, path), calls, search)}
            )
        except SessionEndedError:
            show_ended_session()
        except UnavailableError:
            _fail(NOT_ANSWERED)
        except RefusedError as refusal:
            _fail(sentence(refusal.reason))


def _known(actions: Mapping[str, Action], asked: Asked) -> Action:
    if asked.action not in actions:
        raise BadRequest
    return actions[asked.action]


def _answers(ids: list[dict[str, str]], values: list[Any]) -> Answers:
    names = [one.name for one in _NAMES.validate_python(ids)]
    given = [Answer(value=value).value for value in values]
    return dict(zip(names, given, strict=True))


def _perform(
    actions: Mapping[str, Action], asked: Asked, answers: Answers, calls: OwnerCalls
) -> None:
    action = _known(actions, asked)
    try:
        done = action.perform(calls, asked.target, answers)
    except RefusedError as refusal:
        if refusal.status != codes.conflict or action.otherwise is None:
            raise
        _offer(actions, Asked(action=action.otherwise, target=asked.target), refusal, calls)
        return
    if isinstance(done, Secret):
        _show_secret(done)
        return
    set_props("dialog", {"is_open": False})
    say(done, "success")


def _offer(
    actions: Mapping[str, Action], asked: Asked, refusal: RefusedError, calls: OwnerCalls
) -> None:
    """Ask whether to do something else instead of what was refused."""
    question = _known(actions, asked).ask(calls, asked.target)
    _open(replace(question, reasons=question.reasons or [sentence(refusal.reason)]), asked)


def _open(question: Question, asked: Asked) -> None:
    _set_frame(question.title, "Cancel")
    set_props("dialog-body", {"children": question_view(question)})
    button = {"children": question.confirm, "className": question.button_class, "hidden": False}
    set_props("dialog-confirm", button)
    set_props("dialog-asked", {"data": asked.model_dump()})
    set_props("dialog", {"is_open": True})


def _show_secret(done: Secret) -> None:
    _set_frame(done.title, "I have kept it")
    set_props("dialog-body", {"children": secret_view(done.explanation, done.secret)})
    set_props("dialog-confirm", {"hidden": True})


def _set_frame(title: str, cancel: str) -> None:
    set_props("dialog-title", {"children": title})
    set_props("dialog-cancel", {"children": cancel})
    set_props("dialog-failure", {"hidden": True})


def _fail(message: str) -> None:
    set_props("dialog-failure", {"children": message, "hidden": False})
