"""What happens on the visitor's page.

The browser's own part (typing, sequence numbers, the slider) is in assets/review.js; here
are the wires to it and the answers for which the server asks the model or the review API.
"""

from typing import Any

from dash import Dash, Input, Output, State
from dash.exceptions import PreventUpdate
from flask import request
from pydantic import BaseModel, Field

from review_ui.api_client import Brand, ReviewApi, Submission, Visitor
from review_ui.browser_callbacks import run_in_browser
from review_ui.canary import RoutedModel
from review_ui.review.explanation import explanation_view, nothing_to_explain_view
from review_ui.review.page import MOST_CHARACTERS, brand_heading, thanks_view
from review_ui.review.score import announcement, empty_view, score_view, unknown_view
from review_ui.upstream import RefusedError, UnavailableError
from review_ui.visitor import bucket_of, visitor_of

# What a callback puts into a store; it becomes JSON.
Answer = dict[str, Any]

OTHER_BRAND_TRIES = 4


class TextRequest(BaseModel):
    """A text to be looked at; `seq` counts the texts of a page."""

    seq: int
    text: str = Field(max_length=MOST_CHARACTERS)


class SubmissionRequest(Submission):
    """A review to be saved: `key` is the same for each `attempt` at the same one."""

    key: str = Field(min_length=16, max_length=64)
    attempt: int
    review: str = Field(max_length=MOST_CHARACTERS)


def score_answer(model: RoutedModel, asked: TextRequest, bucket: int | None) -> Answer:
    """The score of a text, as the page shows it, or why there is none."""
    if not asked.text.strip():
        return {"seq": asked.seq, "view": empty_view(), "shown": {"seq": asked.seq}}
    try:
        score = model.score(asked.text, bucket)
    except (UnavailableError, RefusedError) as error:
        return {"seq": asked.seq, "view": unknown_view(), "failure": _score_failure(error)}
    shown = {**asked.model_dump(), **score.model_dump(), "announcement": announcement(score)}
    return {"seq": asked.seq, "view": score_view(score), "shown": shown}


def explanation_answer(model: RoutedModel, asked: TextRequest, bucket: int | None) -> Answer:
    """The words of a text by their effect, or why they cannot be shown."""
    if not asked.text.strip():
        return {"seq": asked.seq, "view": nothing_to_explain_view()}
    try:
        explanation = model.explain(asked.text, bucket)
    except (UnavailableError, RefusedError):
        return {"seq": asked.seq, "failure": "The explanation could not be made just now."}
    return {"seq": asked.seq, "view": explanation_view(asked.text, explanation)}


def submission_answer(api: ReviewApi, asked: SubmissionRequest, visitor: Visitor) -> Answer:
    """The thanks for a saved review, or why it was not saved."""
    submission = Submission.model_validate(asked.model_dump(include=set(Submission.model_fields)))
    try:
        api.save_review(submission, visitor, asked.key)
    except (UnavailableError, RefusedError) as error:
        return {"attempt": asked.attempt, "failure": _submission_failure(error)}
    return {"attempt": asked.attempt, "view": thanks_view(asked.brand, asked.rating)}


def fetch_brand(api: ReviewApi, other_than: str | None = None) -> Brand | None:
    """A brand, if possible another one than the one named; None if there is none to be had."""
    brand = None
    try:
        for _ in range(OTHER_BRAND_TRIES):
            brand = api.random_brand()
            if brand.name != other_than:
                break
    except (UnavailableError, RefusedError):
        return None
    return brand


def register_review_callbacks(app: Dash, api: ReviewApi, model: RoutedModel) -> None:
    """Wire the page up."""
    _register_brand(app, api)
    _register_score(app, model)
    _register_rating(app)
    _register_explanation(app, model)
    _register_submission(app, api)


def _register_brand(app: Dash, api: ReviewApi) -> None:
    @app.callback(
        Output("brand", "data"),
        Output("brand-heading", "children"),
        Input("another-brand", "n_clicks"),
        State("brand", "data"),
        prevent_initial_call=True,
    )
    def change_brand(_clicks: int | None, current: dict[str, str] | None) -> tuple[Any, Any]:
        brand = fetch_brand(api, other_than=current["name"] if current else None)
        if brand is None:
            return None, brand_heading(None)
        return brand.model_dump(), brand_heading(brand)


def _register_score(app: Dash, model: RoutedModel) -> None:
    @app.callback(
        Output("score-answer", "data"),
        Input("score-request", "data"),
        prevent_initial_call=True,
    )
    def answer_score(asked: Answer) -> Answer:
        return score_answer(model, TextRequest.model_validate(asked), bucket_of(request))

    run_in_browser(
        app,
        "review.typed",
        Output("counter", "children"),
        Output("counter", "className"),
        Input("review-text", "value"),
        State("score-request", "data"),
    )
    run_in_browser(
        app,
        "review.retryScore",
        Input("score-retry", "n_clicks"),
        State("review-text", "value"),
        State("score-request", "data"),
        prevent_initial_call=True,
    )
    run_in_browser(
        app,
        "review.acceptScore",
        Output("score-view", "children"),
        Output("shown", "data"),
        Output("score-failure", "hidden"),
        Output("score-failure-text", "children"),
        Input("score-answer", "data"),
        State("shown", "data"),
        prevent_initial_call=True,
    )
    run_in_browser(
        app,
        "review.showPending",
        Output("score-card", "className"),
        Output("explanation-view", "className"),
        Input("score-request", "data"),
        Input("shown", "data"),
    )
    run_in_browser(app, "review.announce", Input("shown", "data"), prevent_initial_call=True)


def _register_rating(app: Dash) -> None:
    run_in_browser(
        app,
        "review.followSuggestion",
        Output("rating", "value"),
        Output("followed", "data"),
        Input("shown", "data"),
        State("rating-moved", "data"),
        prevent_initial_call=True,
    )
    run_in_browser(
        app,
        "review.noticeMove",
        Output("rating-moved", "data"),
        Input("rating", "value"),
        State("followed", "data"),
        State("rating-moved", "data"),
    )
    run_in_browser(
        app,
        "review.describeRating",
        Output("rating-text", "children"),
        Output("rating-control", "className"),
        Output("rating-note", "children"),
        Output("use-suggestion", "hidden"),
        Input("rating", "value"),
        Input("rating-moved", "data"),
        Input("shown", "data"),
    )
    run_in_browser(
        app,
        "review.useSuggestion",
        Input("use-suggestion", "n_clicks"),
        State("shown", "data"),
        prevent_initial_call=True,
    )


def _register_explanation(app: Dash, model: RoutedModel) -> None:
    @app.callback(
        Output("explanation-answer", "data"),
        Input("explanation-request", "data"),
        prevent_initial_call=True,
    )
    def answer_explanation(asked: Answer) -> Answer:
        return explanation_answer(model, TextRequest.model_validate(asked), bucket_of(request))

    run_in_browser(
        app,
        "review.toggleWhy",
        Output("why-panel", "hidden"),
        Output("why", "aria-expanded"),
        Input("why", "n_clicks"),
        State("why-panel", "hidden"),
        prevent_initial_call=True,
    )
    run_in_browser(
        app,
        "review.askExplanation",
        Output("explanation-request", "data"),
        Output("why", "disabled"),
        Input("why-panel", "hidden"),
        Input("shown", "data"),
        Input("explanation-retry", "n_clicks"),
        State("explanation-request", "data"),
    )
    run_in_browser(
        app,
        "review.acceptExplanation",
        Output("explanation-view", "children"),
        Output("explanation-failure", "hidden"),
        Output("explanation-failure-text", "children"),
        Input("explanation-answer", "data"),
        State("explanation-request", "data"),
        prevent_initial_call=True,
    )


def _register_submission(app: Dash, api: ReviewApi) -> None:
    @app.callback(
        Output("submission-answer", "data"),
        Input("submission", "data"),
        prevent_initial_call=True,
    )
    def answer_submission(asked: Answer | None) -> Answer:
        if asked is None:
            raise PreventUpdate
        return submission_answer(api, SubmissionRequest.model_validate(asked), visitor_of(request))

    run_in_browser(
        app,
        "review.submit",
        Output("submission", "data"),
        Input("submit", "n_clicks"),
        State("review-text", "value"),
        State("rating", "value"),
        State("brand", "data"),
        State("shown", "data"),
        State("submission", "data"),
        prevent_initial_call=True,
    )
    run_in_browser(
        app,
        "review.allowSubmit",
        Output("submit", "disabled"),
        Output("submit", "children"),
        Input("review-text", "value"),
        Input("brand", "data"),
        Input("submission", "data"),
        Input("submission-answer", "data"),
    )
    run_in_browser(
        app,
        "review.acceptSubmission",
        Output("review-form", "hidden"),
        Output("thanks", "hidden"),
        Output("thanks", "children"),
        Output("submission-failure", "hidden"),
        Output("submission-failure", "children"),
        Input("submission-answer", "data"),
        Input("submission", "data"),
        prevent_initial_call=True,
    )


def _score_failure(error: UnavailableError | RefusedError) -> str:
    if isinstance(error, RefusedError):
        return f"This text could not be scored: {error.reason}."
    return "The score cannot be worked out just now. Your text is safe."


def _submission_failure(error: UnavailableError | RefusedError) -> str:
    if isinstance(error, UnavailableError) or error.status in {401, 403}:
        return (
            "Your review could not be saved just now. Nothing is lost: your text is still here. "
            "Please try again in a moment."
        )
    if error.retry_after is not None:
        return (
            f"Many reviews came from your address. Please try again in {error.retry_after} seconds."
        )
    return f"Your review was not accepted: {error.reason}. Change it and try again."
