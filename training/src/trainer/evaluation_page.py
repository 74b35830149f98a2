"""The figures of an evaluation as tables, for the terminal and for the model card."""

from collections.abc import Mapping

from charcnn.scoring import LABELS
from trainer.bootstrap import Interval
from trainer.calibration import Calibration
from trainer.evaluation import Evaluation, SourceFigures
from trainer.markdown import table
from trainer.metrics import Metrics

NAMES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "weighted_f1": "weighted F1",
    "bad_versus_good": "bad versus good",
}
"""The metrics with an interval, and what people call them."""

MOST_SOURCES = 30
"""How many sources a page shows; the JSON has all of them."""


def render(evaluation: Evaluation) -> str:
    """Return all figures, a section each."""
    metrics = evaluation.metrics
    sections = {
        "Figures": headline(metrics, evaluation.intervals),
        "By class": by_class(metrics),
        "By source": by_source(evaluation.sources),
        "Calibration": calibration(evaluation.calibration),
        "Confusion matrix (rows: what the reviews are; columns: what they were called)": matrix(
            metrics
        ),
    }
    return "\n\n".join(f"## {title}\n\n{text}" for title, text in sections.items())


def compared(evaluation: Evaluation) -> str:
    """Return how many reviews were compared, and what was left out or not allowed, in a line."""
    classes = " and ".join(evaluation.classes)
    missing = ", ".join(label for label in LABELS if label not in evaluation.classes)
    parts = [f"{evaluation.metrics.reviews:,} reviews"]
    if evaluation.forced:
        parts.append(f"only {classes} may be answered, since the data has no {missing}")
    if evaluation.left_out:
        parts.append(
            f"{evaluation.left_out:,} {missing} reviews are left out, since the model knows "
            f"only {classes}"
        )
    return "; ".join(parts)


def headline(metrics: Metrics, intervals: Mapping[str, Interval]) -> str:
    """Return the metrics of all reviews with their intervals."""
    rows = [
        (words, f"{getattr(metrics, name):.4f}", between(intervals[name]))
        for name, words in NAMES.items()
    ]
    return table(("", "value", "95 % interval"), rows)


def by_class(metrics: Metrics) -> str:
    """Return precision, recall and F1 of every class."""
    rows = [
        (name, f"{one.precision:.3f}", f"{one.recall:.3f}", f"{one.f1:.3f}", f"{one.support:,}")
        for name, one in metrics.classes.items()
    ]
    return table(("class", "precision", "recall", "F1", "reviews"), rows)


def by_source(sources: Mapping[str, SourceFigures]) -> str:
    """Return the accuracy on the reviews of each source, of the largest where there are many."""
    rows = [
        (_cell(name), f"{one.reviews:,}", f"{one.accuracy:.4f}", between(one.interval))
        for name, one in sources.items()
    ]
    shown = table(("source", "reviews", "accuracy", "95 % interval"), rows[:MOST_SOURCES])
    more = len(rows) - MOST_SOURCES
    return f"{shown}\n\nand {more:,} smaller sources" if more > 0 else shown


def matrix(metrics: Metrics) -> str:
    """Return the confusion matrix."""
    rows = zip(metrics.classes, metrics.confusion, strict=True)
    return table(("", *metrics.classes), [(name, *counts) for name, counts in rows])


def between(interval: Interval) -> str:
    """Return an interval in words."""
    return f"{interval.low:.4f} to {interval.high:.4f}"


def calibration(figures: Calibration) -> str:
    """Return how far the probabilities are those of being right."""
    values = {
        "expected calibration error": figures.expected_calibration_error,
        "Brier score, 0 to 2": figures.brier_score,
        "negative log-likelihood, nats": figures.negative_log_likelihood,
    }
    bins = [
        (
            f"{one.low:.3f} to {one.high:.3f}",
            f"{one.confidence:.3f}",
            f"{one.accuracy:.3f}",
            f"{one.reviews:,}",
        )
        for one in figures.bins
    ]
    return "\n\n".join(
        [
            table(("", "value"), [(name, f"{value:.4f}") for name, value in values.items()]),
            table(("answers with a probability of", "mean", "accuracy", "reviews"), bins),
        ]
    )


def _cell(name: str) -> str:
    """Return a name that may hold anything, as a cell of a table can."""
    return " ".join(name.replace("|", "\\|").split())
