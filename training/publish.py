"""Put an archive into the model store, register it, have the gate judge it, and set it live.

python training/publish.py runs/first/sentiment.mar --store file:///var/lib/candor/models
python training/publish.py sentiment.mar --store s3://bucket/models --api https://reviews.example.com
python training/publish.py sentiment.mar --store runs/models --alias canary --recent recent.ndjson
python training/publish.py sentiment.mar --store runs/models --alias "" --no-gate
"""

from pathlib import Path
from typing import Annotated

import typer

from trainer import command_line
from trainer.publication import Gate, Publisher

GOLDEN = Path(__file__).resolve().parent / "golden"


def main(
    archive: Annotated[Path, typer.Argument(help="The .mar, with its card (.json) beside it.")],
    store: Annotated[str, typer.Option(help="Folder or fsspec address that archives are kept in.")],
    api: Annotated[str, typer.Option(help="The review API.")] = "http://127.0.0.1:8000",
    *,
    alias: Annotated[
        str, typer.Option(help="production or canary: what it becomes; empty: only registered.")
    ] = "production",
    gate: Annotated[
        bool, typer.Option(help="Judge it, and set no alias when it fails.", show_default=False)
    ] = True,
    recent: Annotated[
        str | None,
        typer.Option(help="Recent labelled reviews that it was not trained on, for the gate."),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(help="The .mar to judge it against where nothing is in production."),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write the gate's report to this file, too.")
    ] = None,
    golden: Annotated[
        Path, typer.Option(help="Folder of the golden set.", show_default="training/golden")
    ] = GOLDEN,
) -> None:
    """Put an archive into the model store, register it, judge it and set it live.

    The token is read from MODELS_TOKEN, a key to sign with from MODEL_SIGNING_KEY. Doing it
    twice is harmless. Exit code 1 when the gate fails it: no alias is changed then.
    """
    publisher = Publisher.from_environment(api, store)
    chosen = Gate(golden, recent, baseline, report) if gate else None
    if not publisher.publish(archive, alias, chosen):
        raise SystemExit(1)


if __name__ == "__main__":
    command_line.run(main)
