"""The archives that one TorchServe may load: a folder of its own under its home.

Beside them is a note of the archive that was made the default last, so that a TorchServe which
starts alone goes on with it.
"""

import hashlib
import json
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from model_server.versions import Identity

MODEL = "sentiment"
"""The name under which TorchServe has the model."""


@dataclass(frozen=True)
class Store:
    """The folder, and the note, under TorchServe's home."""

    home: Path
    _digests: dict[tuple[str, int, int], str] = field(default_factory=dict, compare=False)
    """Of files as they were when they were read: name, size and time of change."""

    @property
    def folder(self) -> Path:
        """Where the archives are."""
        return self.home / "store"

    @property
    def _note(self) -> Path:
        return self.home / "served.json"

    def take(self, archive: Path) -> None:
        """Copy an archive from elsewhere, under its own name."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with replace_file(self.folder / archive.name) as beside:
            shutil.copyfile(archive, beside)

    def digest(self, name: str) -> str | None:
        """Return the sha256 of the archive of that name, None where there is none."""
        path = self.folder / name
        try:
            found = path.stat()
            key = (name, found.st_size, found.st_mtime_ns)
            if key not in self._digests:
                self._digests[key] = sha256_of(path)
        except OSError:
            return None
        return self._digests[key]

    def note_served(self, name: str, identity: Identity) -> None:
        """Write down what a TorchServe that starts alone should serve."""
        fields = identity.model_dump(include=set(Identity.model_fields))
        text = json.dumps({"archive": name, **fields}) + "\n"
        if not self._note.is_file() or self._note.read_text(encoding="utf-8") != text:
            with replace_file(self._note) as beside:
                beside.write_text(text, encoding="utf-8")

    def last_served(self, signing_key: bytes | None = None) -> str | None:
        """Return the name of the archive that was served last, if it is there unharmed.

        Where there is a key, the archive must have been signed with it, too.
        """
        try:
            noted = json.loads(self._note.read_text(encoding="utf-8"))
            name, sha256 = noted["archive"], noted["sha256"]
        except (OSError, ValueError, LookupError, TypeError):
            return None
        if not isinstance(name, str) or self.digest(name) != sha256:
            return None
        return name if signing_key is None or _is_signed(noted, signing_key) else None

    def tidy(self, keep: Collection[str]) -> None:
        """Remove the fetched archives that nobody needs, and what a killed fetch left."""
        for path in self.folder.glob(f"{MODEL}-*.mar"):
            if path.name not in keep:
                path.unlink(missing_ok=True)
        for path in self.folder.glob(f".{MODEL}-*.part"):
            path.unlink(missing_ok=True)


def fetched_name(version: str, sha256: str) -> str:
    """Return the file name of a fetched archive; no two contents have the same."""
    return f"{MODEL}-{version}-{sha256[:12]}.mar"


def _is_signed(noted: object, key: bytes) -> bool:
    try:
        return Identity.model_validate(noted).is_signed_with(key)
    except ValidationError:
        return False


def sha256_of(path: Path) -> str:
    """Return a file's sha256 in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Give a path to write to; it becomes `path` only when the block ends well."""
    beside = path.with_name(f".{path.name}.part")
    try:
        yield beside
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
