"""Stops a process and everything in its session, politely first."""

import os
import signal
import time
from collections.abc import Callable

import psutil

TICK = 0.05
"""Seconds between two looks at a process that is stopping."""


def never() -> bool:
    """Say that nobody is in a hurry."""
    return False


def stop(
    process: psutil.Process,
    with_signal: signal.Signals,
    seconds: float,
    hurried: Callable[[], bool] = never,
) -> None:
    """Ask the leader of a session to end; kill what is left after so many seconds.

    ``hurried`` is asked all the while; once it says True, nothing is waited for any longer.
    """
    try:
        process.send_signal(with_signal)
    except psutil.NoSuchProcess:
        return
    deadline = time.monotonic() + seconds
    while not _has_ended(process) and time.monotonic() < deadline and not hurried():
        time.sleep(TICK)
    kill_group(process.pid)
    while not _has_ended(process):
        time.sleep(TICK)


def kill_group(leader: int) -> None:
    """Kill every process of a group, if there is any left."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        # macOS answers PermissionError for a group in which only the dead are left.
        return


def _has_ended(process: psutil.Process) -> bool:
    try:
        process.wait(0)
    except psutil.TimeoutExpired:
        return _is_zombie_of_others(process)
    return True


def _is_zombie_of_others(process: psutil.Process) -> bool:
    """Say whether a process is dead and its parent, which is not us, has not taken note of it.

    One of ours may look dead while its threads, such as Java's, still end: it is waited for.
    """
    try:
        return process.status() == psutil.STATUS_ZOMBIE and process.ppid() != os.getpid()
    except psutil.NoSuchProcess:
        return True
