"""The TorchServe process: its command, its environment, its folders.

TorchServe's own starter is a Python process that waits for Java and does not pass
signals on, so we become the Java process it would have started.
"""

import importlib.util
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from model_server.configuration import write_properties
from model_server.java import find_java
from model_server.settings import Settings
from model_server.store import MODEL, Store

LONGEST_SOCKET_PATH = 103
"""Bytes; macOS allows 103, Linux four more."""
LOG_CONFIG = Path(__file__).with_name("log4j2.xml")


class LaunchError(RuntimeError):
    """TorchServe cannot be started; the message says why."""


@dataclass(frozen=True)
class Folders:
    """All that TorchServe has for itself: its archives, unpacked models, logs, configuration."""

    home: Path

    @property
    def store(self) -> Store:
        """The archives it may load."""
        return Store(self.home)

    @property
    def temporary(self) -> Path:
        """Unpacked models and the pid file."""
        return self.home / "tmp"

    @property
    def logs(self) -> Path:
        """What log4j writes, should its configuration name files."""
        return self.home / "logs"

    @property
    def properties(self) -> Path:
        """The configuration file."""
        return self.home / "config.properties"


def prepare(settings: Settings) -> Folders:
    """Make the folders and the configuration; what an earlier run left unpacked is removed.

    Raises:
        LaunchError: the home's path is too long for sockets.
    """
    folders = Folders(settings.model_server_home.resolve())
    # Workers with a longer path die with nothing but "Backend stream closed" in the log.
    if len(os.fsencode(folders.temporary / ".ts.sock.9000")) > LONGEST_SOCKET_PATH:
        raise LaunchError(f"{folders.home} is too long for Unix sockets: choose a shorter home")
    shutil.rmtree(folders.temporary, ignore_errors=True)
    folders.temporary.mkdir(parents=True)
    folders.logs.mkdir(exist_ok=True)
    folders.store.folder.mkdir(exist_ok=True)
    write_properties(settings, folders.store.folder, folders.properties)
    return folders


def choose_archive(settings: Settings, store: Store) -> str:
    """Return which archive of the store to start with: the last one served, else the shipped one.

    Raises:
        LaunchError: there is neither.
    """
    shipped = settings.model_store / settings.model_archive
    if shipped.is_file():
        store.take(shipped)
    last = store.last_served(settings.signing_key)
    if last is None and not shipped.is_file():
        raise LaunchError(f"there is no model at {shipped}: make one with `make train`")
    return last or shipped.name


def command(settings: Settings, folders: Folders, archive: str, java: Path) -> list[str]:
    """Return the command that TorchServe's starter would run."""
    packages = _site_packages()
    return [
        str(java),
        f"-Dmodel_server_home={packages}",
        f"-Djava.io.tmpdir={folders.temporary}",
        f"-Dlog4j.configurationFile={LOG_CONFIG.as_uri()}",
        f"-Xmx{settings.model_heap}",
        # The front end only passes requests on: the small collector and one compiler
        # tier save more memory than they cost in speed.
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        f"{packages}/ts/frontend/*",
        "org.pytorch.serve.ModelServer",
        *("--python", sys.executable),
        *("-f", str(folders.properties)),
        *("-s", str(folders.store.folder)),
        "-ncs",
        *("-m", f"{MODEL}={archive}"),
    ]


def environment(inherited: Mapping[str, str], folders: Folders) -> dict[str, str]:
    """Return the environment for TorchServe and its workers."""
    return dict(inherited) | {
        "TMPDIR": str(folders.temporary),
        "LOG_LOCATION": str(folders.logs),
        "METRICS_LOCATION": str(folders.logs),
        # A worker answers with one thread; more would only compete with other workers.
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        # onnxruntime tells Microsoft of its use unless it is asked not to.
        "ORT_DISABLE_TELEMETRY": "1",
    }


def become_torchserve(settings: Settings) -> None:
    """Replace this process by TorchServe; does not return."""
    folders = prepare(settings)
    archive = choose_archive(settings, folders.store)
    java = find_java(os.environ)
    os.chdir(folders.home)
    arguments = command(settings, folders, archive, java)
    os.execve(java, arguments, environment(os.environ, folders))  # noqa: S606  # No shell is meant.


def _site_packages() -> Path:
    spec = importlib.util.find_spec("ts")
    if spec is None or spec.origin is None:
        raise LaunchError("TorchServe is not installed: `make run` installs it")
    return Path(spec.origin).parent.parent
