"""Train the served model on what was collected, and publish it if the gate passes it.

python training/retrain.py --store file:///srv/models --recipe demonstration
python training/retrain.py --store file:///srv/models --start-from none --base a.csv
python training/retrain.py --store s3://bucket/models --api https://reviews.example.com --base a.csv
python training/retrain.py --store runs/models --base none --alias production --name nightly-7
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from trainer import command_line, mixture
from trainer.archive import VERSION
from trainer.collected import RECENT, Sharing
from trainer.errors import RetrainError
from trainer.publication import Gate, Publisher
from trainer.retraining import Retraining, Wanted, prune, told

TRAINING = Path(__file__).resolve().parent
SAMPLE, NONE, PRODUCTION = "sample", "none", "production"
RECIPES = TRAINING / "recipes"


def main(
    *,
    store: Annotated[str, typer.Option(help="Folder or fsspec address that archives are kept in.")],
    api: Annotated[str, typer.Option(help="The review API.")] = "http://127.0.0.1:8000",
    base: Annotated[
        list[str] | None,
        typer.Option(
            help="Reviews to train on beside the collected ones: files, `sample` (of our own "
            "making) or `none`. Repeatable.",
            show_default=SAMPLE,
        ),
    ] = None,
    recipe: Annotated[
        str,
        typer.Option(help="Options of the run: a file, or demonstration (quick) or retraining."),
    ] = "retraining",
    start_from: Annotated[
        str,
        typer.Option(
            help="What to go on from: production (while nothing is, --baseline), none, a .mar, "
            "or a run's folder."
        ),
    ] = PRODUCTION,
    alias: Annotated[
        str, typer.Option(help="canary or production: what it becomes; empty: only registered.")
    ] = "canary",
    runs: Annotated[Path, typer.Option(help="Folder of all retrainings' folders.")] = Path(
        "runs/retraining"
    ),
    name: Annotated[
        str | None,
        typer.Option(
            help="Its folder in --runs; one that was stopped goes on.", show_default="date and time"
        ),
    ] = None,
    keep: Annotated[
        int, typer.Option(min=1, help="How many retrainings' folders to keep, this one with them.")
    ] = 3,
    people_weight: Annotated[
        float, typer.Option(min=0.01, help="How often a review of people is drawn; others once.")
    ] = 2.0,
    gate_share: Annotated[
        float, typer.Option(min=0, max=0.5, help="Share of people's reviews for the gate alone.")
    ] = 0.2,
    gate: Annotated[
        bool, typer.Option(help="Judge it, and set no alias when it fails.", show_default=False)
    ] = True,
    baseline: Annotated[
        Path | None,
        typer.Option(help="The .mar that stands for production where nothing is."),
    ] = None,
    golden: Annotated[
        Path, typer.Option(help="Folder of the golden set.", show_default="training/golden")
    ] = TRAINING / "golden",
    shares: mixture.Option = None,
) -> None:
    """Train the served model on what was collected, and publish it if the gate passes it.

    Tokens are read from TRAINING_TOKEN (training:read) and MODELS_TOKEN (models:read and
    models:write), a key to sign with from MODEL_SIGNING_KEY. Exit code 1 when the gate fails it.
    """
    publisher = Publisher.from_environment(api, store)
    wanted = Wanted(
        base=base_files(base or [SAMPLE]),
        recipe=recipe_file(recipe),
        sharing=Sharing(people_weight, gate_share),
        handler=TRAINING.parent / "services" / "model_server",
        mixture=mixture.shares_of(shares),
    )
    if name and not VERSION.fullmatch(name):
        raise RetrainError(f"a --name has letters, digits, '.', '_' and '-', not {name!r}")
    started = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    folder = runs / (name or started)
    typer.echo(f"retraining in {folder}")
    retraining = Retraining.begin(folder, started, api)
    for old in prune(runs, folder, keep):
        typer.echo(f"removed {old}")
    if retraining.facts.start is None:
        retraining = started_from(start_from, retraining, publisher, baseline, wanted.recipe)
    retraining, collected = retraining.collect(wanted.sharing)
    typer.echo(f"collected: {told(collected)}")
    retraining.train(wanted, collected)
    archive = retraining.archive(wanted)
    recent = collected.file(RECENT)
    chosen = Gate(golden, str(recent) if recent else None, baseline, folder / "gate.json")
    if not publisher.publish(archive, alias, chosen if gate else None):
        raise SystemExit(1)


def started_from(
    start: str, retraining: Retraining, publisher: Publisher, baseline: Path | None, recipe: Path
) -> Retraining:
    """Return the retraining with what it goes on from, which has no option's name then."""
    if start != PRODUCTION:
        return retraining.start_from("" if start == NONE else str(Path(start).absolute()))
    with publisher.in_production(baseline) as archive:
        return retraining.start_as_served(archive, recipe) if archive else retraining.start_from("")


def base_files(names: list[str]) -> tuple[Path, ...]:
    """Return the files that are named."""
    known = {SAMPLE: [TRAINING / "sample" / "reviews.csv"], NONE: []}
    return tuple(path for name in names for path in known.get(name, [Path(name)]))


def recipe_file(name: str) -> Path:
    """Return a recipe's file: one of those here by its name, or any.

    Raises:
        RetrainError: there is none.
    """
    own = RECIPES / f"{name}.toml"
    path = own if own.is_file() else Path(name)
    if not path.is_file():
        there = ", ".join(sorted(one.stem for one in RECIPES.glob("*.toml")))
        raise RetrainError(f"there is no recipe {name}; there are {there}, or name a file")
    return path


if __name__ == "__main__":
    command_line.run(main)
