"""One experiment folder, wherever it lies.

Paths inside it are relative and use `/`. Local folders and buckets are used through the same fsspec calls.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from niceml_engine.errors import StoreError, os_reason
from niceml_engine.store.location import Location

NO_FOLDER = "no folder can be made there; choose another place"


class ExperimentFolder:
    """Reads and writes the files of one experiment.

    Args:
        location: The folder itself, not its parent.
    """

    def __init__(self, location: Location) -> None:
        self.location = location
        self._system, self._base = location.open()

    @property
    def uri(self) -> str:
        """Where the folder is."""
        return self.location.uri

    @property
    def name(self) -> str:
        """The folder's own name."""
        return self.location.uri.rstrip("/").rsplit("/", 1)[-1]

    def path(self, name: str) -> str:
        """The path of a file in the folder's file system."""
        return f"{self._base}/{name}" if name else self._base

    def write(self, name: str, content: bytes | str) -> int:
        """Writes a file, making its folders, and returns its size in bytes.

        Raises:
            StoreError: The location cannot be written.
        """
        data = content.encode() if isinstance(content, str) else content
        with self._errors(f"cannot write {name}", NO_FOLDER):
            self._system.makedirs(self.path(name).rsplit("/", 1)[0], exist_ok=True)
            self._system.pipe_file(self.path(name), data)
        return len(data)

    def read(self, name: str) -> bytes:
        """Reads a whole file.

        Raises:
            StoreError: There is no such file, or it cannot be read.
        """
        with self._errors(f"cannot read {name}"):
            content: bytes = self._system.cat_file(self.path(name))
        return content

    def version(self, name: str) -> str:
        """A text that is another one once the file has been written again.

        Raises:
            StoreError: There is no such file, or it cannot be looked at.
        """
        with self._errors(f"cannot read {name}"):
            self._system.invalidate_cache()
            return str(self._system.ukey(self.path(name)))

    def exists(self, name: str) -> bool:
        """Whether a file or folder is there."""
        with self._errors(f"cannot look for {name}"):
            return bool(self._system.exists(self.path(name)))

    def files(self, name: str = "") -> list[str]:
        """All files at or below a folder, sorted, relative to the experiment."""
        with self._errors(f"cannot list {name or 'the folder'}"):
            self._system.invalidate_cache()
            found = self._system.find(self.path(name))
        # An emptied folder of a bucket may list itself.
        return sorted(path[len(self._base) + 1 :] for path in found if len(path) > len(self._base) + 1)

    def upload(self, local: str | Path, name: str) -> int:
        """Copies a local file into the folder and returns its size in bytes."""
        with self._errors(f"cannot write {name}", NO_FOLDER):
            self._system.makedirs(self.path(name).rsplit("/", 1)[0], exist_ok=True)
            self._system.put_file(str(local), self.path(name))
        return Path(local).stat().st_size

    def delete(self, name: str = "") -> None:
        """Deletes a folder in it, or the whole, with all that is inside; what is not there counts as deleted."""
        with self._errors(f"cannot delete {name or 'the folder'}"):
            if self._system.exists(self.path(name)):
                self._system.rm(self.path(name), recursive=True)

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """A local path of a file: its own where the experiment is local, else a copy that goes away again."""
        if self.location.is_local:
            yield Path(self.path(name))
            return
        folder = Path(tempfile.mkdtemp(prefix="niceml-"))
        try:
            copy = folder / Path(name).name
            with self._errors(f"cannot read {name}"):
                self._system.get_file(self.path(name), str(copy))
            yield copy
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _errors(self, what: str, missing: str = "it is not there") -> Iterator[None]:
        try:
            yield
        except Exception as error:  # each file system passes on what its client library raises
            reason = os_reason(error, missing) if isinstance(error, OSError) else str(error)
            raise StoreError(f"{what} in {self.uri}: {reason}", details=repr(error)) from error
