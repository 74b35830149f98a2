"""What is published of an archive: its identity, and what its card tells of its making."""

import hashlib
import hmac
import json
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from trainer.errors import PublishError

PIECE = 1024 * 1024
"""Bytes read at a time."""


@dataclass(frozen=True)
class PublishedModel:
    """An archive's name and version, its sha256 and size, and how it was made where a card says.

    `rows` are the reviews that it was trained on by their file, `profile` is how these look
    (`trainer.data_profile`), `signature` is for those who serve it.
    """

    name: str
    version: str
    sha256: str
    size_bytes: int
    metrics: dict[str, Any] | None = None
    data_digest: str | None = None
    code_revision: str | None = None
    rows: dict[str, int] | None = None
    configuration: dict[str, Any] | None = None
    profile: dict[str, Any] | None = None
    signature: str | None = None

    @property
    def title(self) -> str:
        """The name and the version, for people."""
        return f"{self.name} {self.version}"

    @property
    def file_name(self) -> str:
        """What the archive is called in a store; no two contents have the same."""
        return f"{self.name}-{self.version}-{self.sha256[:12]}.mar"

    def as_dict(self) -> dict[str, Any]:
        """Return what the API is told, without what is not known."""
        return {name: value for name, value in vars(self).items() if value is not None}


def describe(archive: Path) -> PublishedModel:
    """Return what there is to tell of an archive, unsigned.

    Raises:
        PublishError: it is none, or the card beside it is that of another one.
    """
    name, version = _identity(archive)
    card = _card(archive, version)
    with archive.open("rb") as stream:
        return PublishedModel(name, version, sha256_of(stream), archive.stat().st_size, **card)


def signed(model: PublishedModel, key: str) -> PublishedModel:
    """Return the model with its signature by `key`, or as it is where the key is empty."""
    if not key:
        return model
    told = f"{model.name}\n{model.version}\n{model.sha256}".encode()
    return replace(model, signature=hmac.new(key.encode(), told, "sha256").hexdigest())


def sha256_of(stream: IO[bytes]) -> str:
    """Return the sha256 of what a stream has, in hexadecimal."""
    digest = hashlib.sha256()
    while piece := stream.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _identity(archive: Path) -> tuple[str, str]:
    try:
        with zipfile.ZipFile(archive) as content:
            model = json.loads(content.read("MAR-INF/MANIFEST.json"))["model"]
        return str(model["modelName"]), str(model["modelVersion"])
    except FileNotFoundError as error:
        raise PublishError(f"there is no {archive}: make one with training/archive.py") from error
    except (zipfile.BadZipFile, ValueError, LookupError, TypeError) as error:
        raise PublishError(f"{archive} is no archive of a model") from error


def read_card(archive: Path) -> dict[str, Any] | None:
    """Return the card beside an archive, or None where there is none.

    Raises:
        PublishError: what is there is no card.
    """
    path = archive.with_suffix(".json")
    if not path.is_file():
        return None
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise PublishError(f"{path} is no card of a model") from error
    if not isinstance(card, dict):
        raise PublishError(f"{path} is no card of a model")
    return card


def _card(archive: Path, version: str) -> dict[str, Any]:
    card, path = read_card(archive), archive.with_suffix(".json")
    if card is None:
        return {}
    try:
        told = {
            "metrics": {"precision": card["precision"], **card["metrics"][card["precision"]]},
            "data_digest": card["data_sha256"],
            "code_revision": card["code_revision"],
            "rows": {file: sides["training"] for file, sides in card["rows"].items()},
            "configuration": {"network": card["network"], **card["options"]},
            # Cards of before there were profiles have none: drift is not known then.
            "profile": card.get("profile"),
        }
    except (LookupError, TypeError, AttributeError) as error:
        raise PublishError(f"{path} is no card of a model") from error
    if card["version"] != version:
        raise PublishError(
            f"{path} is the card of version {card['version']}, not of {version}: archive it again"
        )
    return told
