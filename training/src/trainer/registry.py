"""The model versions in the review API, as far as publishing needs them."""

from dataclasses import dataclass, field
from typing import Any

import requests

from trainer.errors import PublishError
from trainer.published import PublishedModel

PATIENCE = 30.0
"""Seconds to wait for an answer."""


@dataclass(frozen=True)
class Registry:
    """The API at `url`; the token has to have the scope models:write."""

    url: str
    token: str = field(repr=False)

    def register(self, model: PublishedModel, uri: str) -> bool:
        """Tell the API of a version; return whether it is new there.

        Raises:
            PublishError: the API has the version with another content, or refuses it.
        """
        body = {**model.as_dict(), "uri": uri}
        response = self._call("POST", "/api/model-versions", body)
        if response.status_code == requests.codes.conflict:
            raise PublishError(
                f"{model.title} is registered with another content: "
                "archive this one under another --version"
            )
        return bool(_checked(response).status_code == requests.codes.created)

    def set_alias(self, alias: str, model: PublishedModel) -> str:
        """Have `alias` mean this version; return what it means now.

        Raises:
            PublishError: the API refuses.
        """
        body = {"name": model.name, "version": model.version}
        now = _checked(self._call("PUT", f"/api/model-aliases/{alias}", body)).json()["model"]
        return f"{now['name']} {now['version']}"

    def _call(self, method: str, path: str, body: dict[str, Any]) -> requests.Response:
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
