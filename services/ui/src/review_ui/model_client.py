"""The model's opinion of a text, asked from TorchServe."""

from dataclasses import dataclass
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from review_ui.upstream import UnavailableError, Upstream

Label = Literal["bad", "average", "good"]


class Score(BaseModel):
    """What the model says of a whole text; `score` from 0 (bad) to 1 (good)."""

    # Pydantic would otherwise keep names that begin with `model_` for itself.
    model_config = ConfigDict(frozen=True, protected_namespaces=())

    score: float = Field(ge=0, le=1)
    label: Label
    rating: int = Field(ge=1, le=5)
    model_version: str


class Word(BaseModel):
    """A word at `start`…`end` (in characters); `effect` is the score with it less without it."""

    model_config = ConfigDict(frozen=True)

    text: str
    start: int
    end: int
    effect: float


class Explanation(Score):
    """A score, and how much each word moved it."""

    words: tuple[Word, ...]


_Answer = TypeVar("_Answer", bound=Score)


@dataclass(frozen=True)
class SentimentModel:
    """The model behind TorchServe's inference address."""

    server: Upstream

    def score(self, review: str) -> Score:
        """Score a text; raises UnavailableError or RefusedError."""
        return self._ask("/predictions/sentiment", review, Score)

    def explain(self, review: str) -> Explanation:
        """Score a text and its words; raises UnavailableError or RefusedError."""
        return self._ask("/explanations/sentiment", review, Explanation)

    def _ask(self, path: str, review: str, kind: type[_Answer]) -> _Answer:
        response = self.server.call("POST", path, json={"review": review})
        try:
            return kind.model_validate_json(response.content)
        except ValidationError as error:
            raise UnavailableError(self.server.name) from error
