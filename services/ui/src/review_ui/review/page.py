"""The layout of the visitor's page."""

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from review_ui.api_client import Brand
from review_ui.elements import aria, icon
from review_ui.review.brand import brand_view, no_brand_view
from review_ui.review.score import empty_view

# At most three bytes of UTF-8 for each, so well below the 64 KiB that the model reads.
MOST_CHARACTERS = 10_000
MIDDLE_RATING = 3
TITLE = "Write a review · Candor"
PRIVACY = (
    "We keep your review, your rating, the score you were shown, your network address and the "
    "name of your browser. Reviews may be used to train the model; please leave out anything "
    "personal."
)
COOKIE_NOTE = (
    " While a new version of the model is tried, a random cookie, by which nothing about you is "
    "known, keeps you at one version."
)


def review_page(brand: Brand | None, *, has_canary: bool = False) -> Component:
    """A fresh page for a brand; None when none could be fetched."""
    return html.Div(
        [
            *_stores(brand),
            html.Section(
                [_writing(brand), _reading(has_canary=has_canary)],
                id="review-form",
                className="review-grid",
                **aria(label="Your review"),
            ),
            html.Div(id="thanks", hidden=True),
        ]
    )


def brand_heading(brand: Brand | None) -> Component:
    """What stands at the top of the writing card."""
    return no_brand_view() if brand is None else brand_view(brand)


def thanks_view(brand: str, rating: int) -> Component:
    """What is shown once a review is stored."""
    return html.Div(
        [
            html.Span(icon("check"), className="thanks-mark"),
            html.H1("Thank you", id="thanks-heading", tabIndex=-1),
            html.P(f"Your review of {brand} is saved, with {rating} of 5 stars."),
            html.Div(stars(), className=f"rated-{rating}"),
            html.A("Write another", href="/", id="write-another", className="btn btn-primary"),
        ],
        className="card thanks-card",
    )


def stars() -> Component:
    """Five stars; a class such as `rated-4` around them fills four."""
    five = [html.Span(className="star") for _ in range(5)]
    return html.Div(five, className="stars", **aria(hidden="true"))


def _stores(brand: Brand | None) -> list[Component]:
    """What the page remembers; assets/review.js says who writes which."""
    return [
        dcc.Store(id="brand", data=brand.model_dump() if brand else None),
        dcc.Store(id="score-request", data={"seq": 0, "text": ""}),
        dcc.Store(id="score-answer"),
        dcc.Store(id="shown", data={"seq": 0}),
        dcc.Store(id="followed", data=MIDDLE_RATING),
        dcc.Store(id="rating-moved", data=False),
        dcc.Store(id="explanation-request", data={"seq": 0, "text": ""}),
        dcc.Store(id="explanation-answer"),
        dcc.Store(id="submission"),
        dcc.Store(id="submission-answer"),
    ]


def _writing(brand: Brand | None) -> Component:
    return html.Div(
        [
            html.Div(
                [
                    html.Div(brand_heading(brand), id="brand-heading"),
                    html.Button(
                        [icon("shuffle"), "Review another brand"],
                        id="another-brand",
                        className="btn btn-quiet",
                        type="button",
                    ),
                ],
                className="brand-bar",
            ),
            html.Label("Your review", htmlFor="review-text", className="form-label"),
            dbc.Textarea(
                id="review-text",
                placeholder="What was good, what was not? Write as you would to a friend.",
                maxlength=MOST_CHARACTERS,
                rows=5,
                class_name="review-text",
                spellcheck=True,
                submit_on_enter=False,
            ),
            html.Div(
                [
                    html.Span("Plain words are best.", className="quiet"),
                    html.Span(id="counter", className="counter"),
                ],
                className="below-text",
            ),
        ],
        className="card writing-card",
    )


def _why() -> Component:
    return html.Div(
        [
            html.Button(
                [icon("chevron"), "Why this score?"],
                id="why",
                className="btn btn-quiet",
                type="button",
                disabled=True,
                **aria(expanded="false", controls="why-panel"),
            ),
            html.Div(
                [html.Div(id="explanation-view"), _failure("explanation")],
                id="why-panel",
                hidden=True,
                className="why-panel",
            ),
        ],
        className="why",
    )


def _reading(*, has_canary: bool) -> Component:
    return html.Div(
        [
            html.Div(
                [
                    html.H2("Live sentiment", className="card-heading"),
                    html.Div(empty_view(), id="score-view"),
                    html.Div(id="score-status", className="visually-hidden", role="status"),
                    _failure("score"),
                    _why(),
                ],
                id="score-card",
                className="panel-part",
            ),
            _rating(),
            _sending(has_canary=has_canary),
        ],
        className="card reading-card",
    )


def _rating() -> Component:
    return html.Div(
        [
            html.Div(
                [
                    html.Label("Your rating", htmlFor="rating", className="card-heading"),
                    html.Span(id="rating-text", className="rating-text"),
                ],
                className="rating-line",
            ),
            html.Div([stars(), _slider()], id="rating-control", className="rated-3"),
            html.P(
                [
                    html.Span(id="rating-note"),
                    html.Button(
                        "Use the suggestion",
                        id="use-suggestion",
                        type="button",
                        className="btn btn-link",
                        hidden=True,
                    ),
                ],
                className="quiet rating-note",
            ),
        ],
        className="panel-part",
    )


def _slider() -> Component:
    slider: Component = dbc.Input(
        id="rating",
        type="range",
        min=1,
        max=5,
        step=1,
        value=MIDDLE_RATING,
        class_name="form-range rating-range",
    )
    return slider


def _sending(*, has_canary: bool) -> Component:
    return html.Div(
        [
            html.Button(
                "Submit review",
                id="submit",
                type="button",
                className="btn btn-primary btn-submit",
                disabled=True,
            ),
            html.P(
                id="submission-failure", className="alert alert-danger", role="alert", hidden=True
            ),
            html.P(PRIVACY + (COOKIE_NOTE if has_canary else ""), className="quiet privacy"),
        ],
        className="panel-part",
    )


def _failure(subject: str) -> Component:
    """A place for a message that a call failed, with a button to call again."""
    return html.Div(
        [
            html.Span(id=f"{subject}-failure-text"),
            html.Button(
                "Try again", id=f"{subject}-retry", type="button", className="btn btn-link"
            ),
        ],
        id=f"{subject}-failure",
        className="alert alert-warning",
        role="alert",
        hidden=True,
    )
