"""From labelled files to a corpus: read, cleaned, split and written, whole or not at all."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.config import DataConfig, SplitConfig
from trainer.data.corpus import TEXTS, Corpus, Texts
from trainer.data.errors import DataError
from trainer.data.gather import Gathering, OnRows, file_names
from trainer.data.intake import Tally
from trainer.data.split import LEFT_OUT, sides
from trainer.data.store import Writer, digest, replace_folder, save

TOO_NEAR = "a text (nearly) equal to one held out"


def prepare(
    data: DataConfig,
    split: SplitConfig,
    folder: Path,
    on_rows: OnRows,
    *,
    all_classes: bool = True,
) -> Corpus:
    """Write the reviews of all files to `folder`, in place of what it has, and open them.

    `on_rows` is called after every chunk with the number of rows read so far. Without
    `all_classes` a class may have no review, as in data that is only measured on.

    Raises:
        DataError: the data cannot be used.
        OSError: `folder` cannot be written, such as on a full disk.
    """
    names = file_names(data.data)
    with replace_folder(folder) as beside:
        with Writer(beside) as writer:
            gathering = Gathering(data, split, writer, on_rows)
            gathering.read(names)
        columns = writer.columns()
        if all_classes:
            _refuse_absent_classes(columns["labels"], data.labels)
        eligible = _eligible(columns["files"], names, split.validation_file)
        columns = _split(beside, columns, eligible, data.labels, split, gathering.tally)
        texts = Texts(beside / TEXTS, columns["starts"], columns["sizes"])
        facts = {
            "label_names": data.labels,
            "file_names": names,
            "source_names": writer.source_names,
            "digest": digest(texts, columns["labels"], data.labels),
            "intake": gathering.tally.intake().as_dict(),
        }
        save(beside, columns, facts)
    return Corpus.open(folder)


def _eligible(
    files: NDArray[np.integer[Any]], names: Sequence[str], chosen: str | None
) -> NDArray[np.bool]:
    """Return which rows may be held out: all, or those of the file that is named."""
    if chosen is None:
        return np.ones(len(files), bool)
    if chosen not in names:
        raise DataError(f"--validation-file {chosen}: the files are {', '.join(names)}")
    chosen_rows: NDArray[np.bool] = files == names.index(chosen)
    return chosen_rows


def _split(
    folder: Path,
    columns: Mapping[str, NDArray[Any]],
    eligible: NDArray[np.bool],
    label_names: Sequence[str],
    split: SplitConfig,
    tally: Tally,
) -> dict[str, NDArray[Any]]:
    """Return the columns with `sides`, without the rows that are on none."""
    texts = Texts(folder / TEXTS, columns["starts"], columns["sizes"])
    chosen = sides(texts, columns, eligible, label_names, split)
    kept = chosen != LEFT_OUT
    if not kept.all():
        tally.used = int(kept.sum())
        tally.left_out[TOO_NEAR] = len(kept) - tally.used
    return {name: column[kept] for name, column in {**columns, "sides": chosen}.items()}


def _refuse_absent_classes(labels: NDArray[np.int8], label_names: Sequence[str]) -> None:
    for label, name in enumerate(label_names):
        if not (labels == label).any():
            raise DataError(f"none of the {len(labels):,} usable rows is {name}: give more data")
