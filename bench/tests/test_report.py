import io
import json

import pytest
from bench import report
from bench.figures import Figure
from bench.report import Machine
from rich.console import Console

MACHINE = Machine(cores=2, memory_gb=8, load_average=0.1, architecture="x86_64", python="3.11.9")
RESULTS = {
    "predict": [
        Figure("bare pass, p50", 4.5678, "ms"),
        Figure("HTTP, p50", 9.1356, "ms", ratio=2.0, base="bare pass"),
    ],
    "memory": [Figure("at rest", 1234.5, "MB", at_most=1500)],
}


@pytest.mark.parametrize(
    ("value", "text"), [(0.012345, "0.0123"), (9.876, "9.88"), (99.4, "99.4"), (1234.5, "1,234")]
)
def test_numbers_have_three_digits_and_no_fraction_from_a_hundred_on(
    value: float, text: str
) -> None:
    assert report.number(value) == text


def test_outside_a_terminal_the_table_is_plain_text() -> None:
    written = io.StringIO()
    report.print_table(Console(file=written), MACHINE, RESULTS)
    lines = [line.split() for line in written.getvalue().splitlines()]
    assert ["predict", "bare", "pass,", "p50", "4.57", "ms"] in lines
    assert ["HTTP,", "p50", "9.14", "ms", "2", "to", "bare", "pass"] in lines
    assert ["memory", "at", "rest", "1,234", "MB", "≤", "1,500", "MB"] in lines
    assert "\x1b" not in written.getvalue()


def test_json_has_every_figure_and_the_machine() -> None:
    read = json.loads(json.dumps(report.document(MACHINE, "full", RESULTS)))
    assert read["machine"]["cores"] == 2
    assert read["measurements"]["memory"] == [
        {
            "name": "at rest",
            "value": 1234.5,
            "unit": "MB",
            "ratio": None,
            "base": "",
            "at_most": 1500,
        }
    ]
