import os
import pwd

import pytest

from candor_local.folders import LONGEST_SOCKET_PATH
from candor_local.home import SIGNING_KEY, WORKER_SOCKET, Home
from candor_local.postgres import SOCKET, Postgres
from candor_local.ready import ready_block
from candor_local.services import product, training_environment
from candor_local.settings import Settings

US = pwd.getpwuid(os.getuid())


@pytest.fixture
def server(home):
    return Postgres(home.postgres, US)


@pytest.fixture
def services(home, server):
    return product(Settings(_env_file=None, ui_port=9000), home, server, "correct horse")


def test_every_part_comes_after_those_it_needs(services):
    started = set()
    for service in services:
        assert set(service.needs) <= started
        started.add(service.name)


def test_only_the_migration_is_given_the_admins_password(services):
    knows = [one.name for one in services if "correct horse" in one.environment.values()]
    assert knows == ["migrate"]


def test_no_secret_is_in_a_command_which_everybody_on_the_machine_can_read(home, services):
    commands = " ".join(part for service in services for part in service.command)
    kept = {file.read_text().strip() for file in home.secrets.iterdir()}
    assert len(kept) == 4
    assert [secret for secret in kept if secret in commands] == []


def test_the_parts_meet_at_the_ports_of_the_settings(services):
    by_name = {service.name: service for service in services}
    assert by_name["ui"].environment["UI_BIND"] == "127.0.0.1:9000"
    assert by_name["ui"].environment["REVIEW_API_URL"] == "http://127.0.0.1:8000"
    assert by_name["api"].environment["API_BIND"] == "127.0.0.1:8000"
    assert by_name["api"].environment["UI_TOKEN"] == by_name["ui"].environment["UI_TOKEN"]


def test_the_migration_registers_the_tokens_that_the_others_use(home, services):
    by_name = {service.name: service for service in services}
    registered = by_name["migrate"].environment
    assert registered["SCRAPER_TOKEN"] == home.secret("scraper-token")
    assert registered["TRAINING_TOKEN"] == home.secret("training-token")
    used = by_name["model-sync"].environment
    assert used == {"MODEL_SYNC_TOKEN": registered["MODEL_SYNC_TOKEN"]}


def test_who_signs_and_who_checks_signatures_have_one_key_and_nobody_else_has_it(home, server):
    key = home.secret(SIGNING_KEY)
    services = product(Settings(_env_file=None), home, server, None)
    knows = [one.name for one in services if key in one.environment.values()]
    assert knows == ["model-server", "model-sync"]
    assert training_environment(home)["MODEL_SIGNING_KEY"] == key


def test_without_a_canary_nobody_knows_of_one(services):
    assert not any("CANARY_SERVER_URL" in one.environment for one in services)
    assert [one.name for one in services if "canary" in one.name] == []


def test_a_canary_has_a_torchserve_of_its_own_which_its_callers_know(home, server):
    settings = Settings(_env_file=None, canary=True, canary_port=9100)
    services = product(settings, home, server, None)
    by_name = {service.name: service for service in services}
    own, other = by_name["canary-server"].command, by_name["model-server"].command
    for option in ("--home", "--management-port", "--port", "--metrics-port"):
        assert own[own.index(option) + 1] != other[other.index(option) + 1]
    sync = by_name["canary-sync"]
    assert sync.command[sync.command.index("--alias") + 1] == "canary"
    assert sync.needs == ("canary-server", "api")
    knows = {one.name: one.environment.get("CANARY_SERVER_URL") for one in services}
    assert {name for name, url in knows.items() if url} == {"api", "worker", "ui", "migrate"}
    assert knows["ui"] == "http://127.0.0.1:9100"


def test_torchserve_and_what_keeps_it_current_have_one_home_and_one_management_port(services):
    by_name = {service.name: service for service in services}
    for option in ("--home", "--management-port", "--port"):
        values = {
            command[command.index(option) + 1]
            for command in (by_name["model-server"].command, by_name["model-sync"].command)
        }
        assert len(values) == 1


def test_sockets_are_in_the_home_or_where_it_is_too_long_at_short_paths(tmp_path):
    near, far = Home(tmp_path), Home(tmp_path / ("x" * 200))
    assert Postgres(near.postgres, US).socket_folder.parent == near.postgres
    assert near.model_server.parent == near.path
    short = (Postgres(far.postgres, US).socket_folder / SOCKET, far.model_server / WORKER_SOCKET)
    assert all(len(str(path)) <= LONGEST_SOCKET_PATH for path in short)
    assert short[0].parent != far.model_server


def test_the_ready_block_says_where_everything_is(home):
    block = ready_block(Settings(_env_file=None, ui_port=9000), home, "pass-word")
    lines = block.splitlines()
    assert lines[0] == "Candor is ready"
    assert [line.split(maxsplit=1)[-1] for line in lines[1:3]] == [
        "http://127.0.0.1:9000/",
        "http://127.0.0.1:9000/admin",
    ]
    for text in (
        "user admin, password pass-word",
        "http://127.0.0.1:8000/api/docs",
        str(home.logs),
        "Ctrl-C",
    ):
        assert text in block
