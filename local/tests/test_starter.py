"""The real starter with a real Postgres, and tiny programs in place of the other rooms."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from candor_local import postgres
from candor_local.home import Home

pytestmark = pytest.mark.integration

SMALL_PRODUCT = Path(__file__).with_name("small_product.py")
PATIENCE = 60
PORTS = ("UI_PORT", "API_PORT", "MODEL_PORT", "MANAGEMENT_PORT", "METRICS_PORT", "SYNC_PORT")


class Starter:
    """Starts the small product again and again in one home."""

    def __init__(self, home, ports):
        self.home = Home(home)
        self.ports = dict(zip(PORTS, ports, strict=True))
        self.environment = os.environ | {name: str(port) for name, port in self.ports.items()}
        self.environment["CANDOR_HOME"] = str(home)
        self.started = []

    def start(self, *parts, **environment):
        process = subprocess.Popen(
            [sys.executable, SMALL_PRODUCT, *parts],
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.started.append(process)
        return process

    def start_until_ready(self, *parts, **environment):
        process = self.start(*parts, **environment)
        read_until(process, "Candor is ready")
        return process

    def pid_of(self, part):
        return json.loads((self.home.processes / f"{part}.json").read_text())["pid"]

    def query(self, text):
        server = postgres.at(self.home.postgres)
        psql = [postgres.programs() / "psql", "-At", "-d", server.url, "-c", text]
        return subprocess.run(psql, check=True, capture_output=True, text=True).stdout.strip()

    def end_all(self):
        for process in self.started:
            if process.poll() is None:
                process.terminate()
            process.communicate(timeout=PATIENCE)


@pytest.fixture(scope="module")
def kept_home(tmp_path_factory):
    """One home for all: making a database takes seconds, and every start must cope anyway."""
    return tmp_path_factory.mktemp("starter") / "home"


@pytest.fixture
def starter(kept_home, free_ports):
    made = Starter(kept_home, free_ports(len(PORTS)))
    yield made
    made.end_all()


def read_until(process, text):
    seen = []
    for line in process.stdout:
        seen.append(line)
        if text in line:
            return
    pytest.fail(f"{text!r} was not said but:\n{''.join(seen)}")


def family(process):
    return psutil.Process(process.pid).children(recursive=True)


def still_running(processes):
    return psutil.wait_procs(processes, timeout=PATIENCE / 2)[1]


def stop(process, *numbers):
    for number in numbers or (signal.SIGTERM,):
        process.send_signal(number)
    output, _ = process.communicate(timeout=PATIENCE)
    return output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_all_and_leaves_no_process_and_no_port(starter, number):
    process = starter.start_until_ready("web")
    processes = family(process)
    assert len(processes) > 3
    output = stop(process, number)
    assert process.returncode == 0
    assert output.splitlines()[-1] == "Candor has stopped"
    assert still_running(processes) == []
    socket.create_server(("127.0.0.1", starter.ports["API_PORT"])).close()


def test_a_part_that_does_not_listen_is_killed_with_all_it_started(starter):
    process = starter.start_until_ready("stubborn", STOP_TIMEOUT="0.5")
    processes = family(process)
    stop(process)
    assert process.returncode == 0
    assert still_running(processes) == []


def test_a_second_signal_stops_without_waiting(starter):
    process = starter.start_until_ready("stubborn", STOP_TIMEOUT="600")
    processes = family(process)
    stop(process, signal.SIGINT, signal.SIGTERM)
    assert process.returncode == 0
    assert still_running(processes) == []


def test_a_start_after_a_killed_one_clears_up_and_keeps_the_data(starter):
    process = starter.start_until_ready("web", "stubborn", STOP_TIMEOUT="0.5")
    starter.query("create table review (id int); insert into review values (7)")
    processes = family(process)
    parts = [psutil.Process(starter.pid_of(part)) for part in ("postgres", "web", "stubborn")]
    process.kill()
    process.communicate()
    assert all(one.is_running() for one in parts)

    process = starter.start("web", STOP_TIMEOUT="0.5")
    read_until(process, "Stopped web, which an earlier start had left running")
    read_until(process, "Candor is ready")
    assert starter.query("select id from review") == "7"
    assert still_running(processes) == []


def test_a_start_after_a_killed_one_ends_what_a_dead_part_left(starter):
    process = starter.start_until_ready("stubborn")
    orphans = psutil.Process(starter.pid_of("stubborn")).children()
    process.kill()
    process.communicate()
    os.kill(starter.pid_of("stubborn"), signal.SIGKILL)
    starter.start_until_ready()
    assert orphans
    assert still_running(orphans) == []


def test_a_postgres_that_nobody_recorded_is_stopped_first(starter):
    process = starter.start_until_ready()
    processes = family(process)
    process.kill()
    process.communicate()
    (starter.home.processes / "postgres.json").unlink()
    starter.start_until_ready()
    assert still_running(processes) == []


def test_the_lock_of_a_dead_postgres_whose_number_is_in_use_again_is_no_obstacle(starter):
    stop(starter.start_until_ready())
    lock = starter.home.postgres / "data" / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n/somewhere\n0\n5432\n\n\n0 0\nready\n")
    stop(starter.start_until_ready())
    lock.write_text("")
    starter.start_until_ready()


@pytest.mark.parametrize("part", ["web", "postgres"])
def test_a_killed_part_is_told_and_started_again(starter, part):
    process = starter.start_until_ready("web")
    os.kill(starter.pid_of(part), signal.SIGKILL)
    read_until(process, f"{part} was ended by SIGKILL; it is started again in 0.5 s")
    read_until(process, f"{part} is ready")


def test_a_part_that_always_dies_is_given_up_with_the_end_of_its_log(starter):
    process = starter.start("dying")
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "dying ended with exit code 1, 5 times in a row, so everything was stopped" in output
    assert output.splitlines()[-1] == "the hat is not on the rack"
    assert "Traceback" not in output
    assert list(starter.home.processes.iterdir()) == []


def test_a_second_starter_is_refused_in_one_line(starter):
    first = starter.start_until_ready()
    second = starter.start()
    output, _ = second.communicate(timeout=PATIENCE)
    assert second.returncode == 1
    assert f"already runs in {starter.home.path} (process {first.pid})" in output
    assert len(output.splitlines()) == 1


def test_a_taken_port_is_named_with_its_variable_and_its_owner(starter):
    with socket.create_server(("127.0.0.1", starter.ports["METRICS_PORT"])):
        process = starter.start()
        output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    named = f"port {starter.ports['METRICS_PORT']} (METRICS_PORT) is taken by "
    assert named in output
    assert f"(process {os.getpid()})" in output
    assert len(output.splitlines()) == 1


def test_data_of_another_postgres_is_refused_in_one_line(starter):
    stop(starter.start_until_ready())
    version_file = starter.home.postgres / "data" / "PG_VERSION"
    version_file.write_text("16\n")
    process = starter.start()
    output, _ = process.communicate(timeout=PATIENCE)
    version_file.write_text("18\n")
    assert process.returncode == 1
    assert "is of Postgres 16, and this is 18" in output
    assert len(output.splitlines()) == 1


def test_an_initialisation_that_was_killed_is_begun_anew(starter):
    stop(starter.start_until_ready())
    data = starter.home.postgres / "data"
    data.rename(data.with_name("data.new"))
    starter.start_until_ready()
    assert starter.query("select count(*) from pg_class where relname = 'review'") == "0"


def test_a_very_long_home_works(tmp_path, free_ports):
    starter = Starter(tmp_path / ("long, long " * 15).strip() / "home", free_ports(len(PORTS)))
    try:
        process = starter.start_until_ready("web")
        assert starter.query("select 1") == "1"
        stop(process)
        assert process.returncode == 0
    finally:
        starter.end_all()
        for short in (postgres.at(starter.home.postgres).socket_folder, starter.home.model_server):
            shutil.rmtree(short)


def test_candor_stop_ends_the_starter_and_waits_for_it(starter):
    process = starter.start_until_ready("web")
    processes = family(process)
    candor = Path(sys.executable).with_name("candor")
    subprocess.run([candor, "stop"], env=starter.environment, check=True)
    assert [one for one in processes if one.is_running()] == []
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0


@pytest.mark.parametrize("command", ["token", "stop", "refresh", "publish", "rollback", "models"])
def test_a_command_that_needs_a_running_candor_says_so_in_one_line(starter, command):
    candor = Path(sys.executable).with_name("candor")
    done = subprocess.run(
        [candor, command], env=starter.environment, check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: Candor does not run")
    assert len(done.stderr.splitlines()) == 1
