"""Checks that the ports are free before anything is started."""

import errno
import os
import socket
from collections.abc import Mapping

import psutil

from candor_local.errors import CandorError

HOST = "127.0.0.1"


def check_ports(ports: Mapping[str, int]) -> None:
    """Raise CandorError, naming the variable of each port that cannot be used."""
    problems = [
        f"port {port} ({variable}) {problem}"
        for variable, port in ports.items()
        if (problem := why_not(port))
    ]
    if problems:
        variables = "that variable" if len(problems) == 1 else "those variables"
        raise CandorError(f"{'; '.join(problems)}. Set {variables} to another port")


def why_not(port: int) -> str | None:
    """Return why this machine cannot listen on a port, or None when it can."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do, so that connections of the last run that linger are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return "is taken" + _by_whom(port)
            return f"cannot be used: {os.strerror(error.errno or 0)}"
    return None


def _by_whom(port: int) -> str:
    try:
        pid = next(
            connection.pid
            for connection in psutil.net_connections(kind="tcp")
            if connection.laddr and connection.laddr.port == port and connection.pid
        )
        return f" by {psutil.Process(pid).name()} (process {pid})"
    except (StopIteration, psutil.Error):
        return ""
