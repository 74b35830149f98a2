"""All checks of a candidate, alone and beside production, as one report."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from charcnn.inference import Probabilities
from trainer.gate import behaviour, cost, quality
from trainer.gate.behaviour import Behaviours, Held
from trainer.gate.check import Check, at_most, skipped
from trainer.gate.labelled import Labelled, golden_set
from trainer.gate.limits import Limits
from trainer.gate.report import Report
from trainer.models import ArchivedModel, open_archive
from trainer.published import PublishedModel, describe, read_card

TIMED = 30
"""Reviews of the golden set that are timed."""
ONE = 1e-6
"""How far the probabilities of a review may be from 1 in all."""


@dataclass(frozen=True)
class Exam:
    """What models are judged on: the golden set, behaviour tests, and recent reviews if any."""

    golden: Labelled
    behaviours: Behaviours
    recent: Labelled | None
    limits: Limits

    @classmethod
    def of(cls, folder: Path, recent: Labelled | None) -> "Exam":
        """Return the exam whose golden set and behaviour tests are in `folder`.

        Raises:
            DataError: there is no golden set.
            GateError: there are no behaviour tests.
        """
        return cls(golden_set(folder), behaviour.read(folder), recent, Limits())

    @property
    def labelled(self) -> list[Labelled]:
        """The labelled sets that are large enough to say something."""
        recent = [self.recent] if self.recent and not self.too_few else []
        return [self.golden, *recent]

    @property
    def too_few(self) -> str | None:
        """Why nothing is said of recent reviews, or None."""
        if self.recent is None:
            return "none were given"
        count, least = len(self.recent.texts), self.limits.least_reviews
        return f"{count} reviews are too few, {least} are the least" if count < least else None


@dataclass(frozen=True)
class Paper:
    """What a model answered in an exam."""

    described: PublishedModel
    model: ArchivedModel
    labelled: list[Probabilities]
    held: dict[str, Held]

    @classmethod
    def of(cls, archive: Path, exam: Exam) -> "Paper":
        """Return the answers of the model in `archive`.

        Raises:
            ModelError: it is no archive that can be read.
            PublishError: it is no archive of a model, or its card is another's.
        """
        described, model = describe(archive), open_archive(archive)
        answers = [model.probabilities(one.texts) for one in exam.labelled]
        return cls(described, model, answers, behaviour.judge(exam.behaviours, model))


def judge(candidate: Path, production: Path | None, exam: Exam) -> Report:
    """Return the report of all checks of `candidate`; without `production`, of it alone."""
    paper = Paper.of(candidate, exam)
    other = Paper.of(production, exam) if production else None
    papers = [paper, other] if other else [paper]
    timed = exam.golden.texts[:: max(1, len(exam.golden.texts) // TIMED)][:TIMED]
    times = cost.quickest_milliseconds([one.model.classifier for one in papers], timed)
    checks = [
        _answers(paper),
        *_alone(paper, exam),
        *(_beside(paper, other, exam) if other else ()),
        cost.latency(times[0], times[1] if other else None, exam.limits),
        cost.size(candidate.stat().st_size / 1e6, exam.limits),
        cost.precision(read_card(candidate), exam.limits),
    ]
    against = other.described.version if other else None
    return Report(paper.described.title, against, tuple(checks), _figures(papers, times, exam))


def _answers(paper: Paper) -> Check:
    """Return the check that every answer has probabilities: numbers that are 1 in all."""
    answers = np.concatenate(paper.labelled)
    good = np.isfinite(answers).all(axis=1) & (np.abs(answers.sum(axis=1) - 1) <= ONE)
    wrong = len(answers) - int(good.sum())
    detail = f"{wrong} of {len(answers):,} answers are no probabilities"
    return at_most("answers", wrong, 0, detail)


def _alone(paper: Paper, exam: Exam) -> Iterator[Check]:
    for reviews, answers in zip(exam.labelled, paper.labelled, strict=True):
        yield from quality.floors(reviews, answers, exam.limits)
    if exam.too_few:
        yield skipped("recent", exam.too_few)
    yield from behaviour.floors(exam.behaviours, paper.held)


def _beside(paper: Paper, other: Paper, exam: Exam) -> Iterator[Check]:
    for reviews, ours, theirs in zip(exam.labelled, paper.labelled, other.labelled, strict=True):
        yield from quality.drops(reviews, ours, theirs, exam.limits)
    yield behaviour.drop(paper.held, other.held, exam.limits)


def _figures(papers: list[Paper], times: list[float], exam: Exam) -> dict[str, Any]:
    """Return what the checks rest on, of the candidate and of production."""
    names = ("candidate", "production")
    return {
        name: {
            "version": paper.described.version,
            "sha256": paper.described.sha256,
            "milliseconds": milliseconds,
            **{
                reviews.name: quality.figures(reviews, answers)
                for reviews, answers in zip(exam.labelled, paper.labelled, strict=True)
            },
            "behaviour": behaviour.figures(exam.behaviours, paper.held),
        }
        for name, paper, milliseconds in zip(names, papers, times, strict=False)
    }
