"""What is published of an archive: its identity, and what its card tells of its making."""

import hashlib
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from trainer.errors import PublishError

PIECE = 1024 * 1024
"""Bytes read at a time."""


@dataclass(frozen=True)
class PublishedModel:
    """An archive's name and version, its sha256, and figures where there is a card."""

    name: str
    version: str
    sha256: str
    metrics: dict[str, Any] | None = None
    data_digest: str | None = None
    code_revision: str | None = None

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
    """Return what there is to tell of an archive.

    Raises:
        PublishError: it is none, or the card beside it is that of another one.
    """
    name, version = _identity(archive)
    card = _card(archive.with_suffix(".json"), version)
    with archive.open("rb") as stream:
        return PublishedModel(name, version, sha256_of(stream), **card)


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


def _card(path: Path, version: str) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        told = {
            "metrics": {"precision": card["precision"], **card["metrics"][card["precision"]]},
            "data_digest": card["data_sha256"],
            "code_revision": card["code_revision"],
        }
    except (ValueError, LookupError, TypeError) as error:
        raise PublishError(f"{path} is no card of a model") from error
    if card["version"] != version:
        raise PublishError(
            f"{path} is the card of version {card['version']}, not of {version}: archive it again"
        )
    return told
