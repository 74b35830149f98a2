"""Client addresses: where a request comes from, how it is kept and how it is counted."""

import ipaddress
from typing import Literal

from flask import request

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Policy = Literal["full", "truncated", "none"]

KEPT_BITS = {4: 24, 6: 48}
COUNTED_BITS = {4: 32, 6: 64}
"""A household's IPv6 line has 64 bits to choose addresses from; it counts as one client."""


def parse(text: str) -> Address:
    """Return an address without its zone, IPv4 also where it is written as IPv6.

    Raises:
        ValueError: when it is not an IP address.
    """
    address = ipaddress.ip_address(text.strip().partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address


def connection_address() -> Address | None:
    """Return the address of the client, as far as the trusted proxies say; None if unknown."""
    try:
        return parse(request.remote_addr or "")
    except ValueError:
        return None


def kept(address: Address | None, policy: Policy) -> str | None:
    """Return what is stored of an address."""
    if address is None or policy == "none":
        return None
    if policy == "full":
        return str(address)
    return str(_network(address, KEPT_BITS).network_address)


def counted(address: Address | None) -> str:
    """Return the name under which a client's requests are counted."""
    return "unknown" if address is None else str(_network(address, COUNTED_BITS))


def _network(
    address: Address, bits: dict[int, int]
) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(f"{address}/{bits[address.version]}", strict=False)
