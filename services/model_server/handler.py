"""What TorchServe's workers run: reviews in, verdicts or explanations out.

The file travels inside the `.mar`, beside the `charcnn` package and the graph.
A bad review gets a 400 with its reason, and the others of its batch their answers.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from charcnn.explanation import explain
from charcnn.inference import Classifier
from charcnn.scoring import Verdict, judge

LARGEST_REVIEW = 64 * 1024
"""Bytes of UTF-8."""


class SentimentHandler:
    """One worker's model; TorchServe makes it, calls `initialize` once, then `handle`."""

    def initialize(self, context: Any) -> None:
        """Load the graph that the archive's manifest names."""
        model = context.manifest["model"]
        self.version = str(model["modelVersion"])
        self.classifier = Classifier(
            Path(context.system_properties["model_dir"]) / model["serializedFile"]
        )

    def handle(self, rows: list[dict[str, Any]], context: Any) -> list[dict[str, Any]]:
        """Answer a batch, in order; it may mix predictions and explanations."""
        reviews = [self._review_of(row) for row in rows]
        verdicts = iter(self._judge([text for text in reviews if isinstance(text, str)]))
        return [
            self._answer(index, review, next(verdicts), context)
            if isinstance(review, str)
            else _refuse(index, review, context)
            for index, review in enumerate(reviews)
        ]

    def _answer(self, index: int, review: str, verdict: Verdict, context: Any) -> dict[str, Any]:
        context.set_response_content_type(index, "application/json")
        answer = asdict(verdict) | {"model_version": self.version}
        if context.get_request_header(index, "explain") == "True":
            length = self.classifier.interface.reading.length
            words = explain(review, self.classifier.probabilities, length).words
            answer["words"] = [asdict(word) for word in words]
        return answer

    def _judge(self, reviews: list[str]) -> list[Verdict]:
        return [judge(row) for row in self.classifier.probabilities(reviews)] if reviews else []

    @staticmethod
    def _review_of(row: dict[str, Any]) -> str | ValueError:
        """Return the review of one request, or why there is none."""
        try:
            return review_text(row)
        except ValueError as error:
            return error


def review_text(row: dict[str, Any]) -> str:
    """Return the review in a form field or a JSON body.

    Raises:
        ValueError: there is none, or it cannot be scored; the message says why.
    """
    body = row.get("body", row)
    if isinstance(body, bytes | bytearray | str):
        raise ValueError('send JSON such as {"review": "..."} or a form field named review')
    review = body.get("review") if isinstance(body, dict) else None
    if review is None:
        raise ValueError("no review in body")
    if isinstance(review, bytes | bytearray):
        review = bytes(review).decode("utf-8")
    if not isinstance(review, str):
        raise ValueError("the review must be text")
    return _checked(review)


def _checked(review: str) -> str:
    if not review.strip():
        raise ValueError("the review is empty")
    if len(review.encode("utf-8", errors="surrogatepass")) > LARGEST_REVIEW:
        raise ValueError(f"the review is longer than {LARGEST_REVIEW} bytes")
    return review


def _refuse(index: int, reason: ValueError, context: Any) -> dict[str, Any]:
    # A decoding error's text may hold anything; TorchServe's protocol wants ASCII here.
    text = "the review is not UTF-8" if isinstance(reason, UnicodeError) else str(reason)
    context.set_response_status(400, text, index)
    context.set_response_content_type(index, "application/json")
    return {"code": 400, "error": text}
