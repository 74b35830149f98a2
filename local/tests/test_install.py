"""install.sh with the real uv and small package indexes of our own: which torch comes in?"""

import hashlib
import os
import subprocess
import sys
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

UV = Path(sys.executable).with_name("uv")


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves a folder's files and lists its folders, which is all an index has to do."""

    def log_message(self, *_arguments):
        pass


def make_wheel(index, name, version, code=""):
    """Put a wheel with next to nothing in it into an index; return its locked requirement."""
    folder = index / name
    folder.mkdir(parents=True, exist_ok=True)
    module = name.replace("-", "_")
    wheel = folder / f"{module}-{version}-py3-none-any.whl"
    info = f"{module}-{version}.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{module}.py", code)
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return f"{name}=={version} ; sys_platform != 'win32' \\\n    --hash=sha256:{digest}\n"


@pytest.fixture
def index(tmp_path):
    """Return the address of a served folder with a default index and one with CPU builds."""
    handler = partial(QuietHandler, directory=tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Machine:
    """An empty environment, a lock, and the indexes to install from."""

    def __init__(self, tmp_path, index, checkout):
        self.checkout = checkout
        self.index = index
        self.venv = tmp_path / "venv"
        self.lock = tmp_path / "lock.txt"
        packages = {
            "filelock": "1.0", "nvidia-cublas": "13.4", "cuda-toolkit": "13.2",
            "torch": "2.15.0", "triton": "3.9", "typer": "0.1",
        }  # fmt: skip
        self.lock.write_text(
            "".join(make_wheel(tmp_path / "default", *package) for package in packages.items())
        )
        make_wheel(tmp_path / "cpu", "torch", "2.15.0+cpu")
        make_wheel(tmp_path / "old-cpu", "torch", "2.14.0+cpu")
        subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, self.venv], check=True)
        (self.venv / "bin" / "uv").symlink_to(UV)

    def install(self, torch_index, *rooms):
        return subprocess.run(
            ["sh", "local/install.sh", self.venv, self.lock, self.lock, *rooms],
            cwd=self.checkout,
            env=os.environ
            | {
                "TORCH_INDEX": f"{self.index}/{torch_index}",
                "UV_DEFAULT_INDEX": f"{self.index}/default",
                "UV_NO_CACHE": "1",
            },
            check=False,
            capture_output=True,
            text=True,
        )

    @property
    def installed(self):
        freeze = [UV, "pip", "freeze", "--python", self.venv / "bin" / "python"]
        done = subprocess.run(freeze, check=True, capture_output=True, text=True)
        return done.stdout.split()


@pytest.fixture
def machine(tmp_path, index, checkout):
    return Machine(tmp_path, index, checkout)


def on_linux(linux, elsewhere):
    return linux if sys.platform == "linux" else elsewhere


AS_LOCKED = [
    "cuda-toolkit==13.2", "filelock==1.0", "nvidia-cublas==13.4",
    "torch==2.15.0", "triton==3.9", "typer==0.1",
]  # fmt: skip
WITHOUT_CUDA = on_linux(["filelock==1.0", "torch==2.15.0+cpu", "typer==0.1"], AS_LOCKED)


def test_the_cpu_build_comes_without_cuda_when_its_index_answers(machine):
    assert machine.install("cpu").returncode == 0
    assert machine.installed == WITHOUT_CUDA


@pytest.mark.parametrize("torch_index", ["nothing-here", "old-cpu"])
def test_everything_is_as_locked_when_the_cpu_build_is_not_to_be_had(machine, torch_index):
    assert machine.install(torch_index).returncode == 0
    assert machine.installed == AS_LOCKED


def test_an_installed_cpu_build_stays_when_its_index_is_gone(machine):
    machine.install("cpu")
    assert machine.install("nothing-here").returncode == 0
    assert machine.installed == WITHOUT_CUDA


def test_a_package_that_is_not_the_locked_one_is_refused(machine, tmp_path):
    make_wheel(tmp_path / "default", "typer", "0.1", code="import something_else")
    done = machine.install("cpu")
    assert done.returncode != 0
    assert "Hash mismatch" in done.stderr
    assert "typer==0.1" not in machine.installed
