import io

import pytest
from rich.console import Console

from candor_local.progress import Progress
from candor_local.restarts import RestartPolicy
from candor_local.services import Service
from candor_local.unit import GaveUpError, Unit


class FakeProcess:
    """A process that ends when the test says so."""

    def __init__(self):
        self.code = None
        self.cleaned_up = False

    def exit_code(self):
        return self.code

    def clean_up(self):
        self.cleaned_up = True

    def stop(self, _seconds, _hurried):
        self.code = 0


class Bench:
    """A unit under test, with all the processes that it launched and what it told."""

    def __init__(self, **service):
        self.healthy = True
        self.processes = []
        self.output = io.StringIO()
        self.unit = Unit(
            Service(name="api", command=("api",), is_healthy=lambda: self.healthy, **service),
            self._launch,
            Progress(Console(file=self.output)),
            RestartPolicy(limit=3, recovery=60, first_delay=1),
            start_timeout=30,
        )

    def _launch(self, _service):
        self.processes.append(FakeProcess())
        return self.processes[-1]

    def look(self, now, healthy=()):
        self.unit.look(healthy, now)

    def die(self, now, code=1):
        self.processes[-1].code = code
        self.look(now)


def test_a_service_waits_until_all_it_needs_is_healthy():
    bench = Bench(needs=("postgres", "migrate"))
    bench.look(0, healthy={"postgres"})
    assert bench.processes == []
    bench.look(1, healthy={"postgres", "migrate"})
    assert len(bench.processes) == 1


def test_a_service_is_healthy_once_its_check_says_so():
    bench = Bench()
    bench.healthy = False
    bench.look(0)
    bench.look(1)
    assert not bench.unit.is_healthy
    bench.healthy = True
    bench.look(2.5)
    assert bench.unit.is_healthy
    assert "api is ready (2.5 s)" in bench.output.getvalue()


def test_a_service_that_is_not_healthy_in_time_is_given_up():
    bench = Bench()
    bench.healthy = False
    bench.look(0)
    bench.look(30)
    with pytest.raises(GaveUpError, match="api is not healthy after 31 s"):
        bench.look(31)


def test_a_service_that_dies_is_told_and_started_again_after_the_delay():
    bench = Bench()
    bench.look(0)
    bench.look(1)
    bench.die(2, code=-9)
    assert "api was ended by SIGKILL; it is started again in 1 s" in bench.output.getvalue()
    assert bench.processes[0].cleaned_up
    assert not bench.unit.is_healthy
    bench.look(2.9)
    assert len(bench.processes) == 1
    bench.look(3)
    assert len(bench.processes) == 2


def test_a_service_that_keeps_dying_is_given_up():
    bench = Bench()
    for now in (0, 10):
        bench.look(now)
        bench.die(now + 1, code=3)
    bench.look(20)
    with pytest.raises(GaveUpError, match="api ended with exit code 3, 3 times in a row"):
        bench.die(21, code=3)


def test_a_service_that_recovers_between_its_deaths_is_kept():
    bench = Bench()
    for now in (0, 100, 200, 300):
        bench.look(now)
        bench.look(now + 1)
        bench.die(now + 90)
    assert len(bench.processes) == 4


def test_a_step_that_succeeds_is_healthy_and_not_started_again():
    bench = Bench(once=True)
    bench.look(0)
    bench.look(1)
    assert not bench.unit.is_healthy
    bench.die(2, code=0)
    bench.look(3)
    assert bench.unit.is_healthy
    assert len(bench.processes) == 1


def test_a_step_that_fails_is_given_up_at_once():
    bench = Bench(once=True)
    bench.look(0)
    with pytest.raises(GaveUpError, match="api ended with exit code 4"):
        bench.die(1, code=4)
