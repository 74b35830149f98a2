import signal
import sys
from pathlib import Path

import psutil
import pytest
from bench import processes
from bench.figures import MeasurementError

LISTEN = "import time; print('here', flush=True); time.sleep(600)"
FAIL = "print('no disk left'); raise SystemExit(3)"


def interrupt_when_ready(folder: Path, seen: list[psutil.Popen]) -> None:
    log, command = folder / "log", [sys.executable, "-c", LISTEN]
    with processes.running(command, {}, log, lambda: "here" in log.read_text()) as process:
        seen.append(process)
        raise KeyboardInterrupt


def put_away_while_interrupted(done: list[str]) -> None:
    with processes.uninterrupted():
        signal.raise_signal(signal.SIGINT)
        done.append("put away")


def test_an_interruption_stops_what_was_started(tmp_path: Path) -> None:
    seen: list[psutil.Popen] = []
    with pytest.raises(KeyboardInterrupt):
        interrupt_when_ready(tmp_path, seen)
    assert not seen[0].is_running()


def test_a_program_that_ends_too_early_is_told_with_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FAIL]
    with (
        pytest.raises(MeasurementError, match="no disk left"),
        processes.running(command, {}, tmp_path / "log", lambda: False),
    ):
        pass


def test_a_request_to_stop_waits_until_things_are_put_away() -> None:
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        put_away_while_interrupted(done)
    assert done == ["put away"]
