"""One service and its life: waiting, starting, healthy, dead and started again."""

import signal
from collections.abc import Callable, Collection
from typing import Protocol

from candor_local.progress import Progress
from candor_local.restarts import RestartPolicy
from candor_local.services import Service


class GaveUpError(Exception):
    """A service that cannot be kept running; the message says why."""

    def __init__(self, service: Service, why: str) -> None:
        super().__init__(f"{service.name} {why}")
        self.service = service


class RunningProcess(Protocol):
    """What a unit needs to know of its process."""

    def exit_code(self) -> int | None:
        """Return how it ended (negative: by that signal), None while it runs."""

    def clean_up(self) -> None:
        """Remove what an ended process left."""

    def stop(self, seconds: float, hurried: Callable[[], bool]) -> None:
        """Stop it and all it started."""


class Unit:
    """A service with its process. Times are seconds of any clock that only goes forward."""

    def __init__(
        self,
        service: Service,
        launch: Callable[[Service], RunningProcess],
        progress: Progress,
        policy: RestartPolicy,
        start_timeout: float,
    ) -> None:
        self.service = service
        self.is_healthy = False
        self._launch = launch
        self._progress = progress
        self._policy = policy
        self._start_timeout = start_timeout
        self._process: RunningProcess | None = None
        self._failures = 0
        self._start_at = 0.0
        self._since = 0.0
        """When it was started; once it is healthy, when it became so."""

    def look(self, healthy: Collection[str], now: float) -> None:
        """Do what is due now, given the names of the services that are healthy.

        Raises:
            GaveUpError: the service cannot be kept running.
        """
        if self._process is None:
            if self._may_start(healthy, now):
                self._start(now)
        elif (code := self._process.exit_code()) is not None:
            self._process.clean_up()
            self._process = None
            self._ended(code, now)
        elif not self.is_healthy:
            self._ask(now)

    def stop(self, seconds: float, hurried: Callable[[], bool]) -> None:
        """Stop the process if there is one."""
        if self._process is not None:
            self._progress.stopping(self.service.name)
            self._process.stop(seconds, hurried)
            self._process = None

    def _may_start(self, healthy: Collection[str], now: float) -> bool:
        is_done = self.service.once and self.is_healthy
        return (
            not is_done
            and now >= self._start_at
            and all(name in healthy for name in self.service.needs)
        )

    def _start(self, now: float) -> None:
        self._process = self._launch(self.service)
        self._since = now

    def _ask(self, now: float) -> None:
        waited = now - self._since
        if not self.service.once and self.service.is_healthy():
            self._became_healthy(now)
        elif waited > self._start_timeout:
            raise GaveUpError(self.service, f"is not healthy after {waited:.0f} s")

    def _became_healthy(self, now: float) -> None:
        self._progress.healthy(self.service.name, now - self._since)
        self.is_healthy = True
        self._since = now

    def _ended(self, code: int, now: float) -> None:
        if not self.service.once:
            self._restart_later(code, now)
        elif code == 0:
            self._became_healthy(now)
        else:
            raise GaveUpError(self.service, describe_exit(code))

    def _restart_later(self, code: int, now: float) -> None:
        healthy_for = now - self._since if self.is_healthy else 0
        self._failures = self._policy.count(self._failures, healthy_for)
        self.is_healthy = False
        delay = self._policy.delay(self._failures)
        if delay is None:
            why = f"{describe_exit(code)}, {self._failures} times in a row"
            raise GaveUpError(self.service, why)
        self._progress.died(self.service.name, describe_exit(code), delay)
        self._start_at = now + delay


def describe_exit(code: int) -> str:
    """Return in words how a process ended."""
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
