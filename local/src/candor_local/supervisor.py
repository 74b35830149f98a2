"""Starts the services in the order of health, keeps them running, stops them in reverse."""

import time
from collections.abc import Callable, Sequence

from candor_local.progress import Progress
from candor_local.signals import StopRequests
from candor_local.unit import Unit

TICK = 0.2
"""Seconds between two looks at the services."""


class Supervisor:
    """Runs units, listed so that each comes after those it needs, until it is asked to stop."""

    def __init__(
        self, units: Sequence[Unit], progress: Progress, stops: StopRequests, stop_timeout: float
    ) -> None:
        self._units = units
        self._progress = progress
        self._stops = stops
        self._stop_timeout = stop_timeout

    def run(self, when_ready: Callable[[], None]) -> None:
        """Keep the units running; call ``when_ready`` once, when all are healthy at once.

        However this ends, every unit has been stopped by then.

        Raises:
            GaveUpError: a service cannot be kept running.
        """
        was_ready = False
        try:
            while not self._stops.asked:
                self._look_at_all()
                if not was_ready and not self._unhealthy():
                    was_ready = True
                    when_ready()
                time.sleep(TICK)
        finally:
            self._stop_all()

    def _look_at_all(self) -> None:
        for unit in self._units:
            healthy = {other.service.name for other in self._units if other.is_healthy}
            unit.look(healthy, time.monotonic())
        self._progress.waiting_for(self._unhealthy())

    def _unhealthy(self) -> list[str]:
        return [unit.service.name for unit in self._units if not unit.is_healthy]

    def _stop_all(self) -> None:
        for unit in reversed(self._units):
            unit.stop(self._stop_timeout, self._stops.hurried)
        self._progress.done()
