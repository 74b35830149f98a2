"""What a run notes as it goes: `metrics.jsonl` for programs, scalars for TensorBoard.

A resumed run first drops what was written after its checkpoint, so that no step stands twice.
"""

import json
import math
from pathlib import Path
from typing import Any

from torch.utils.tensorboard import SummaryWriter

from trainer.files import replace_text
from trainer.loop import BatchReport, EpochReport

METRICS = "metrics.jsonl"
TENSORBOARD = "tensorboard"


class Records:
    """Listens to a run in `folder` from step `first_step` on; every `interval`-th step is noted."""

    def __init__(self, folder: Path, first_step: int, interval: int) -> None:
        self._path, self._interval = folder / METRICS, interval
        kept = [record for record in read(folder) if record["step"] <= first_step]
        replace_text(self._path, "".join(json.dumps(record) + "\n" for record in kept))
        self._scalars = SummaryWriter(str(folder / TENSORBOARD), purge_step=first_step + 1)

    def on_batch(self, report: BatchReport) -> None:
        """Note loss, learning rate and speed."""
        if report.step % self._interval:
            return
        values = {
            "loss": report.loss,
            "learning_rate": report.rate,
            "reviews_per_second": report.speed,
        }
        self._note("batch", report.epoch, report.step, values)

    def on_epoch(self, report: EpochReport) -> None:
        """Note the mean loss and what was measured on the validation reviews."""
        values: dict[str, Any] = {"loss": report.loss}
        if report.metrics:
            values |= {
                "accuracy": report.metrics.accuracy,
                "balanced_accuracy": report.metrics.balanced_accuracy,
                "weighted_f1": report.metrics.weighted_f1,
                "bad_versus_good": report.metrics.bad_versus_good,
            }
            values |= {f"f1_{name}": one.f1 for name, one in report.metrics.classes.items()}
        self._note("epoch", report.epoch, report.step, values)
        self._scalars.flush()

    def _note(self, kind: str, epoch: int, step: int, values: dict[str, Any]) -> None:
        known = {name: value for name, value in values.items() if math.isfinite(value)}
        record = {"kind": kind, "epoch": epoch + 1, "step": step, **known}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
        for name, value in known.items():
            self._scalars.add_scalar(f"{kind}/{name}", value, step)

    def close(self) -> None:
        """Write what is not written yet."""
        self._scalars.close()


def read(folder: Path) -> list[dict[str, Any]]:
    """Return the records of the run in `folder`; a last line that was cut off is no record."""
    path = folder / METRICS
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.is_file() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]
