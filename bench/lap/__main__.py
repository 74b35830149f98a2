"""`python -m bench.lap`: the whole loop once, on a product of its own; writes `lap.json`."""

import json
import secrets
import signal
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench import processes, product
from bench.__main__ import FAILURES, INTERRUPTED
from bench.lap.owner import log_in
from bench.lap.people import People
from bench.lap.report import Lap
from bench.lap.story import Story
from candor_local.services import address
from candor_local.settings import CHECKOUT
from trainer.files import replace_text

SETTINGS = {"CANARY": "1", "TRAINING_RECIPE": "demonstration", "ADMIN_USER": "owner"}
"""A canary, and a training that takes less than a minute."""

SHIPPED = CHECKOUT / "model-store" / "sentiment.mar"

console = Console(stderr=True, highlight=False)
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(epilog="Example: python -m bench.lap --out lap.json")
def lap(
    out: Annotated[Path, typer.Option(help="File for the report.", dir_okay=False)] = Path(
        "lap.json"
    ),
) -> None:
    """Write reviews, train on them, compare, promote, go back, sabotage; some minutes.

    The product runs in a throw-away home on free ports, whatever else runs here.
    """
    if not out.absolute().parent.is_dir():
        raise typer.BadParameter(f"there is no folder {out.parent}", param_hint="--out")
    # A request to end by SIGTERM stops the product too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        done = run()
    except KeyboardInterrupt:
        console.print("Stopped, and so is the product of the lap.")
        raise typer.Exit(INTERRUPTED) from None
    except FAILURES as error:
        console.print(f"The lap failed: {error}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    replace_text(out, json.dumps(done.document(), indent=2) + "\n")
    tell(done, out)


def run() -> Lap:
    """Return the lap of a product that is started for it, with the model that Candor brings."""
    password = secrets.token_urlsafe(12)
    settings = {**SETTINGS, "ADMIN_PASSWORD": password}
    with processes.throw_away_folder() as folder, product.running(settings) as started:
        api = address(started.api_port)
        owner = log_in(api, SETTINGS["ADMIN_USER"], password)
        visitors = People(api, started.home.secret("ui-token"))
        return Story(started, owner, visitors, folder, SHIPPED, say).tell()


def say(step: str) -> None:
    """Show a step that begins."""
    console.print(f"lap: {step} …")


def tell(done: Lap, out: Path) -> None:
    """Say how the lap went; exit code 1 when it had a fault."""
    console.print(f"{done.versions['before']} → {done.versions['after']}; the report is {out}.")
    if faults := done.faults():
        console.print("Faults: " + "; ".join(faults), style="red")
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
