"""In development: run a command, and again when a Python file in here changes or it has ended."""
# ruff: noqa: INP001 (the worker's pod is given this file's text)

import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType


def times() -> dict[Path, int]:
    """Return when each file was changed last."""
    return {path: path.stat().st_mtime_ns for path in Path().rglob("*.py")}


def end(_signal: int, _frame: FrameType | None) -> None:
    """Leave, by way of what stops the command."""
    sys.exit()


def run_until_changed(command: list[str]) -> None:
    """Run the command until a file changes, or it ends by itself."""
    before, process = times(), subprocess.Popen(command)
    try:
        while process.poll() is None and times() == before:
            time.sleep(0.5)
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    """Run it for ever."""
    # The first process of a container is ended by a signal only if it handles it.
    signal.signal(signal.SIGTERM, end)
    while True:
        run_until_changed(sys.argv[1:])
        time.sleep(0.5)


if __name__ == "__main__":
    main()
