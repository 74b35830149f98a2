"""`candor retrain`: the training job, run once in this terminal."""

import subprocess

from candor_local import jobs
from candor_local.home import Home
from candor_local.settings import Settings, inherited_environment


def retrain(settings: Settings, home: Home) -> int:
    """Train and publish as the job does; return its exit code. It takes Ctrl-C itself."""
    job = jobs.training(settings, home)
    environment = {**inherited_environment(), **job.environment}
    return subprocess.run(job.command, env=environment, cwd=job.folder, check=False).returncode
