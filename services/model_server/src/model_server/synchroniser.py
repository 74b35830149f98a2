"""Keeps TorchServe at the version that an alias means: production, or canary.

Each look compares what is with what should be and does the rest, whatever an earlier look or an
earlier process left half done. So it may be killed at any point, and so may TorchServe.

A version becomes the default only when its workers have answered. The one before goes on for some
seconds, so that the requests it has are answered, and is unregistered by a later look.
"""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from model_server.artifact import ArtifactError, fetch
from model_server.registry import Registry, RegistryError
from model_server.retries import Retries
from model_server.status import Status
from model_server.store import Store, fetched_name
from model_server.torchserve import Served, TorchServe, TorchServeAwayError, TorchServeError
from model_server.versions import WantedModel

log = structlog.get_logger()


@dataclass
class Synchroniser:
    """One TorchServe, its store, and the review API that says what to serve."""

    registry: Registry
    torchserve: TorchServe
    store: Store
    drain_seconds: float
    """How long a version that is not the default any more may take to answer what it has."""
    largest_archive: int
    """Bytes."""
    signing_key: bytes | None = None
    """Where there is one, versions that are not signed with it are not served."""
    clock: Callable[[], float] = time.monotonic
    status: Status = field(default_factory=Status)
    _retries: Retries = field(default_factory=Retries)
    _idle_since: dict[str, float] = field(default_factory=dict)
    """When each version that is to go was first seen to be neither wanted nor the default."""

    def __post_init__(self) -> None:
        self.status.alias = self.registry.alias

    def look(self) -> None:
        """Bring TorchServe to what is wanted, or note why that cannot be done now."""
        unknown = self._ask()
        try:
            problem = self._serve(self.torchserve.served())
        except TorchServeError as error:
            problem = self.status.count_failure("torchserve", str(error))
        except OSError as error:
            problem = self.status.count_failure("store", f"the store: {error.strerror or error}")
        self._tell(problem or unknown)

    def _ask(self) -> str | None:
        """Learn what is wanted; without an answer, what was wanted before still is."""
        try:
            self.status.want(self.registry.wanted())
        except RegistryError as error:
            return self.status.count_failure("registry", str(error))
        return None

    def _serve(self, served: Served) -> str | None:
        """Go on from what is served to what is wanted; return what is in the way."""
        self.status.serving = served.default
        wanted = self.status.wanted
        if wanted is None:
            return None
        self._retire(wanted, served)
        if not self._is_trusted(wanted):
            reason = f"version {wanted.version} is not signed with MODEL_SIGNING_KEY"
            return self.status.count_failure("model", reason)
        if served.archive is None or not self._is_wanted(served.archive, wanted):
            return self._try_to_switch(wanted, served)
        self.store.note_served(served.archive, wanted)
        self.store.tidy({*served.archives.values()})
        return None

    def _is_trusted(self, wanted: WantedModel) -> bool:
        return self.signing_key is None or wanted.is_signed_with(self.signing_key)

    def _is_wanted(self, archive: str, wanted: WantedModel) -> bool:
        return self.store.digest(archive) == wanted.sha256

    def _retire(self, wanted: WantedModel, served: Served) -> None:
        """Unregister what is of no use any more and has had the time to answer what it had."""
        now = self.clock()
        idle = {
            version
            for version, archive in served.archives.items()
            if version != served.default and not self._is_wanted(archive, wanted)
        }
        self._idle_since = {version: self._idle_since.get(version, now) for version in idle}
        for version, since in self._idle_since.items():
            if now - since >= self.drain_seconds:
                self.torchserve.unregister(version)
                log.info("unregistered", version=version)

    def _try_to_switch(self, wanted: WantedModel, served: Served) -> str | None:
        if obstacle := self._retries.obstacle(wanted.sha256, self.clock()):
            return obstacle
        try:
            self._switch(wanted, served)
        except TorchServeAwayError:
            raise
        except (ArtifactError, TorchServeError) as error:
            self._retries.failed(wanted.sha256, str(error), self.clock())
            return self.status.count_failure("model", str(error))
        self.status.note_switch(wanted.version)
        return None

    def _switch(self, wanted: WantedModel, served: Served) -> None:
        started = self.clock()
        archive = served.archives.get(wanted.version)
        if archive is None:
            archive = self._provide(wanted)
            self.torchserve.register(archive)
        elif not self._is_wanted(archive, wanted):
            raise TorchServeError(
                f"another archive is served as version {wanted.version}: publish under a new one"
            )
        self._prove(wanted.version)
        self.torchserve.set_default(wanted.version)
        self.store.note_served(archive, wanted)
        seconds = round(self.clock() - started, 1)
        log.info("switched", version=wanted.version, archive=archive, seconds=seconds)

    def _provide(self, wanted: WantedModel) -> str:
        """Return the name of the wanted archive in the store, fetched if it is not there."""
        name = fetched_name(wanted.version, wanted.sha256)
        if not self._is_wanted(name, wanted):
            fetch(wanted, self.store.folder / name, self.largest_archive)
            log.info("fetched", version=wanted.version, uri=wanted.uri)
        return name

    def _prove(self, version: str) -> None:
        """Have the version's workers answer; one that cannot is unregistered at once."""
        try:
            self.torchserve.start_workers(version)
            self.torchserve.warm(version)
        except TorchServeError:
            with contextlib.suppress(TorchServeError):
                self.torchserve.unregister(version)
            raise

    def _tell(self, problem: str | None) -> None:
        """Log a problem when it comes and when it has gone, not at every look between."""
        if problem != self.status.problem:
            if problem:
                log.warning("problem", reason=problem)
            else:
                log.info("in order", serving=self.status.serving)
        self.status.problem = problem
