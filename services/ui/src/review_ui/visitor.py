"""Who is at the other end of the request that is being answered."""

from ipaddress import ip_address

from flask import Request

from review_ui.api_client import Visitor

# The review API keeps no longer ones.
LONGEST_USER_AGENT = 1000


def visitor_of(request: Request) -> Visitor:
    """The visitor, whose address comes through as many proxies as are trusted."""
    user_agent = request.user_agent.string[:LONGEST_USER_AGENT]
    return Visitor(_address(request.remote_addr), user_agent or None)


def _address(text: str | None) -> str | None:
    """The address in its usual form; None if a proxy sent something else."""
    try:
        return str(ip_address(text or ""))
    except ValueError:
        return None
