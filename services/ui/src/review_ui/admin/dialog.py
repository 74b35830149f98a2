"""The one dialog of the owner's pages: it asks before anything is changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

Kind = Literal["text", "password", "number", "switch", "choices", "options"]
Value = str | float | bool | list[str] | None

LONGEST_REASON = 500


@dataclass(frozen=True)
class Field:
    """Something to fill in: `options` are what a field of kind options or choices offers."""

    name: str
    label: str
    kind: Kind = "text"
    value: Value = None
    required: bool = False
    hint: str = ""
    options: Sequence[str] = ()
    least: float | None = None
    most: float | None = None
    step: float | Literal["any"] | None = None
    longest: int | None = None


@dataclass(frozen=True)
class Question:
    """What the owner is asked before something is done: `reasons` speak against it."""

    title: str
    text: str
    confirm: str
    fields: Sequence[Field] = ()
    reasons: Sequence[str] = field(default=())
    is_dangerous: bool = False

    @property
    def button_class(self) -> str:
        """How the button looks that confirms."""
        return f"btn {'btn-danger' if self.is_dangerous else 'btn-primary'}"


def reason_field(*, required: bool = False) -> Field:
    """Why something is done, which is kept with it."""
    label = "Reason" if required else "Reason (optional)"
    return Field(
        "reason", label, required=required, longest=LONGEST_REASON, hint="Kept with the event."
    )


def dialog() -> Component:
    """The dialog, closed and empty, and what it was opened for."""
    form = dbc.Form(
        [
            html.H2(id="dialog-title"),
            html.Div(id="dialog-body"),
            html.P(id="dialog-failure", role="alert", hidden=True, className="alert alert-danger"),
            html.Div(
                [
                    html.Button(
                        "Cancel", id="dialog-cancel", type="button", className="btn btn-quiet"
                    ),
                    html.Button(id="dialog-confirm", type="submit", className="btn btn-primary"),
                ],
                className="dialog-buttons",
            ),
        ],
        id="dialog-form",
    )
    window = dbc.Modal(
        dbc.ModalBody(form), id="dialog", is_open=False, centered=True, labelledby="dialog-title"
    )
    return html.Div([dcc.Store(id="dialog-asked"), window])


def question_view(question: Question) -> list[Component]:
    """The dialog's body for a question."""
    parts: list[Component] = []
    if question.reasons:
        parts.append(html.Ul([html.Li(reason) for reason in question.reasons], className="reasons"))
    parts.append(html.P(question.text, className="dialog-text"))
    return [*parts, *(_field_view(one) for one in question.fields)]


def secret_view(explanation: str, secret: str) -> list[Component]:
    """The dialog's body for something that is shown this once."""
    return [
        html.P(explanation, className="dialog-text"),
        html.Div(
            [
                html.Code(secret, id="secret"),
                dcc.Clipboard(target_id="secret", title="Copy", className="btn btn-quiet"),
            ],
            className="secret",
        ),
    ]


def answer_id(name: str) -> dict[str, str]:
    """The id of the field of that name."""
    return {"type": "answer", "name": name}


def _field_view(one: Field) -> Component:
    if one.kind == "switch":
        return html.Div(
            [dbc.Switch(id=answer_id(one.name), label=one.label, value=bool(one.value)), _hint(one)]
        )
    if one.kind == "choices":
        return _choices(one)
    # The field's id is an object, to which no label can point: it stands in its label instead.
    label = html.Label([one.label, _control(one)], className="form-label dialog-label")
    kind = "dialog-field dialog-number" if one.kind == "number" else "dialog-field"
    return html.Div([label, _hint(one)], className=kind)


def _choices(one: Field) -> Component:
    options = [{"label": option, "value": option} for option in one.options]
    checklist = dbc.Checklist(id=answer_id(one.name), options=options, value=one.value or [])
    return html.Fieldset(
        [html.Legend(one.label, className="form-label"), checklist, _hint(one)],
        className="dialog-field",
    )


def _control(one: Field) -> Component:
    control: Component
    if one.kind == "options":
        options = [{"label": option, "value": option} for option in one.options]
        control = dbc.Select(id=answer_id(one.name), options=options, value=one.value)
        return control
    limits = {"min": one.least, "max": one.most, "step": one.step, "maxlength": one.longest}
    control = dbc.Input(
        id=answer_id(one.name),
        type=one.kind,
        value=one.value,
        required=one.required,
        autocomplete="new-password" if one.kind == "password" else "off",
        **{name: limit for name, limit in limits.items() if limit is not None},
    )
    return control


def _hint(one: Field) -> Component:
    return html.P(one.hint, className="quiet", hidden=not one.hint)
