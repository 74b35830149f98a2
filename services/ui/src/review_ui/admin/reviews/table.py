"""How the reviews of a page are shown: a table, which turns into cards on a phone."""

from dash import html
from dash.development.base_component import Component

from review_ui.admin.reviews.query import ReviewQuery
from review_ui.admin.words import date_text
from review_ui.api_client import ReviewPage, StoredReview
from review_ui.elements import aria, hidden_text, icon
from review_ui.review.score import COLOURS, WORDS, label_of, percent

# A text of up to this many characters is shown whole.
EXCERPT_CHARACTERS = 180
COLUMNS = {
    "Date (UTC)": "created_date",
    "Brand": "brand",
    "Review": None,
    "Rating": "rating",
    "Shown to the writer": None,
    "Model": "model_score",
}
DELETE_COLUMN = html.Th(hidden_text("Delete"), scope="col")


def table_view(page: ReviewPage, query: ReviewQuery) -> Component:
    """The reviews of a page, or a word on why there are none."""
    if not page.items:
        return _empty(query)
    return html.Table(
        [
            html.Caption("Reviews", className="visually-hidden"),
            html.Thead(html.Tr([*(_heading(name, query) for name in COLUMNS), DELETE_COLUMN])),
            html.Tbody([_row(review) for review in page.items]),
        ],
        className="review-table",
    )


def failed_view() -> Component:
    """What is shown when the reviews could not be fetched."""
    return html.Div(
        [
            html.H2("The reviews could not be fetched"),
            html.P("The review API did not answer. Nothing is lost."),
            html.Button("Try again", id="reload", type="button", className="btn btn-primary"),
        ],
        className="empty",
        role="alert",
    )


def found_text(page: ReviewPage, query: ReviewQuery) -> str:
    """How many reviews there are, in words."""
    noun = "review" if page.total == 1 else "reviews"
    at_least = "" if page.is_exact else "more than "
    return f"{at_least}{page.total:,} {noun}{' found' if query.is_filtered else ''}"


def excerpt(text: str) -> str:
    """The beginning of a text, cut between words where it is too long to show."""
    if len(text) <= EXCERPT_CHARACTERS:
        return text
    return text[:EXCERPT_CHARACTERS].rsplit(maxsplit=1)[0] + " …"


def _empty(query: ReviewQuery) -> Component:
    if query.is_filtered or query.cursor:
        title, hint = "No review matches", "Change or clear the filters to see more."
    else:
        title, hint = "No reviews yet", "They appear here as soon as somebody writes one."
    return html.Div([html.H2(title), html.P(hint)], className="empty")


def _heading(name: str, query: ReviewQuery) -> Component:
    field = COLUMNS[name]
    sorted_by = {field: "ascending", f"-{field}": "descending"}.get(query.sort)
    if field is None or sorted_by is None:
        return html.Th(name, scope="col")
    return html.Th(name, scope="col", **aria(sort=sorted_by))


def _row(review: StoredReview) -> Component:
    cells = [
        html.Time(date_text(review.created_date), dateTime=review.created_date.isoformat()),
        html.Span(review.brand, className="cell-brand"),
        text_view(review.review),
        rating_view(review.rating),
        _shown(review),
        _model(review),
        _delete_button(review),
    ]
    names = [*COLUMNS, "Delete"]
    return html.Tr(
        [
            html.Td([html.Span(name, className="cell-name"), cell])
            for name, cell in zip(names, cells, strict=True)
        ]
    )


def text_view(text: str) -> Component:
    """A review, of which a long one can be opened."""
    beginning = excerpt(text)
    if beginning == text:
        return html.P(text, className="cell-text")
    summary = html.Summary(
        [html.Span(beginning, className="excerpt"), html.Span(className="toggle-text")]
    )
    return html.Details([summary, html.P(text, className="cell-text")], className="long-text")


def rating_view(rating: int) -> Component:
    """The stars that somebody gave."""
    return html.Span(
        [
            html.Span(str(rating), className="rating-number"),
            html.Span(className="star", **aria(hidden="true")),
            hidden_text(" of 5"),
        ],
        className="rating-cell",
    )


def _shown(review: StoredReview) -> Component:
    if review.sentiment_score is None and review.suggested_rating is None:
        return html.Span("nothing", className="quiet")
    suggested = f"suggested {review.suggested_rating}" if review.suggested_rating else ""
    return score_view(review.sentiment_score, suggested, review.shown_version)


def _model(review: StoredReview) -> Component:
    if review.model_score is None:
        return html.Span("not scored yet", className="quiet")
    return score_view(review.model_score, "", review.model_version)


def score_view(score: float | None, note: str, version: str | None) -> Component:
    """A score with whose it is; the note alone where there is none."""
    details = [note, f"v{version}" if version else ""]
    return html.Div(
        [
            *([_score_chip(score)] if score is not None else []),
            html.Span(" · ".join(filter(None, details)), className="quiet"),
        ],
        className="score-cell",
    )


def _score_chip(score: float) -> Component:
    label = label_of(score)
    return html.Span(
        f"{percent(score)}% {WORDS[label].lower()}", className=f"chip chip-{COLOURS[label]}"
    )


def _delete_button(review: StoredReview) -> Component:
    about = f"{review.brand}, {date_text(review.created_date)}"
    return html.Button(
        [
            icon("trash"),
            hidden_text(f"Delete the review of {about}"),
        ],
        id={"type": "delete", "review": review.id, "about": about},
        type="button",
        className="btn btn-quiet btn-icon",
    )
