"""What the review API says that an alias means."""

from dataclasses import dataclass, field

import requests
from pydantic import BaseModel, ValidationError

from model_server.calls import call, reason, words_of
from model_server.versions import WantedModel

PATIENCE = 5.0
"""Seconds to wait for an answer."""


class RegistryError(RuntimeError):
    """The review API does not say what the alias means; the message says why."""


class _Alias(BaseModel):
    model: WantedModel


@dataclass(frozen=True)
class Registry:
    """The model versions in the review API, seen through one alias."""

    url: str
    token: str = field(repr=False)
    alias: str = "production"

    def wanted(self) -> WantedModel | None:
        """Return the model that should be served, None where the alias means none.

        Raises:
            RegistryError: the API does not say.
        """
        address = f"{self.url}/api/model-aliases/{self.alias}"
        try:
            response = call("GET", address, PATIENCE, headers=self._headers)
        except requests.RequestException as error:
            raise RegistryError(f"the review API at {self.url}: {reason(error)}") from error
        if response.status_code == requests.codes.not_found:
            return None
        if not response.ok:
            raise RegistryError(f"the review API at {self.url} says {words_of(response)}")
        return _read(response.content)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def _read(body: bytes) -> WantedModel:
    try:
        return _Alias.model_validate_json(body).model
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()
        )
        raise RegistryError(f"the review API's answer cannot be used: {wrong}") from error
