"""One way to call another service: with the request's id, a time limit and a measurement."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from types import MappingProxyType

import requests
import structlog
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from review_ui.logs import REQUEST_ID_HEADER, current_request_id
from review_ui.metrics import UPSTREAM_SECONDS

# What goes into a query string; a list repeats its name.
Query = Mapping[str, str | int | Sequence[str]]

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})

_log = structlog.stdlib.get_logger(__name__)


class UnavailableError(Exception):
    """The other service gave no answer, or none that can be used."""


class RefusedError(Exception):
    """The other service said no: `status` 4xx, its `reason`, seconds until `retry_after`.

    `problem` is the whole of what it said, where that was an object.
    """

    def __init__(
        self,
        status: int,
        problem: Mapping[str, object],
        retry_after: str | None = None,
    ) -> None:
        self.status = status
        self.reason = str(problem.get("detail") or problem.get("error") or "no reason given")
        self.problem = problem
        self.retry_after = retry_after
        super().__init__(f"{status}: {self.reason}")


@dataclass(frozen=True)
class Upstream:
    """Another service by its `name`, its address without a slash at the end, and its session."""

    name: str
    base_url: str
    timeout: float
    session: requests.Session

    def call(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        params: Query | None = None,
        headers: Mapping[str, str] = _NO_HEADERS,
        stream: bool = False,
    ) -> requests.Response:
        """Call the service; with `stream`, the body is read only as it is asked for.

        Raises:
            UnavailableError: no answer in time, or a 5xx.
            RefusedError: a 4xx.
        """
        started = time.perf_counter()
        outcome = "none"
        try:
            response = self.session.request(
                method,
                self.base_url + path,
                json=json,
                params=params,
                headers={REQUEST_ID_HEADER: current_request_id(), **headers},
                timeout=self.timeout,
                stream=stream,
            )
            outcome = str(response.status_code)
        except requests.RequestException as error:
            _log.warning("no answer", service=self.name, path=path, error=str(error))
            raise UnavailableError(self.name) from error
        finally:
            UPSTREAM_SECONDS.labels(self.name, outcome).observe(time.perf_counter() - started)
        return self._checked(response, path)

    def _checked(self, response: requests.Response, path: str) -> requests.Response:
        if response.ok:
            return response
        status, problem = response.status_code, _problem(response)
        refusal = RefusedError(status, problem, response.headers.get("Retry-After"))
        _log.warning("refused", service=self.name, path=path, status=status, reason=refusal.reason)
        if status >= requests.codes.server_error:
            raise UnavailableError(self.name)
        raise refusal


def connect(name: str, url: str, timeout: float, *, repeats: bool = True) -> Upstream:
    """An upstream at `url` with pooled connections.

    Without `repeats` nothing is sent twice, and therefore no connection is kept.
    """
    session = requests.Session()
    # The session is everybody's: an owner's cookie that it kept would go out with the
    # calls of all other people.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    # Proxies of the environment are for the outside world, not for the product's own parts.
    session.trust_env = False
    # A kept connection may close just as it is used. Most calls may be repeated: saving a
    # review has an idempotency key. An answer is an answer, though, also 429 and 503.
    retry = Retry(
        total=int(repeats), status=0, allowed_methods=None, respect_retry_after_header=False
    )
    if not repeats:
        session.headers["Connection"] = "close"
    session.mount(url, HTTPAdapter(pool_maxsize=32, max_retries=retry))
    return Upstream(name, url.rstrip("/"), timeout, session)


def _problem(response: requests.Response) -> Mapping[str, object]:
    """What a refusal's body says, which is an object in all answers of our own services."""
    try:
        body = response.json()
    except requests.JSONDecodeError:
        return {"detail": response.reason}
    return body if isinstance(body, dict) else {}
