"""Fetching an archive from the model store, whole and checked, or not at all."""

import hashlib
import json
import zipfile
from pathlib import Path
from typing import IO

import fsspec

from model_server.store import replace_file
from model_server.versions import WantedModel

PIECE = 1024 * 1024
"""Bytes read at a time."""


class ArtifactError(RuntimeError):
    """There is no archive to serve; the message says why."""


def fetch(model: WantedModel, target: Path, largest: int) -> None:
    """Copy the archive of `model` to `target`; `largest` is in bytes.

    Raises:
        ArtifactError: it cannot be read, is too large, or is not the one that was published.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with replace_file(target) as beside:
        sha256 = _copy(model.uri, beside, largest)
        if sha256 != model.sha256:
            raise ArtifactError(
                f"{model.uri} is not what was published: its sha256 is {sha256}, not {model.sha256}"
            )
        version = archived_version(beside)
        if version != model.version:
            raise ArtifactError(f"{model.uri} says it is version {version}, not {model.version}")


def archived_version(archive: Path) -> str:
    """Return the version in the manifest of a `.mar`.

    Raises:
        ArtifactError: it has none.
    """
    try:
        with zipfile.ZipFile(archive) as content:
            manifest = json.loads(content.read("MAR-INF/MANIFEST.json"))
        return str(manifest["model"]["modelVersion"])
    except (zipfile.BadZipFile, ValueError, LookupError, TypeError) as error:
        raise ArtifactError("the file is no archive of a model") from error


def _copy(uri: str, target: Path, largest: int) -> str:
    try:
        with fsspec.open(uri, "rb") as source, target.open("wb") as copy:
            return _pour(source, copy, largest)
    except ArtifactError:
        raise
    except Exception as error:  # Every kind of store has errors of its own.
        raise ArtifactError(f"{uri} cannot be read: {_why(error)}") from error


def _pour(source: IO[bytes], target: IO[bytes], largest: int) -> str:
    digest, size = hashlib.sha256(), 0
    while piece := source.read(PIECE):
        size += len(piece)
        if size > largest:
            raise ArtifactError(f"the archive is larger than {largest / 1e6:g} MB")
        digest.update(piece)
        target.write(piece)
    return digest.hexdigest()


def _why(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    return " ".join(str(error).split())[:200] or type(error).__name__
