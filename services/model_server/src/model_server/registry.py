"""What the review API says is in production."""

from dataclasses import dataclass, field
from typing import Annotated

import requests
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from model_server.calls import call, reason, words_of

ALIAS = "production"
PATIENCE = 5.0
"""Seconds to wait for an answer."""

# The version becomes a part of a file's name and of TorchServe's addresses.
Version = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class RegistryError(RuntimeError):
    """The review API does not say what is in production; the message says why."""


class ProductionModel(BaseModel):
    """A version of the model: where its archive is, and what its sha256 must be."""

    model_config = ConfigDict(frozen=True)

    version: Version
    uri: str
    sha256: Digest


class _Alias(BaseModel):
    model: ProductionModel


@dataclass(frozen=True)
class Registry:
    """The model versions in the review API."""

    url: str
    token: str = field(repr=False)

    def production(self) -> ProductionModel | None:
        """Return the model that should be served, None where that is not set.

        Raises:
            RegistryError: the API does not say.
        """
        address = f"{self.url}/api/model-aliases/{ALIAS}"
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


def _read(body: bytes) -> ProductionModel:
    try:
        return _Alias.model_validate_json(body).model
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()
        )
        raise RegistryError(f"the review API's answer cannot be used: {wrong}") from error
