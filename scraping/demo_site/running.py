"""Runs a demo site in a child process, for tests and benchmarks."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from demo_site.service import ANNOUNCEMENT

STOP_SECONDS: Final = 10


@contextmanager
def running(**options: object) -> Iterator[str]:
    """Run a site on a free port and give its address.

    Options are the command's, such as `companies=10, today="2026-11-24", hazards="all"`.
    """
    given = {"port": 0} | options
    words = [f"--{name.replace('_', '-')}={value}" for name, value in given.items()]
    command = [sys.executable, "-m", "demo_site", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        try:
            yield _address(child)
        finally:
            child.terminate()
            child.wait(STOP_SECONDS)


def _address(child: subprocess.Popen[str]) -> str:
    line = child.stdout.readline() if child.stdout else ""
    if not line.startswith(ANNOUNCEMENT):
        raise RuntimeError(f"the demo site did not start: exit code {child.wait()}")
    return line.removeprefix(ANNOUNCEMENT).strip()
