"""A training run's whole configuration: what the options are, their defaults and their limits.

One frozen dataclass a group of options. `train.py` makes its command line of them, a
configuration file holds them by the same names, and every run saves them beside its weights.
Contradictions are refused here, before any work.
"""

import json
import tomllib
from dataclasses import asdict, fields
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from charcnn.alphabet import ALPHABET
from charcnn.encoding import Reading, Removable
from charcnn.network import NETWORKS
from charcnn.scoring import LABELS
from trainer.errors import ConfigError

STRICT = ConfigDict(extra="forbid")

Share = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]


@dataclass(frozen=True, config=STRICT)
class DataConfig:
    """Data."""

    data: Annotated[
        tuple[str, ...],
        Field(
            description="Labelled reviews: CSV, TSV, Parquet or NDJSON, also .gz; a file, a folder "
            "with files, an fsspec address, or http://HOST/api/training-data. Repeatable."
        ),
    ] = ()
    weight: Annotated[
        tuple[Positive, ...],
        Field(description="How much is drawn of each --data, in their order; else rows alike."),
    ] = ()
    keep: Annotated[
        tuple[str, ...],
        Field(description="COLUMN=VALUE: leave out other rows of files with it. Repeatable."),
    ] = ()
    drop: Annotated[
        tuple[str, ...], Field(description="COLUMN=VALUE: leave out these rows. Repeatable.")
    ] = ()
    encoding: Annotated[str, Field(description="Encoding of CSV, TSV and NDJSON.")] = "utf-8"
    chunk_rows: Annotated[Count, Field(description="Rows held in memory while reading.")] = 20_000
    text_column: Annotated[str, Field(description="Column with the review.")] = "text"
    label_column: Annotated[
        str | None,
        Field(description="Column with stars (1-5), classes (0-2) or names; found if not given."),
    ] = None
    label_kind: Annotated[
        Literal["auto", "stars", "classes"],
        Field(description="What numbers in the label column mean; auto: by the column's name."),
    ] = "auto"
    source_column: Annotated[
        str, Field(description="Column that figures are broken down by; else by file.")
    ] = "source"
    weight_column: Annotated[
        str | None,
        Field(description="Column that says how often to draw a row; of an export, its `weight`."),
    ] = None
    grouping: Annotated[
        Literal["three", "binary"],
        Field(description="Classes: bad 1-2, average 3, good 4-5; or bad 1-3 and good 4-5."),
    ] = "three"
    ignore_middle: Annotated[
        bool, Field(description="Leave out 3 stars (binary grouping only).")
    ] = False
    max_rows: Annotated[Count | None, Field(description="Use the first so many good rows.")] = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes to tell apart."""
        return LABELS if self.grouping == "three" else (LABELS[0], LABELS[-1])


@dataclass(frozen=True, config=STRICT)
class SplitConfig:
    """Validation."""

    validation: Annotated[
        Share, Field(description="Share of every class that is held out; always the same rows.")
    ] = 0.1
    validation_file: Annotated[
        str | None, Field(description="Hold out rows of this --data alone, by its file's name.")
    ] = None
    split_seed: Annotated[int, Field(ge=0, description="Another number holds out other rows.")] = 0
    hold_out: Annotated[
        tuple[str, ...],
        Field(description="COLUMN=VALUE: validate on just these rows instead. Repeatable."),
    ] = ()
    group_column: Annotated[
        str | None,
        Field(description="Column whose equal values stay on one side, such as company."),
    ] = None
    near_duplicates: Annotated[bool, Field(description="Keep nearly equal texts on one side.")] = (
        True
    )


@dataclass(frozen=True, config=STRICT)
class TextConfig:
    """Text."""

    length: Annotated[
        int, Field(ge=150, le=100_000, description="Characters that are read, from the end.")
    ] = Reading.length
    alphabet: Annotated[str, Field(min_length=1, description="Characters there are codes for.")] = (
        ALPHABET
    )
    extra_characters: Annotated[str, Field(description="More characters for the alphabet.")] = ""
    lower: Annotated[bool, Field(description="Read capitals as small letters.")] = True
    remove: Annotated[
        tuple[Removable, ...], Field(description="Take these out of every text. Repeatable.")
    ] = ()

    @property
    def reading(self) -> Reading:
        """How texts become codes."""
        characters = "".join(dict.fromkeys(self.alphabet + self.extra_characters))
        return Reading(self.length, characters, self.lower, tuple(dict.fromkeys(self.remove)))


@dataclass(frozen=True, config=STRICT)
class NetworkOptions:
    """Network."""

    network: Annotated[
        Literal["words", "reference", "tiny"],
        Field(description="words: the best; reference: that of the 2015 paper; tiny: for tests."),
    ] = "words"
    start_from: Annotated[
        str | None, Field(description="Run's folder, or .mar, whose weights to start from.")
    ] = None
    dropout: Annotated[
        Share | None, Field(description="Dropout of the head; else the network's own.")
    ] = None
    input_dropout: Annotated[
        Share, Field(description="Share of characters that are blanked while training.")
    ] = 0.0


@dataclass(frozen=True, config=STRICT)
class LossConfig:
    """Loss and sampling."""

    loss: Literal["cross-entropy", "focal"] = "cross-entropy"
    focal_gamma: Annotated[
        float | None, Field(ge=0, description="How little easy reviews count; 2 if not given.")
    ] = None
    focal_alpha: Annotated[
        tuple[Positive, ...], Field(description="A weight for each class in the focal loss.")
    ] = ()
    class_weights: Annotated[
        Literal["none", "balanced"],
        Field(description="balanced: rare classes count as much as common ones."),
    ] = "none"
    balanced_sampler: Annotated[bool, Field(description="Draw every class equally often.")] = True
    label_smoothing: Annotated[Share, Field(description="Share of the label given to all.")] = 0.05
    stars_weight: Annotated[
        float, Field(ge=0, description="Weight of telling the stars apart, a help in training.")
    ] = 0.0
    teacher: Annotated[
        str | None, Field(description="Folder of a teacher to learn from, as teach.py writes it.")
    ] = None
    teacher_share: Annotated[
        float | None,
        Field(ge=0, le=1, description="The teacher's part beside the labels; 0.8 if not given."),
    ] = None
    temperature: Annotated[
        Positive | None, Field(description="Softness of the teacher's answers; 2 if not given.")
    ] = None
    states_weight: Annotated[
        float | None,
        Field(ge=0, description="Weight of guessing the teacher's states of words; 0: none."),
    ] = None


@dataclass(frozen=True, config=STRICT)
class OptimiserConfig:
    """Optimiser."""

    optimiser: Literal["adamw", "adam", "sgd"] = "adamw"
    learning_rate: Annotated[Positive, Field(description="The highest one of the schedule.")] = 2e-3
    momentum: Annotated[Share | None, Field(description="Of SGD; 0.9 if not given.")] = None
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    schedule: Annotated[
        Literal["constant", "step", "cyclical", "cosine"],
        Field(description="How the learning rate moves; cosine rises at first, then falls to 0."),
    ] = "cosine"
    warmup: Annotated[
        Share | None, Field(description="Share of the run that cosine rises for; 0.1 if not given.")
    ] = None
    step_epochs: Annotated[
        Count | None, Field(description="Epochs from step to step, or of a cycle; 3 if not given.")
    ] = None
    step_factor: Annotated[
        Share | None, Field(description="What a step multiplies the rate by; 0.5 if not given.")
    ] = None
    clip: Annotated[Positive, Field(description="The largest norm of all gradients.")] = 1.0
    average: Annotated[
        Share, Field(description="Decay of the running average of the weights; 0: none.")
    ] = 0.0


@dataclass(frozen=True, config=STRICT)
class LoopConfig:
    """Run."""

    name: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", description="The model's name.")
    ] = "sentiment"
    epochs: Count = 5
    epoch_size: Annotated[
        Count | None,
        Field(description="Reviews drawn for an epoch; else all, or the rarest class all once."),
    ] = None
    batch_size: Count = 64
    keep_epoch: Annotated[
        Literal["best", "last"],
        Field(description="Whose weights to keep; last: the validation reviews choose nothing."),
    ] = "best"
    patience: Annotated[
        Count | None, Field(description="Stop after so many epochs without a better one.")
    ] = None
    workers: Annotated[
        int, Field(ge=0, description="Processes that prepare batches; 0: the training one.")
    ] = 0
    threads: Annotated[Count | None, Field(description="Threads; else one a core.")] = None
    device: Annotated[
        Literal["auto", "cpu", "cuda"], Field(description="auto: cuda where there is one.")
    ] = "auto"
    precision: Annotated[
        Literal["auto", "bf16", "fp16", "fp32"],
        Field(description="auto: bf16 where the processor computes with it."),
    ] = "auto"
    seed: Annotated[int, Field(ge=0)] = 1
    log_interval: Annotated[Count, Field(description="Batches from one record to the next.")] = 50
    checkpoint_interval: Annotated[
        Count, Field(description="Batches from one checkpoint to the next.")
    ] = 200


@dataclass(frozen=True, config=STRICT)
class TrainConfig:
    """All options of a run."""

    data: DataConfig = DataConfig()
    split: SplitConfig = SplitConfig()
    text: TextConfig = TextConfig()
    network: NetworkOptions = NetworkOptions()
    loss: LossConfig = LossConfig()
    optimiser: OptimiserConfig = OptimiserConfig()
    run: LoopConfig = LoopConfig()

    @model_validator(mode="after")
    def refuse_contradictions(self) -> "TrainConfig":
        """Refuse options that contradict each other, all at once."""
        reasons = [reason for wrong, reason in contradictions(self) if wrong]
        if reasons:
            raise ValueError("; ".join(reasons))
        return self


def contradictions(config: TrainConfig) -> list[tuple[bool, str]]:
    """Return (whether it holds, why it is refused) for every contradiction there can be."""
    data, split, text, loss = config.data, config.split, config.text, config.loss
    optimiser, run = config.optimiser, config.run
    focal = loss.loss == "focal"
    stepwise = optimiser.schedule in ("step", "cyclical")
    return [
        (len(data.weight) > len(data.data), "there are more --weight than --data"),
        (
            data.ignore_middle and data.grouping == "three",
            "--ignore-middle leaves the class average empty: add --grouping binary",
        ),
        (
            bool(split.hold_out) and split.group_column is not None,
            "--hold-out names the rows to validate on, so --group-column has no effect",
        ),
        (
            bool(split.hold_out) and split.validation_file is not None,
            "--hold-out names the rows to validate on, so --validation-file has no effect",
        ),
        (
            run.patience is not None and run.keep_epoch == "last",
            "--patience waits for a better epoch, but --keep-epoch last keeps no best one",
        ),
        (
            run.patience is not None and not split.validation and not split.hold_out,
            "--patience needs validation reviews: --validation 0 leaves none",
        ),
        (
            len(text.reading.alphabet) > 255,  # noqa: PLR2004  # Codes are bytes, 0 is the blank.
            "an alphabet has at most 255 characters",
        ),
        (
            text.lower and text.reading.alphabet != text.reading.alphabet.lower(),
            "the alphabet has capitals, which --lower never lets through: add --no-lower",
        ),
        (
            not focal and (loss.focal_gamma is not None or bool(loss.focal_alpha)),
            "--focal-gamma and --focal-alpha need --loss focal",
        ),
        (
            bool(loss.focal_alpha) and len(loss.focal_alpha) != len(data.labels),
            f"--focal-alpha has a weight for each of {', '.join(data.labels)}",
        ),
        (
            bool(loss.focal_alpha) and loss.class_weights != "none",
            "--focal-alpha and --class-weights both weight the classes: give one of them",
        ),
        (
            focal and loss.teacher is not None,
            "--loss focal takes no --teacher",
        ),
        (
            loss.balanced_sampler and loss.class_weights == "balanced",
            "--class-weights balanced counts rare classes twice: add --no-balanced-sampler",
        ),
        (
            loss.teacher is None and (loss.teacher_share, loss.temperature) != (None, None),
            "--teacher-share and --temperature need --teacher",
        ),
        (
            bool(loss.states_weight)
            and (loss.teacher is None or NETWORKS[config.network.network].unit != "words"),
            "--states-weight needs --teacher, and a network that reads words",
        ),
        (
            optimiser.momentum is not None and optimiser.optimiser != "sgd",
            "--momentum needs --optimiser sgd",
        ),
        (
            optimiser.warmup is not None and optimiser.schedule != "cosine",
            "--warmup needs --schedule cosine",
        ),
        (
            optimiser.step_epochs is not None and not stepwise,
            "--step-epochs needs --schedule step or cyclical",
        ),
        (
            optimiser.step_factor is not None and optimiser.schedule != "step",
            "--step-factor needs --schedule step",
        ),
        (
            run.precision == "fp16" and run.device == "cpu",
            "--precision fp16 is for CUDA devices: use bf16 or fp32",
        ),
    ]


ADAPTER = TypeAdapter(TrainConfig)
SECTIONS: dict[str, Any] = {field.name: field.type for field in fields(TrainConfig)}
"""The groups of options by the name they have in a configuration file."""


def make(values: dict[str, Any]) -> TrainConfig:
    """Return the configuration with `values`, {section: {option: value}}; the rest by default.

    Raises:
        ConfigError: a value is unknown, out of range or contradicts another.
    """
    try:
        return ADAPTER.validate_python(values)
    except ValidationError as error:
        raise ConfigError("; ".join(_reason(one) for one in error.errors())) from error


def _reason(error: Any) -> str:  # noqa: ANN401  # pydantic's own error record.
    where = ".".join(str(part) for part in error["loc"] if isinstance(part, str))
    text = error["msg"].removeprefix("Value error, ")
    return f"{where}: {text}" if where else text


def read_values(path: Path) -> dict[str, Any]:
    """Return the values in a configuration file, .toml or .json.

    Raises:
        ConfigError: the file is missing or is neither.
    """
    try:
        text = path.read_text(encoding="utf-8")
        values = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read the configuration {path}: {error}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path} does not hold sections of options")
    return values


def as_values(config: TrainConfig) -> dict[str, Any]:
    """Return the values of `config` as JSON can hold them; `make` takes them back."""
    values: dict[str, Any] = json.loads(json.dumps(asdict(config)))
    return values
