"""Calls of a cluster's API: JSON as it is, and errors as a `JobsError`.

The client library brings the address, the certificates and the tokens, which it reads again when
they change. Its models are left out: they refuse what they do not know, so that a job could not be
started on a cluster that is newer than the library.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from kubernetes import client, config
from urllib3.exceptions import HTTPError

from review_api.jobs.interface import (
    BusyError,
    JobsAwayError,
    JobsError,
    RefusedError,
    UnknownJobError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Json = dict[str, Any]

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
TIMEOUT = (3.0, 10.0)
"""Seconds to connect, and between two pieces of an answer."""

PIECE = 32 * 1024


class ClusterClient:
    """The calls that jobs need, in one namespace."""

    def __init__(self, api: Any, namespace: str) -> None:  # noqa: ANN401 (the library ships no types)
        self._api = api
        self._core = f"/api/v1/namespaces/{quote(namespace, safe='')}"
        self._batch = f"/apis/batch/v1/namespaces/{quote(namespace, safe='')}"

    def cron_jobs(self, selector: str) -> list[Json]:
        """Return the CronJobs with labels."""
        return self._list(f"{self._batch}/cronjobs", labelSelector=selector)

    def jobs(self, selector: str) -> list[Json]:
        """Return the Jobs with labels."""
        return self._list(f"{self._batch}/jobs", labelSelector=selector)

    def job(self, name: str) -> Json:
        """Return a Job."""
        return self._json("GET", f"{self._batch}/jobs/{quote(name, safe='')}")

    def create_job(self, job: Json) -> Json:
        """Create a Job; return it as the cluster has it."""
        return self._json("POST", f"{self._batch}/jobs", body=job)

    def delete_job(self, name: str) -> None:
        """Delete a Job; it goes when its pods have ended."""
        options = {"propagationPolicy": "Foreground"}
        self._json("DELETE", f"{self._batch}/jobs/{quote(name, safe='')}", body=options)

    def pods(self, selector: str) -> list[Json]:
        """Return the pods with labels."""
        return self._list(f"{self._core}/pods", labelSelector=selector)

    def warnings(self) -> list[Json]:
        """Return the events that are warnings."""
        return self._list(f"{self._core}/events", fieldSelector="type=Warning")

    def log(self, pod: str, container: str, **options: str | int | None) -> Iterator[bytes]:
        """Yield the lines that a container has written, each after its time."""
        given = {name: value for name, value in options.items() if value is not None}
        query = {"container": container, "timestamps": "true", **given}
        answer = self._request("GET", f"{self._core}/pods/{quote(pod, safe='')}/log", query)
        try:
            yield from _lines(answer.stream(PIECE))
        except HTTPError as error:
            raise _silent(error) from None
        finally:
            answer.close()

    def _list(self, path: str, **query: str) -> list[Json]:
        items: list[Json] = self._json("GET", path, query)["items"]
        return items

    def _json(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: Json | None = None,
    ) -> Json:
        answer = self._request(method, path, query, body)
        try:
            found: Json = json.loads(answer.data)
        except HTTPError as error:
            raise _silent(error) from None
        finally:
            answer.release_conn()
        return found

    def _request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: Json | None = None,
    ) -> Any:  # noqa: ANN401 (the library ships no types)
        """Return urllib3's answer, unread."""
        address = f"{path}?{urlencode(query)}" if query else path
        headers = {"Content-Type": "application/json", "Accept": "*/*"}
        try:
            request = self._api.param_serialize(
                method, address, header_params=headers, body=body, auth_settings=["BearerToken"]
            )
            answer = self._api.call_api(*request, _request_timeout=TIMEOUT)
            if answer.status >= HTTPStatus.BAD_REQUEST:
                raise _error(answer.status, answer.read())
        except (HTTPError, client.ApiException, OSError) as error:
            raise _silent(error) from None
        return answer.response


def _lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line + b"\n" for line in whole)
    if rest:
        yield rest


def _error(status: int, body: bytes) -> JobsError:
    """Return what an error status means for jobs."""
    try:
        message = str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        message = body.decode(errors="replace").strip()[:200] or f"status {status}"
    if status == HTTPStatus.NOT_FOUND:
        return UnknownJobError(message)
    if status == HTTPStatus.CONFLICT:
        return BusyError(message)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        return JobsAwayError(f"the cluster cannot answer: {message}")
    return RefusedError(f"the cluster refuses: {message}")


def _silent(error: Exception) -> JobsAwayError:
    reason = getattr(error, "reason", None) or error
    return JobsAwayError(f"the cluster does not answer: {reason}")


def connected(namespace: str | None) -> ClusterClient:
    """Return a client of the cluster that we run in, else of the one that KUBECONFIG names.

    Raises:
        JobsAwayError: when there is none.
    """
    settings = client.Configuration()
    settings.retries = 1
    try:
        if (SERVICE_ACCOUNT / "token").exists():
            config.load_incluster_config(client_configuration=settings)  # type: ignore[no-untyped-call]  # It ships none.
        else:
            config.load_kube_config(client_configuration=settings)  # type: ignore[no-untyped-call]  # It ships none.
        name = namespace or (SERVICE_ACCOUNT / "namespace").read_text().strip()
    except (config.ConfigException, OSError) as error:
        message = f"no cluster is known: {error}"
        raise JobsAwayError(message) from None
    return ClusterClient(client.ApiClient(settings), name)
