"""The calls to the review API that store companies and reviews."""

from collections.abc import Sequence

import requests

from review_scraper.items import Kind

CALLS: dict[Kind, tuple[str, str, str]] = {
    "company": ("PUT", "/api/companies", "companies"),
    "review": ("POST", "/api/scraped-reviews", "reviews"),
}
TIMEOUT = 30.0
LATER = {408, 425, 429}
BAD_BATCH = {400, 413, 422}


class ApiAwayError(Exception):
    """The API does not answer, or not now; later it may."""


class ApiRefusesError(Exception):
    """The API takes nothing from us; only a person can change that."""


class BatchRefusedError(Exception):
    """Something in a batch is not acceptable."""


class ApiClient:
    """Sends batches; each call either stores the whole batch or raises."""

    def __init__(self, address: str, token: str | None) -> None:
        self._address = address.rstrip("/")
        self._session = requests.Session()
        self._session.headers["Content-Type"] = "application/json"
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def send(self, kind: Kind, bodies: Sequence[str]) -> None:
        """Store items, given as JSON.

        Raises:
            ApiAwayError: nothing is known to be stored; send the same again later.
            ApiRefusesError: nothing will be stored until the settings are right.
            BatchRefusedError: nothing was stored because of an item of this batch.
        """
        method, path, name = CALLS[kind]
        body = f'{{"{name}":[{",".join(bodies)}]}}'.encode()
        try:
            answer = self._session.request(
                method, self._address + path, data=body, timeout=TIMEOUT, allow_redirects=False
            )
        except requests.RequestException as error:
            raise ApiAwayError(type(error).__name__) from error
        _check(answer)


def _check(answer: requests.Response) -> None:
    if answer.ok and not answer.is_redirect:
        return
    reason = f"status {answer.status_code}: {_detail(answer)}"
    if answer.status_code in BAD_BATCH:
        raise BatchRefusedError(reason)
    if answer.status_code in LATER or answer.status_code >= 500:  # noqa: PLR2004 (server errors)
        raise ApiAwayError(reason)
    raise ApiRefusesError(reason)


def _detail(answer: requests.Response) -> str:
    try:
        return str(answer.json()["detail"])[:200]
    except (ValueError, KeyError, TypeError):
        return str(answer.reason)
