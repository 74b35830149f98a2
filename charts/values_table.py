"""The table of values in a chart's README, from the comments in its values.yaml.

python charts/values_table.py charts/candor charts/postgres
"""

# ruff: noqa: INP001 (a script, not a package)

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

BEGIN, END = "<!-- values: begin -->\n", "<!-- values: end -->\n"


@dataclass(frozen=True)
class Value:
    """A value that can be set, with its comment."""

    path: str
    default: Any
    description: str


def read_values(text: str) -> Iterator[Value]:
    """Yield every value of a values.yaml that has a comment of its own above it."""
    values, comment = yaml.safe_load(text), ""
    path: list[str] = []
    for line in text.splitlines():
        bare = line.strip()
        if bare.startswith("#"):
            comment = f"{comment} {bare.lstrip('# ')}".strip()
            continue
        key, colon, _ = bare.partition(":")
        depth = (len(line) - len(line.lstrip())) // 2
        if colon and not bare.startswith("-"):
            path = [*path[:depth], key]
        if comment and bare:
            yield Value(".".join(path), _at(values, path), comment)
        comment = ""


def _at(values: Any, path: list[str]) -> Any:  # noqa: ANN401  # YAML holds anything.
    for key in path:
        values = values[key]
    return values


def table(values: Iterator[Value]) -> str:
    """Return the values as a Markdown table."""
    rows = [f"| `{one.path}` | {_code(one.default)} | {one.description} |\n" for one in values]
    return "".join(["| value | default | meaning |\n|---|---|---|\n", *rows])


def _code(default: object) -> str:
    return "" if default == "" else f"`{json.dumps(default)}`"


def with_table(readme: str, values: str) -> str:
    """Return the README with the table of these values in its place."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table(read_values(values))}{END}{after}"


def main() -> None:
    """Write the tables of the charts that are named."""
    for chart in map(Path, sys.argv[1:]):
        readme = chart / "README.md"
        values = (chart / "values.yaml").read_text(encoding="utf-8")
        readme.write_text(with_table(readme.read_text(encoding="utf-8"), values), encoding="utf-8")


if __name__ == "__main__":
    main()
