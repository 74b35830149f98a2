"""A version of the model: what it is, who vouches for it, and where its archive is."""

import hashlib
import hmac
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# The version becomes a part of a file's name and of TorchServe's addresses.
Version = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Identity(BaseModel):
    """A version by its name, its sha256, and the signature of whoever published it."""

    model_config = ConfigDict(frozen=True)

    name: str
    version: Version
    sha256: Digest
    signature: str | None = None

    def is_signed_with(self, key: bytes) -> bool:
        """Return whether the signature is the one that the holders of `key` make."""
        text = f"{self.name}\n{self.version}\n{self.sha256}"
        right = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        return hmac.compare_digest(right.encode(), (self.signature or "").encode())


class WantedModel(Identity):
    """The version to serve, whose archive is at `uri`."""

    uri: str
