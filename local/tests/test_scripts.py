"""The scripts' errors are one line that says what to do."""

import os
import re
import subprocess
import sys

import pytest

from candor_local.settings import Settings


@pytest.fixture
def sh(checkout):
    def run(script, *arguments, **environment):
        return subprocess.run(
            ["/bin/sh", checkout / "local" / script, *arguments],
            env=os.environ | environment,
            check=False,
            capture_output=True,
            text=True,
        )

    return run


@pytest.fixture
def old_python(tmp_path):
    program = tmp_path / "python3.9"
    program.write_text("#!/bin/sh\nexit 1\n")  # Its answer to whether it is new enough.
    program.chmod(0o755)
    return program


def test_a_python_that_is_too_old_is_said_in_one_line(sh, old_python, tmp_path):
    done = sh("make_venv.sh", tmp_path / "venv", "0", PYTHON=str(old_python))
    assert done.returncode == 1
    assert done.stderr.startswith("Error: Python 3.11 or newer was not found: install it")
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "venv").exists()


def test_a_python_without_venv_is_said_in_one_line(sh, tmp_path):
    program = tmp_path / "python3"
    program.write_text(f'#!/bin/sh\ncase $2 in *ensurepip*) exit 1;; esac\n{sys.executable} "$@"\n')
    program.chmod(0o755)
    done = sh("make_venv.sh", tmp_path / "venv", "0", PYTHON=str(program))
    assert done.returncode == 1
    assert "install venv (Debian: apt install python3-venv)" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_chromium_that_is_named_is_taken(sh):
    done = sh("find_chromium.sh", sys.executable, CHROMIUM="/bin/sh")
    assert (done.returncode, done.stdout) == (0, "/bin/sh\n")


def test_a_named_chromium_that_is_not_there_is_said_in_one_line(sh):
    done = sh("find_chromium.sh", sys.executable, CHROMIUM="/nowhere/chromium")
    assert done.returncode == 1
    assert done.stderr == "Error: CHROMIUM names /nowhere/chromium, which is not a program\n"


def test_a_chromium_on_the_path_is_found(sh, tmp_path):
    chromium = tmp_path / "chromium"
    chromium.write_text("#!/bin/sh\n")
    chromium.chmod(0o755)
    done = sh("find_chromium.sh", sys.executable, CHROMIUM="", PATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (0, f"{chromium}\n")


@pytest.fixture
def empty_machine(tmp_path):
    """Return a folder to be all of PATH, on a Debian where we are root and apt-get fails."""
    for name, line in {"id": "echo 0", "apt-get": "exit 1"}.items():
        make_program(tmp_path / name, line)
    return tmp_path


def make_program(path, line):
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def test_debians_chromium_is_installed_where_we_are_root(sh, empty_machine):
    chromium = empty_machine / "chromium"
    make_program(
        empty_machine / "apt-get", f"echo working; : >{chromium}; /bin/chmod +x {chromium}"
    )
    done = sh("find_chromium.sh", "/bin/false", CHROMIUM="", PATH=str(empty_machine))
    assert (done.returncode, done.stdout) == (0, f"{chromium}\n")


def test_where_no_chromium_is_to_be_had_the_last_line_says_how_to_get_it(sh, empty_machine):
    done = sh("find_chromium.sh", "/bin/false", CHROMIUM="", PATH=str(empty_machine))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith("Error: the browser tests need Chromium: ")


def test_make_alone_explains_every_target(checkout):
    done = subprocess.run(
        ["make", "--no-print-directory"], cwd=checkout, check=True, capture_output=True, text=True
    )
    targets = {line.split()[1] for line in done.stdout.splitlines()}
    phony = next(
        line for line in (checkout / "Makefile").read_text().splitlines() if ".PHONY" in line
    )
    assert targets == set(phony.split()[1:])


@pytest.fixture
def make(checkout, tmp_path):
    """Run make where `candor` only tells its environment; all seems to be installed."""
    program = tmp_path / "bin" / "candor"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nenv\n")
    program.chmod(0o755)
    version = re.search("^UV_VERSION := (.+)$", (checkout / "Makefile").read_text(), re.MULTILINE)
    (tmp_path / f".uv-{version[1]}").touch()
    (tmp_path / ".run-installed").touch()

    def run(*words, **environment):
        return subprocess.run(
            ["make", *words, f"VENV={tmp_path}"],
            cwd=checkout,
            env=os.environ | environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.splitlines()

    return run


@pytest.mark.parametrize("name", [name.upper() for name in Settings.model_fields])
def test_every_setting_reaches_the_product_from_the_environment_and_from_makes_words(make, name):
    assert f"{name}=/from/outside" in make("run", **{name: "/from/outside"})
    assert f"{name}=/from/words" in make("run", f"{name}=/from/words")
