"""Puts the parts of the site together and serves them until it is told to stop."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final, cast

from twisted.internet.error import CannotListenError
from twisted.web.server import Site as Factory

from demo_site.answers import Answers
from demo_site.config import Config, Serving
from demo_site.rate_limit import RateLimit
from demo_site.request_log import RequestLog
from demo_site.server import SiteResource
from demo_site.site import Site

ANNOUNCEMENT: Final = "demo site: "
HOST, ELSEWHERE = "127.0.0.1", "127.0.0.2"


class DemoSiteError(Exception):
    """Why the site cannot be served, for people to read."""


class QuietFactory(Factory):
    """Twisted's server without its own log of requests: the site keeps a record itself."""

    def log(self, request: object) -> None:
        """Log nothing."""


def serve(config: Config, serving: Serving, announce: Callable[[str], None]) -> None:
    """Serve the site until SIGINT or SIGTERM; `announce` is told once it listens."""
    # Twisted makes its reactor when the module is imported; neither it nor the factory has types.
    reactor = cast("Any", import_module("twisted.internet.reactor"))
    log = RequestLog(serving.log)
    factory = cast("Any", QuietFactory)(None)
    try:
        port = reactor.listenTCP(serving.port, factory, interface=HOST).getHost().port
        if "elsewhere" in config.hazards:
            reactor.listenTCP(port, factory, interface=ELSEWHERE)
    except CannotListenError as error:
        reason = error.socketError.strerror or error.socketError
        place = f"{error.interface}:{error.port}"
        raise DemoSiteError(f"cannot listen on {place}: {reason}") from error
    base = f"http://{HOST}:{port}"
    answers = Answers(Site(config), base, serving.crawl_delay)
    factory.resource = SiteResource(
        answers, log, RateLimit(serving.rate_limit), reactor, serving.delay
    )
    announce(ANNOUNCEMENT + base)
    reactor.run()
