"""The page Quarantine: what is held back from training, and what becomes of it."""

from collections.abc import Mapping
from typing import get_args
from urllib.parse import quote, urlencode

from dash import html
from dash.development.base_component import Component

from review_ui.admin.actions import Action, Answers, action_button
from review_ui.admin.dialog import Question, reason_field
from review_ui.admin.quarantine.held import Decision, HeldReview, Shown, fetch_held
from review_ui.admin.reviews.table import rating_view, score_view, text_view
from review_ui.admin.shell import Arguments, OwnerPage
from review_ui.admin.tables import Cell, empty_view, pager_view, table_view
from review_ui.admin.words import count_text, date_text, time_view
from review_ui.elements import aria
from review_ui.owner_calls import Listing, OwnerCalls

PATH = "/admin/quarantine"
SHOWN_NAMES: Mapping[Shown, str] = {
    "none": "Waiting",
    "use": "Used",
    "leave_out": "Left out",
}
CAUSES = {
    "disagreement": "The model says the opposite",
    "burst": "One of many at once",
}
DECISIONS: Mapping[Decision, str] = {"use": "used for training", "leave_out": "left out"}
INTRODUCTION = (
    "Reviews whose rating contradicts the model, or that came in a burst, are held back: no model "
    "learns from them before you decide. You can decide again; exports of earlier moments stay."
)


def quarantine_page(calls: OwnerCalls, arguments: Arguments) -> Component:
    """The held reviews that the address asks for."""
    shown = shown_by(arguments)
    held = fetch_held(calls, shown, arguments.get("cursor"))
    return html.Div(
        [
            html.P(INTRODUCTION, className="quiet introduction"),
            _choice(shown),
            held_view(held, shown),
        ]
    )


QUARANTINE = OwnerPage(PATH, "Quarantine", quarantine_page)


def shown_by(arguments: Arguments) -> Shown:
    """Which held reviews the address asks for; those that wait unless it says otherwise."""
    asked = arguments.get("shown")
    return next((shown for shown in get_args(Shown) if shown == asked), "none")


def held_view(held: Listing[HeldReview], shown: Shown) -> Component:
    """A page of them, or a word on why there are none."""
    if not held.items:
        return empty_view(
            "Nothing here", "Held reviews appear here as soon as there are some to decide on."
        )
    columns = ("Held (UTC)", "Brand", "Review", "Rating", "Model", "Why")
    table = table_view("Held reviews", columns, map(_row, held.items), actions=True)
    around = (_address(shown, cursor) if cursor else None for cursor in (held.previous, held.next))
    pages = pager_view("Pages", *around)
    count = html.P(count_text(held.total, "review"), className="found", role="status")
    return html.Div([count, table, *([pages] if pages else [])], className="section")


def ask_use(_calls: OwnerCalls, _target: str) -> Question:
    """Before a held review is trained on."""
    return Question(
        "Use this review for training?",
        "The next training learns from it. You can decide again later.",
        "Use it",
        [reason_field()],
    )


def ask_leave_out(_calls: OwnerCalls, _target: str) -> Question:
    """Before a held review is left out for good."""
    return Question(
        "Leave this review out of training?",
        "It stays among the reviews, but no model learns from it. You can decide again later.",
        "Leave it out",
        [reason_field()],
    )


def use(calls: OwnerCalls, target: str, answers: Answers) -> str:
    """Have models learn from a review."""
    return _decide(calls, target, "use", answers)


def leave_out(calls: OwnerCalls, target: str, answers: Answers) -> str:
    """Have no model learn from a review."""
    return _decide(calls, target, "leave_out", answers)


QUARANTINE_ACTIONS: Mapping[str, Action] = {
    "use": Action(ask_use, use),
    "leave-out": Action(ask_leave_out, leave_out),
}


def _decide(calls: OwnerCalls, target: str, decision: Decision, answers: Answers) -> str:
    body = {"decision": decision, "reason": answers.get("reason")}
    calls.act("PUT", f"/api/quarantine/{quote(target, safe='')}", body)
    return f"The review is {DECISIONS[decision]}."


def _choice(shown: Shown) -> Component:
    links = [
        html.A(
            name,
            href=_address(one),
            className="owner-tab",
            **(aria(current="true") if one == shown else {}),
        )
        for one, name in SHOWN_NAMES.items()
    ]
    return html.Nav(links, className="owner-tabs periods", **aria(label="Which reviews"))


def _address(shown: Shown, cursor: str | None = None) -> str:
    place = {"cursor": cursor} if cursor else {}
    return f"{PATH}?{urlencode({'shown': shown, **place})}"


def _row(held: HeldReview) -> tuple[Cell, ...]:
    return (
        time_view(held.held_date),
        html.Span(held.brand, className="cell-brand"),
        text_view(held.review),
        rating_view(held.rating),
        score_view(held.model_score, "", held.model_version),
        _why(held),
        html.Div(_buttons(held), className="buttons"),
    )


def _why(held: HeldReview) -> Component:
    lines = [html.Span(CAUSES.get(held.cause, held.cause))]
    if held.decision and held.decided_date:
        decided = f"{DECISIONS[held.decision]} by {held.who}, {date_text(held.decided_date)}"
        lines.append(html.Span(decided, className="quiet"))
    if held.reason:
        lines.append(html.Span(held.reason, className="quiet"))
    return html.Div(lines, className="cell-lines")


def _buttons(held: HeldReview) -> list[Component]:
    about = f"the review of {held.brand}, {date_text(held.held_date)}"
    target = str(held.id)
    offered = {"use": ("use", "Use"), "leave_out": ("leave-out", "Leave out")}
    return [
        action_button(action, target, name, about)
        for decision, (action, name) in offered.items()
        if decision != held.decision
    ]
