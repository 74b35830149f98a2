"""The figures as a table for people and as JSON for programs."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import psutil
from rich import box
from rich.console import Console
from rich.table import Table

from bench.figures import Figure

Results = Mapping[str, Sequence[Figure]]
"""Each measurement's figures by its name."""

PLAIN_WIDTH = 120
"""Columns of a table that is not shown on a terminal."""


@dataclass(frozen=True)
class Machine:
    """What absolute figures depend on."""

    cores: int
    memory_gb: float
    load_average: float
    """Over the minute before: anything above 0 was somebody else's work."""
    architecture: str
    python: str

    def __str__(self) -> str:
        return (
            f"{self.cores} cores, {self.memory_gb:.0f} GB, {self.architecture}, "
            f"Python {self.python}, load {self.load_average:.1f} before"
        )


def this_machine() -> Machine:
    """Return the machine as it is now."""
    return Machine(
        cores=psutil.cpu_count() or 1,
        memory_gb=psutil.virtual_memory().total / 1e9,
        load_average=psutil.getloadavg()[0],
        architecture=platform.machine(),
        python=platform.python_version(),
    )


def document(machine: Machine, sizes: str, results: Results) -> dict[str, object]:
    """Return everything that was measured, for JSON."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": asdict(machine),
        "sizes": sizes,
        "measurements": {
            name: [asdict(figure) for figure in figures] for name, figures in results.items()
        },
    }


def print_table(console: Console, machine: Machine, results: Results) -> None:
    """Print one table with a section a measurement; without lines or colours in a file."""
    if not console.is_terminal:
        console = Console(file=console.file, width=PLAIN_WIDTH)
    table = Table(title=str(machine), box=box.SIMPLE_HEAD if console.is_terminal else None)
    for name in ("measurement", "figure"):
        table.add_column(name)
    for name in ("value", "ratio", "target"):
        table.add_column(name, justify="right")
    for name, figures in results.items():
        for index, figure in enumerate(figures):
            table.add_row("" if index else name, *cells(figure))
        table.add_section()
    console.print(table)


def cells(figure: Figure) -> tuple[str, str, str, str]:
    """Return a figure's name, value, ratio and target as text."""
    ratio = f"{number(figure.ratio)} to {figure.base}" if figure.ratio is not None else ""
    target = f"≤ {number(figure.at_most)} {figure.unit}" if figure.at_most is not None else ""
    return figure.name, f"{number(figure.value)} {figure.unit}", ratio, target


def number(value: float) -> str:
    """Return a number with three significant digits, whole from 100 on."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004
