"""The folder that holds everything Candor keeps on this machine: data, secrets, logs."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from candor_local.folders import make_private, short_enough

SIGNING_KEY = "model-signing-key"
"""The secret's name."""
WORKER_SOCKET = "tmp/.ts.sock.9000"


@dataclass(frozen=True)
class Home:
    """The layout of CANDOR_HOME."""

    path: Path

    @property
    def lock(self) -> Path:
        """The file that the running starter holds locked."""
        return self.path / "starter.lock"

    @property
    def logs(self) -> Path:
        """One log a part."""
        return self.path / "logs"

    def log(self, name: str) -> Path:
        """Return where a part's output goes."""
        return self.logs / f"{name}.log"

    @property
    def processes(self) -> Path:
        """One record a running process."""
        return self.path / "processes"

    @property
    def secrets(self) -> Path:
        """One generated secret a file."""
        return self.path / "secrets"

    @property
    def postgres(self) -> Path:
        """What the Postgres server owns."""
        return self.path / "postgres"

    @property
    def model_server(self) -> Path:
        """What TorchServe may write to, with the sockets of its workers."""
        return short_enough(self.path / "model-server", WORKER_SOCKET)

    @property
    def canary_server(self) -> Path:
        """What the canary's TorchServe may write to, with the sockets of its workers."""
        return short_enough(self.path / "canary-server", WORKER_SOCKET)

    @property
    def models(self) -> Path:
        """The archives that were published."""
        return self.path / "models"

    @property
    def crawl(self) -> Path:
        """What `candor refresh` keeps."""
        return self.path / "crawl"

    def crawl_state(self, profile: str) -> Path:
        """Return what the scraper keeps of one site."""
        return self.crawl / Path(profile).stem

    @property
    def jobs(self) -> Path:
        """The logs of the jobs that an admin has started."""
        return self.path / "jobs"

    @property
    def jobs_file(self) -> Path:
        """How the jobs are started."""
        return self.path / "jobs.json"

    @property
    def training(self) -> Path:
        """The last runs of the training job."""
        return self.path / "training"

    @property
    def announced(self) -> Path:
        """The mark that a generated password has been shown."""
        return self.path / "password-shown"

    def make(self) -> None:
        """Make the folders that are missing, for this user only."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        folders = (self.logs, self.processes, self.secrets, self.jobs)
        for folder in (*folders, self.model_server, self.canary_server):
            make_private(folder, os.geteuid(), os.getegid())

    def make_crawl(self, profile: str) -> None:
        """Make the folders of `candor refresh` that are missing."""
        for folder in (self.crawl, self.crawl_state(profile)):
            make_private(folder, os.geteuid(), os.getegid())

    def secret(self, name: str) -> str:
        """Return the secret of that name, made at random the first time."""
        return self.existing_secret(name) or self._make_secret(name)

    def existing_secret(self, name: str) -> str | None:
        """Return the secret of that name if it has been made."""
        file = self.secrets / name
        return file.read_text().strip() if file.exists() else None

    def _make_secret(self, name: str) -> str:
        value = secrets.token_urlsafe(24)
        write_private(self.secrets / name, value + "\n")
        return value


def write_private(file: Path, text: str) -> None:
    """Write a file that only this user can read, whole or not at all."""
    beside = file.with_name(f".{file.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    beside.replace(file)
