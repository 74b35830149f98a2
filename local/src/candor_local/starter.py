"""`candor run`: everything between the settings and the stopped product."""

from collections.abc import Callable, Sequence

from rich.console import Console

from candor_local import admin_password, logs, postgres, postgres_data
from candor_local.child import Child
from candor_local.errors import CandorError
from candor_local.home import SIGNING_KEY, Home
from candor_local.jobs import write_jobs
from candor_local.leftovers import stop_leftovers
from candor_local.lock import only_starter
from candor_local.ports import check_ports
from candor_local.postgres import Postgres
from candor_local.progress import Progress
from candor_local.ready import ready_block
from candor_local.restarts import RestartPolicy
from candor_local.services import Service, product
from candor_local.settings import Settings, inherited_environment
from candor_local.signals import StopRequests
from candor_local.supervisor import Supervisor
from candor_local.unit import GaveUpError, Unit

ListServices = Callable[[Settings, Home, Postgres, str | None], Sequence[Service]]


def run(settings: Settings, console: Console, list_services: ListServices = product) -> None:
    """Run the whole product until a signal asks to stop.

    Raises:
        CandorError: it cannot be started, or a part of it cannot be kept running.
    """
    stops = StopRequests()
    stops.listen()
    progress = Progress(console)
    home = Home(settings.candor_home)
    home.make()
    with only_starter(home.lock):
        clear_the_way(settings, home, progress)
        server = postgres.at(home.postgres)
        is_new = not server.data.exists()
        password = admin_password.choose(settings, home, new_database=is_new)
        if is_new:
            # An older home has versions without signatures, which with a key nobody would serve.
            home.secret(SIGNING_KEY)
        postgres_data.prepare(server, progress.say)
        write_jobs(settings, home)
        services = list_services(settings, home, server, password)
        supervise(services, settings, home, progress, stops)
    progress.say("Candor has stopped")


def clear_the_way(settings: Settings, home: Home, progress: Progress) -> None:
    """Stop what a killed starter left running; raise CandorError for a port still taken."""
    for name in stop_leftovers(home.processes, settings.stop_timeout):
        progress.say(f"Stopped {name}, which an earlier start had left running")
    check_ports(settings.ports)


def supervise(
    services: Sequence[Service],
    settings: Settings,
    home: Home,
    progress: Progress,
    stops: StopRequests,
) -> None:
    """Run the services until a signal asks to stop; raise CandorError when one keeps dying."""
    inherited = inherited_environment()

    def launch(service: Service) -> Child:
        return Child(service, home, inherited)

    def tell_ready() -> None:
        progress.say(ready_block(settings, home, admin_password.describe(home)))

    policy = RestartPolicy()
    units = [
        Unit(service, launch, progress, policy, settings.start_timeout) for service in services
    ]
    for service in services:
        logs.rotate(home.log(service.name))
    try:
        Supervisor(units, progress, stops, settings.stop_timeout).run(tell_ready)
    except GaveUpError as error:
        log = home.log(error.service.name)
        message = f"{error}, so everything was stopped. The end of {log}:\n{logs.tail(log)}"
        raise CandorError(message) from None
