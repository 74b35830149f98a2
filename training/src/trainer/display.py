"""A run on the terminal: a bar with what matters while an epoch runs, a line when it ended."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from trainer.loop import BatchReport, EpochReport


class Display(Progress):
    """Listens to a run of `epochs`; use it as a context manager."""

    def __init__(self, console: Console, epochs: int) -> None:
        super().__init__(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(),
            console=console,
            # A file or a pipe gets the lines of the epochs alone.
            disable=not console.is_terminal,
        )
        self._epochs = epochs
        self._bar = self.add_task("starting", figures="", total=None)
        self._best = "no figures yet"

    def on_batch(self, report: BatchReport) -> None:
        """Move the bar."""
        self.update(
            self._bar,
            description=f"epoch {report.epoch + 1} of {self._epochs}",
            completed=report.done,
            total=report.reviews,
            figures=f"{report.speed:,.0f} reviews/s, loss {report.loss:.3f}, best: {self._best}",
        )

    def on_epoch(self, report: EpochReport) -> None:
        """Print a line."""
        line = f"epoch {report.epoch + 1} of {self._epochs}: loss {report.loss:.4f}"
        if report.metrics:
            figures = f"accuracy {report.metrics.accuracy:.4f}, F1 {report.metrics.weighted_f1:.4f}"
            self._best = figures if report.best else self._best
            line += f", {figures}" + (" (best so far)" if report.best else "")
        self.console.print(line, highlight=False)
