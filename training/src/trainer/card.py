"""The model card, after Mitchell et al. 2019, https://arxiv.org/abs/1810.03993.

A page for people, and its figures as JSON for programs.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from textwrap import fill
from typing import Any

import numpy as np

from charcnn.inference import Interface
from trainer import evaluation_page
from trainer.archive import WORST_LOSS, Choice, Measured, Precision, agreement
from trainer.config import DataConfig, SplitConfig, TrainConfig, as_values
from trainer.data.corpus import TRAINING, VALIDATION, Corpus
from trainer.data.formats import name_of
from trainer.data_profile import profile
from trainer.markdown import table
from trainer.mixture import Shares, in_words

FILES = ("data", "teacher", "start_from")
"""The options that name files; where these lie on a machine is nobody's business."""

WIDTH = 100
"""Characters of a line of text."""


@dataclass(frozen=True)
class Origin:
    """Where a model comes from; the commands are as a reader would type them."""

    code_revision: str
    network: str
    parameters: int
    training_command: str
    archiving_command: str
    evaluation_command: str


@dataclass(frozen=True)
class Card:
    """All that the card tells; `megabytes` is the size of the archive."""

    version: str
    created: str
    choice: Choice
    megabytes: float
    measured: Mapping[Precision, Measured]
    config: TrainConfig
    interface: Interface
    corpus: Corpus
    origin: Origin
    comparison: str | None = None
    """What the model is compared with, as Markdown."""
    mixture: Shares | None = None
    """The mixture of classes that its answers expect; none: all as common as each other."""

    @property
    def shipped(self) -> Measured:
        """The graph in the archive."""
        return self.measured[self.choice.precision]

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as JSON can hold them."""
        evaluation = self.shipped.evaluation
        return {
            "name": self.config.run.name,
            "version": self.version,
            "created": self.created,
            **asdict(self.origin),
            "data_sha256": self.corpus.digest,
            "options": chosen_options(self.config),
            "rows": rows_by_file(self.corpus),
            "intake": self.corpus.intake.as_dict(),
            "mixture": None if self.mixture is None else self.mixture.tolist(),
            "precision": self.choice.precision,
            "agreement": agreement(self.measured),
            "metrics": {name: one.evaluation.metrics.as_dict() for name, one in self._graphs},
            "milliseconds": {name: one.milliseconds for name, one in self._graphs},
            "graph_megabytes": {name: one.megabytes for name, one in self._graphs},
            "megabytes": self.megabytes,
            "intervals": {name: asdict(one) for name, one in evaluation.intervals.items()},
            "sources": {name: asdict(one) for name, one in evaluation.sources.items()},
            "calibration": asdict(evaluation.calibration),
            "profile": profile(self.corpus, self.shipped.probabilities),
        }

    @property
    def _graphs(self) -> list[tuple[Precision, Measured]]:
        return list(self.measured.items())


def chosen_options(config: TrainConfig) -> dict[str, Any]:
    """Return the options that are not as by default, files by their names alone."""
    defaults = as_values(TrainConfig())
    return {
        f"{section}.{name}": _without_folders(name, value)
        for section, values in as_values(config).items()
        for name, value in values.items()
        if value != defaults[section][name]
    }


def rows_by_file(corpus: Corpus) -> dict[str, dict[str, int]]:
    """Return how many rows of each file are on which side."""
    sides = {"training": TRAINING, "validation": VALIDATION}
    counts = {
        name: np.bincount(corpus.files[corpus.rows(side)], minlength=len(corpus.file_names))
        for name, side in sides.items()
    }
    return {
        file: {side: int(counts[side][number]) for side in sides}
        for number, file in enumerate(corpus.file_names)
    }


def render(card: Card) -> str:
    """Return the card as Markdown."""
    sections = [
        _head(card),
        _data(card),
        _results(card),
        _precision(card),
        _comparison(card),
        _limits(card),
        _again(card),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _head(card: Card) -> str:
    config = card.config
    facts = table(
        ("", ""),
        [
            ("network", card.origin.network),
            ("parameters", f"{card.origin.parameters:,}"),
            ("reads", _reads(card.interface)),
            ("expects", _expects(card.mixture)),
            ("precision", card.choice.precision),
            ("size of the archive", f"{card.megabytes:.2f} MB"),
            ("one review, one thread", f"{card.shipped.milliseconds:.2f} ms"),
        ],
    )
    return f"""# Model card: {config.run.name} {card.version}

A character-level network that calls an English customer review {_classes(config.data)}.
Made on {card.created} by code revision `{card.origin.code_revision}`.

{facts}

Options that are not as by default: {_options(config)}."""


def _reads(interface: Interface) -> str:
    """Return how much of a review is read, in words."""
    characters = f"the last {interface.reading.length:,} characters"
    if interface.unit == "characters":
        return characters
    return f"the last {interface.longest:,} words within {characters}"


def _expects(shares: Shares | None) -> str:
    return "every class as often" if shares is None else in_words(shares)


def _classes(data: DataConfig) -> str:
    if data.grouping == "three":
        return "bad (1-2 stars), average (3) or good (4-5)"
    return f"bad (1-{2 if data.ignore_middle else 3} stars) or good (4-5)"


def _options(config: TrainConfig) -> str:
    words = [f"`{name}` = {_words(value)}" for name, value in chosen_options(config).items()]
    return ", ".join(words) or "none"


def _words(value: object) -> str:
    return " and ".join(map(str, value)) if isinstance(value, list) else str(value)


def _data(card: Card) -> str:
    rows = [
        (name, f"{counts['training']:,}", f"{counts['validation']:,}")
        for name, counts in rows_by_file(card.corpus).items()
    ]
    intake = "\n".join(f"- {line}" for line in card.corpus.intake.lines())
    return f"""## Data and split

{table(("file", "rows to train on", "rows to validate on"), rows)}

{intake}

Digest of all rows: `{card.corpus.digest}`.
{_split(card.config.split)}
{_chosen(card.config.run.keep_epoch)}"""


def _chosen(kept: str) -> str:
    if kept == "last":
        return "The last epoch was kept: nothing was chosen on the validation reviews."
    return (
        "The best epoch was chosen on these same validation reviews, so that the figures are\n"
        "slightly flattering."
    )


def _split(split: SplitConfig) -> str:
    near = "Equal and nearly equal texts" if split.near_duplicates else "Equal texts"
    if split.hold_out:
        conditions = " and ".join(f"`{condition}`" for condition in split.hold_out)
        return f"Held out are the rows with {conditions}. {near} are on one side."
    together = f"{near} and rows of one `{split.group_column}`" if split.group_column else near
    return (
        f"Of every class {100 * split.validation:.3g} % are held out, chosen by hashes of the "
        f"texts, so that the split\nis the same wherever it is made. {together} are on one side."
    )


def _results(card: Card) -> str:
    evaluation = card.shipped.evaluation
    sections = [
        f"## Results on {evaluation.metrics.reviews:,} validation reviews",
        evaluation_page.headline(evaluation.metrics, evaluation.intervals),
        evaluation_page.by_class(evaluation.metrics),
        "Confusion matrix (rows: what the reviews are; columns: what they were called):",
        evaluation_page.matrix(evaluation.metrics),
        "### By source",
        evaluation_page.by_source(evaluation.sources),
        "### Calibration",
        evaluation_page.calibration(evaluation.calibration),
    ]
    return "\n\n".join(sections)


def _precision(card: Card) -> str:
    rows = [
        (
            name,
            f"{one.evaluation.metrics.accuracy:.4f}",
            f"{one.weighted_f1:.4f}",
            f"{one.milliseconds:.2f}",
            f"{one.megabytes:.2f}",
        )
        for name, one in card.measured.items()
    ]
    return f"""## int8 against fp32

{table(("graph", "accuracy", "weighted F1", "ms a review", "MB"), rows)}

Shipped is {card.choice.precision}: {card.choice.reason}.
int8 is shipped only where it loses at most {WORST_LOSS} of weighted F1."""


def _comparison(card: Card) -> str:
    return f"## Against the baselines\n\n{card.comparison.strip()}" if card.comparison else ""


def _limits(card: Card) -> str:
    average = "Average reviews are the hardest: many read as plain complaints. "
    alphabet = "Characters outside the alphabet are not seen. "
    text = (
        "It reads English reviews of the kinds it was trained on; other texts will be called "
        f"wrongly with confidence. {average if card.config.data.grouping == 'three' else ''}"
        f"Only {_reads(card.interface)} are read. "
        f"{alphabet if card.interface.unit == 'characters' else ''}"
        "The score is a help for a person who rates, not a judgement to act on alone."
    )
    return f"## Limits\n\n{fill(text, WIDTH)}"


def _again(card: Card) -> str:
    origin = card.origin
    return f"""## The same figures again

```sh
{origin.training_command}
{origin.archiving_command}
{origin.evaluation_command}
```

In place of the archive, the last command takes the address of a running TorchServe."""


def _without_folders(name: str, value: Any) -> Any:  # noqa: ANN401  # Whatever options hold.
    if name not in FILES or not value:
        return value
    return [name_of(one) for one in value] if isinstance(value, list) else name_of(value)
