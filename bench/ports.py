"""Finds ports for programs that may listen on any: for measurements and tests."""

import random
import socket

from candor_local.ports import HOST

# Below those from which systems serve outgoing connections and whoever asks for port 0 (Linux
# from 32768, macOS from 49152): a program that listens late would find one of those taken.
_RANGE = range(20_000, 30_000)
_untried = iter(random.sample(_RANGE, len(_RANGE)))


def free_ports(count: int) -> list[int]:
    """Return ports that nothing listens on; this process is never given one of them twice."""
    return [next(filter(_is_free, _untried)) for _ in range(count)]


def _is_free(port: int) -> bool:
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        return False
    return True
