"""Behaviour tests: what a model of sentiment has to do with certain texts, whatever it learnt from.

After M. Ribeiro, T. Wu, C. Guestrin and S. Singh, "Beyond Accuracy: Behavioral Testing of NLP
Models with CheckList" (2020, https://aclanthology.org/2020.acl-main.442): texts of a known class,
changes that must not matter, and changes that must move the answer one way. They are in a file
for people to read, `behaviour.toml`; its head says how.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from charcnn.inference import Probabilities
from charcnn.scoring import LABELS
from trainer.errors import GateError
from trainer.gate import paired
from trainer.gate.check import Check, at_least
from trainer.gate.limits import Limits
from trainer.models import Model

FILE = "behaviour.toml"
STRICT = ConfigDict(extra="forbid")

Held = NDArray[np.bool_]
"""Whether each case of a test holds."""

Case = Annotated[tuple[str, ...], Field(min_length=1, max_length=2)]
Word = Literal["falls", "rises", "same", "unsure", "bad", "average", "good"]


@dataclass(frozen=True, config=STRICT)
class Behaviour:
    """Cases of one kind, of two texts each, or of one where nothing is compared.

    The tone of a text is P(good) - P(bad), from -1 to 1.
    """

    about: str
    expect: Word
    least: Annotated[float, Field(ge=0, le=1)]
    """The share of the cases that has to hold."""
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]
    by: Annotated[float, Field(ge=0, le=2)] = 0.0
    """How far the tone has to move or may move; of `unsure`, how far it may be from 0."""
    before: str = ""
    """What stands `times` before the last text of every case, to make it long."""
    times: Annotated[int, Field(ge=1)] = 1

    def texts(self) -> list[tuple[str, ...]]:
        """Return the texts of the cases as the model gets them."""
        return [(*case[:-1], self.before * self.times + case[-1]) for case in self.cases]

    def hold(self, answers: Probabilities) -> Held:
        """Return which cases hold, from the answers of shape (cases, texts, classes)."""
        last = answers[:, -1]
        if self.expect in LABELS:
            return np.asarray(last.argmax(axis=1) == LABELS.index(self.expect))
        tones = answers[..., -1] - answers[..., 0]
        if self.expect == "unsure":
            return np.asarray(np.abs(tones[:, -1]) <= self.by)
        moved = tones[:, 1] - tones[:, 0]
        return {
            "falls": moved <= -self.by,
            "rises": moved >= self.by,
            "same": np.abs(moved) <= self.by,
        }[self.expect]


COMPARING = ("falls", "rises", "same")
ADAPTER = TypeAdapter(dict[str, Behaviour])


@dataclass(frozen=True)
class Behaviours:
    """All behaviour tests by their names; `digest` is the sha256 of their file."""

    tests: Mapping[str, Behaviour]
    digest: str


def read(folder: Path) -> Behaviours:
    """Return the behaviour tests in `folder`.

    Raises:
        GateError: there are none, or they cannot be understood.
    """
    path = folder / FILE
    try:
        raw = path.read_bytes()
        tests = ADAPTER.validate_python(tomllib.loads(raw.decode("utf-8")))
    except FileNotFoundError as error:
        raise GateError(f"there is no {path}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise GateError(f"{path}: {where}: {first['msg']}") from error
    except ValueError as error:
        raise GateError(f"{path} cannot be read: {error}") from error
    for name, test in tests.items():
        if {len(case) for case in test.cases} != {2 if test.expect in COMPARING else 1}:
            raise GateError(f"{path}: {name}: {test.expect} takes another number of texts a case")
    return Behaviours(tests, hashlib.sha256(raw).hexdigest())


def judge(behaviours: Behaviours, model: Model) -> dict[str, Held]:
    """Return which cases of each test hold for `model`."""
    held = {}
    for name, test in behaviours.tests.items():
        texts = test.texts()
        answers = model.probabilities([text for case in texts for text in case])
        held[name] = test.hold(answers.reshape(len(texts), -1, len(LABELS)))
    return held


def floors(behaviours: Behaviours, held: Mapping[str, Held]) -> list[Check]:
    """Return the checks of a model alone, one a test."""
    return [
        at_least(
            f"behaviour: {name}",
            float(held[name].mean()),
            test.least,
            f"{held[name].sum()} of {len(test.cases)} cases hold, {test.least:g} of them must: "
            f"{test.about}",
        )
        for name, test in behaviours.tests.items()
    ]


def drop(candidate: Mapping[str, Held], production: Mapping[str, Held], limits: Limits) -> Check:
    """Return the paired check of all tests together, each test weighing the same."""
    tests = np.repeat(np.arange(len(candidate)), [len(one) for one in candidate.values()])
    ours, theirs = (np.concatenate(list(held.values())) for held in (candidate, production))
    counts = paired.count(tests, ours, theirs, classes=len(candidate))
    gain = paired.difference(counts, paired.balanced_gain)
    return paired.not_worse("behaviour against production", gain, limits.behaviour_margin)


def figures(behaviours: Behaviours, held: Mapping[str, Held]) -> dict[str, Any]:
    """Return which cases do not hold, by test, with the digest of the file."""
    failed = {
        name: [list(test.cases[row]) for row in np.flatnonzero(~held[name])]
        for name, test in behaviours.tests.items()
    }
    return {"sha256": behaviours.digest, "failed": failed}
