"""The model store: archives under names of version and digest, in a folder or wherever fsspec goes.

An archive there is never changed. It is written under another name first, so that one under its own
name is whole.
"""

from pathlib import Path
from typing import Any

import fsspec

from trainer.errors import PublishError
from trainer.files import replace_file
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


def fetch(uri: str, sha256: str, target: Path) -> None:
    """Copy the archive at `uri` to `target`, which appears whole or not at all.

    Raises:
        PublishError: it cannot be read, or is not what was registered.
    """
    with replace_file(target) as beside:
        try:
            files, path = fsspec.core.url_to_fs(uri)
            files.get_file(path, str(beside))
        except Exception as error:  # Every kind of store has errors of its own.
            raise PublishError(f"cannot read {uri} from the model store: {error}") from error
        with beside.open("rb") as stream:
            found = sha256_of(stream)
        if found != sha256:
            raise PublishError(f"{uri} has not the sha256 that it is registered with")


def _copy(files: Any, archive: Path, target: str, sha256: str) -> None:  # noqa: ANN401  # fsspec has no types.
    # On S3 there are no folders, and a bucket whose name is mistyped would be made.
    if "s3" not in files.protocol:
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
