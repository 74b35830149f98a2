"""The model versions in the review API, as far as publishing needs them."""

from dataclasses import dataclass, field
from typing import Any

import requests

from trainer.errors import PublishError
from trainer.gate.report import Report
from trainer.published import PublishedModel

VERSIONS = "/api/model-versions"
PATIENCE = 30.0
"""Seconds to wait for an answer."""


@dataclass(frozen=True)
class InProduction:
    """The version in production: where its archive is, and what it has to be."""

    version: str
    uri: str
    sha256: str


@dataclass(frozen=True)
class Registry:
    """The API at `url`; the token has to have the scopes models:read and models:write."""

    url: str
    token: str = field(repr=False)

    def production(self) -> InProduction | None:
        """Return what production is, or None where nothing is.

        Raises:
            PublishError: the API does not say.
        """
        response = self._call("GET", "/api/model-aliases/production")
        if response.status_code == requests.codes.not_found:
            return None
        model = _checked(response).json()["model"]
        return InProduction(**{name: model[name] for name in ("version", "uri", "sha256")})

    def register(self, model: PublishedModel, uri: str, parent: str | None) -> bool:
        """Tell the API of a version; return whether it is new there.

        `parent` is the version that production is meanwhile.

        Raises:
            PublishError: the API has the version with another content, or refuses it.
        """
        body = {**model.as_dict(), "uri": uri, **({"parent": parent} if parent else {})}
        response = self._call("POST", VERSIONS, body)
        if response.status_code == requests.codes.conflict:
            raise PublishError(
                f"{model.title} is registered with another content: "
                "archive this one under another --version"
            )
        return bool(_checked(response).status_code == requests.codes.created)

    def report(self, model: PublishedModel, report: Report) -> None:
        """Tell the API what the gate found of a version.

        Raises:
            PublishError: the API refuses.
        """
        path = f"{VERSIONS}/{model.name}/{model.version}/gate-reports"
        _checked(self._call("POST", path, report.as_dict()))

    def set_alias(self, alias: str, model: PublishedModel) -> str:
        """Have `alias` mean this version; return what it means now.

        Raises:
            PublishError: the API refuses, such as when the gate has not passed the version.
        """
        body = {"name": model.name, "version": model.version}
        now = _checked(self._call("PUT", f"/api/model-aliases/{alias}", body)).json()["model"]
        return f"{now['name']} {now['version']}"

    def _call(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.url}{path}"
        try:
            return requests.request(method, url, json=body, headers=headers, timeout=PATIENCE)
        except requests.RequestException as error:
            raise PublishError(f"the review API at {self.url} does not answer") from error


def _checked(response: requests.Response) -> requests.Response:
    if response.ok:
        return response
    said = " ".join(response.text.split())[:300]
    raise PublishError(f"the review API refuses ({response.status_code}): {said}")
