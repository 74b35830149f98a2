"""Records which processes run, so that a killed starter's can be stopped by the next one."""

import json
import os
import signal
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from candor_local import processes
from candor_local.home import write_private

SAME_TIME = 1.0
"""Seconds by which two readings of a process's creation time may differ."""


@dataclass(frozen=True)
class Record:
    """A process that leads a session: its id, when it was created, how it is stopped."""

    pid: int
    created: float
    stop_signal: int


def write_record(file: Path, process: psutil.Process, stop_signal: signal.Signals) -> None:
    """Note a process that has just been started."""
    record = Record(process.pid, process.create_time(), stop_signal)
    write_private(file, json.dumps(asdict(record)))


def stop_leftovers(folder: Path, seconds: float) -> list[str]:
    """Stop what the records name, the last started first; return the names of those that ran."""
    files = sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
    stopped = [file.stem for file in files if _stop(_read(file), seconds)]
    for file in files:
        file.unlink()
    return stopped


def _read(file: Path) -> Record | None:
    try:
        return Record(**json.loads(file.read_text()))
    except (ValueError, TypeError):
        return None  # Not ours to guess at: whoever damaged it must stop the process.


def _stop(record: Record | None, seconds: float) -> bool:
    if record is None or record.created < psutil.boot_time() - SAME_TIME:
        return False
    try:
        leader = psutil.Process(record.pid)
        is_ours = abs(leader.create_time() - record.created) < SAME_TIME
    except psutil.NoSuchProcess:
        return _kill_orphans(record)
    if is_ours:
        processes.stop(leader, signal.Signals(record.stop_signal), seconds)
    return is_ours


def _kill_orphans(record: Record) -> bool:
    """Kill the group whose leader is dead; a group's number is not given away while it lives."""
    orphans = any(_is_in_group(pid, record.pid) for pid in psutil.pids())
    if orphans:
        processes.kill_group(record.pid)
    return orphans


def _is_in_group(pid: int, group: int) -> bool:
    try:
        return os.getpgid(pid) == group
    except (ProcessLookupError, PermissionError):
        return False
