"""The model store: archives under names of version and digest, in a folder or wherever fsspec goes.

An archive there is never changed. It is written under another name first, so that one under its own
name is whole.
"""

from pathlib import Path
from typing import Any

import fsspec

from trainer.errors import PublishError
from trainer.published import PublishedModel, sha256_of


def keep(archive: Path, model: PublishedModel, store: str) -> str:
    """Copy an archive into the store, if it is not there; return its address.

    Raises:
        PublishError: it cannot be copied.
    """
    try:
        files, folder = fsspec.core.url_to_fs(store)
        target = f"{folder.rstrip('/')}/{model.file_name}"
        if not (files.exists(target) and _sha256(files, target) == model.sha256):
            _copy(files, archive, target, model.sha256)
        return str(files.unstrip_protocol(target))
    except PublishError:
        raise
    except Exception as error:  # Every kind of store has errors of its own.
        raise PublishError(f"cannot write to the model store {store}: {error}") from error


def _copy(files: Any, archive: Path, target: str, sha256: str) -> None:  # noqa: ANN401  # fsspec has no types.
    files.makedirs(target.rpartition("/")[0], exist_ok=True)
    beside = f"{target}.part"
    try:
        files.put_file(str(archive), beside)
        if _sha256(files, beside) != sha256:
            raise PublishError(f"{archive} has changed meanwhile: publish it again")
        files.mv(beside, target)
    finally:
        if files.exists(beside):
            files.rm_file(beside)


def _sha256(files: Any, path: str) -> str:  # noqa: ANN401  # fsspec has no types.
    with files.open(path, "rb") as stream:
        return sha256_of(stream)
