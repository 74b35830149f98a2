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
    # Asked before the wait, so that a child of ours which is dead is taken note of by it.
    is_dead = _is_zombie(process)
    try:
        process.wait(0)
    except psutil.TimeoutExpired:
        return is_dead
    return True


def _is_zombie(process: psutil.Process) -> bool:
    """Say whether a process is dead and its parent, which is not us, has not taken note of it."""
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
