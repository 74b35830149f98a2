"""The jobs that an admin may start while Candor runs: how each is started, for the review API."""

import json
import sys
from dataclasses import asdict, dataclass

from candor_local.home import Home, write_private
from candor_local.services import address, program, training_environment, words
from candor_local.settings import CHECKOUT, Settings


@dataclass(frozen=True)
class Job:
    """A command, what it is given besides what all parts inherit, and where it runs."""

    command: tuple[str, ...]
    environment: dict[str, str]
    folder: str = str(CHECKOUT)


def write_jobs(settings: Settings, home: Home) -> None:
    """Write the file that the review API's worker starts jobs from; it has secrets."""
    jobs = {"scraping": asdict(scraping(settings)), "training": asdict(training(settings, home))}
    write_private(home.jobs_file, json.dumps(jobs, indent=2) + "\n")


def scraping(settings: Settings) -> Job:
    """Return the job that collects once, as `candor refresh` does."""
    given = settings.model_dump(mode="json", exclude={"admin_password"})
    # The job is killed half of our own time after it was asked to end, and has its scraper to end.
    given["stop_timeout"] = settings.stop_timeout / 4
    environment = {name.upper(): str(value) for name, value in given.items()}
    return Job((program("candor"), "refresh"), environment)


def training(settings: Settings, home: Home) -> Job:
    """Return the job that trains on the sample and on what people wrote, and publishes."""
    options = {
        "--base": "sample",
        "--recipe": settings.training_recipe,
        "--runs": home.training,
        "--api": address(settings.api_port),
        # Where nothing has been published, the model that is served has to be beaten, too.
        "--baseline": settings.archive,
        "--store": home.models.as_uri(),
        "--alias": "canary" if settings.canary else "production",
    }
    script = str(CHECKOUT / "training" / "retrain.py")
    return Job((sys.executable, script, *words(options)), training_environment(home))
