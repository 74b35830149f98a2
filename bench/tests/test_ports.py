import socket
from pathlib import Path

import pytest
from bench.ports import free_ports

pytestmark = pytest.mark.integration


OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")


@pytest.mark.skipif(not OUTGOING.exists(), reason="only Linux says which ports those are")
def test_no_outgoing_connection_is_given_such_a_port() -> None:
    first, _ = OUTGOING.read_text().split()
    assert max(free_ports(100)) < int(first)


def test_a_port_is_given_once_and_can_be_listened_on() -> None:
    ports = free_ports(100) + free_ports(100)
    assert len(set(ports)) == 200
    servers = [socket.create_server(("127.0.0.1", port)) for port in ports]
    for server in servers:
        server.close()
