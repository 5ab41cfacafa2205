"""Config files as they are on disk: read byte for byte, replaced in one step."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from niceml_engine.config.text.limits import MAX_BYTES, MB
from niceml_engine.errors import ConfigError, no_file_reason, os_reason
from niceml_engine.protocol.configs import FileText


def read_file(file: str | Path) -> FileText:
    """Reads a text file byte for byte: line breaks and byte order mark stay in the text.

    Raises:
        ConfigError: It cannot be read, is too large, or is no text.
    """
    path = Path(file)
    if reason := no_file_reason(str(path)):
        raise ConfigError(f"the file cannot be read: {reason}", file=str(path))
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            limit = f"{MAX_BYTES // MB} MB"
            raise ConfigError(f"the file is larger than {limit}, the limit for a config", file=str(path))
        data = path.read_bytes()
    except OSError as error:
        message = f"the file cannot be read: {os_reason(error)}"
        raise ConfigError(message, file=str(path), details=repr(error)) from error
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigError("the file is no UTF-8 text", file=str(path), line=line, details=repr(error)) from error
    if "\0" in text:
        raise ConfigError("the file is binary, not YAML", file=str(path))
    return FileText(str(path), text, _digest(data))


@dataclass(frozen=True)
class Swap:
    """A new text that lies beside its file, ready to take its place in one step.

    Whoever reads the file sees the old or the new text, never half of one. A file keeps its mode, and a link its goal.

    Attributes:
        file: The file.
        temporary: Where the new text lies; empty if the file is to be deleted.
    """

    file: Path
    temporary: str

    @classmethod
    def prepare(cls, file: str | Path, text: str | None) -> Swap:
        """Lays a text beside the file that will hold it.

        Args:
            file: Where; folders that it lacks are made.
            text: All of the new text; `None` to delete the file.

        Raises:
            ConfigError: It cannot be written there.
        """
        if text is None:
            return cls(Path(file), "")
        path = Path(file).resolve()
        with _writing(path):
            mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_umask()
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
            try:
                with os.fdopen(handle, "wb") as opened:
                    opened.write(text.encode())
                    opened.flush()
                    os.fsync(opened.fileno())
                os.chmod(name, mode)
            except BaseException:
                os.unlink(name)
                raise
        return cls(path, name)

    def do(self) -> None:
        """Puts the text into place, or deletes the file.

        Raises:
            ConfigError: It cannot be done.
        """
        with _writing(self.file):
            if self.temporary:
                os.replace(self.temporary, self.file)
            else:
                self.file.unlink(missing_ok=True)
            folder = os.open(self.file.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def clear(self) -> None:
        """Removes the text that lies beside the file, if it is still there."""
        if self.temporary:
            with suppress(OSError):
                os.unlink(self.temporary)


def lacking(file: str | Path) -> str:
    """The outermost folder that is to be made for a file; empty if its folder is there."""
    return next((str(folder) for folder in reversed(Path(file).parents) if not folder.exists()), "")


def remove_empty(folder: Path, last: Path) -> None:
    """Removes a folder, and those around it up to the last one, as far as nothing lies in them."""
    with suppress(OSError):  # something does, or somebody else was quicker
        for one in (folder, *folder.parents):
            if one.is_relative_to(last):
                one.rmdir()


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"the file cannot be written: {os_reason(error, 'no folder can be made there')}"
        raise ConfigError(message, file=str(path), details=repr(error)) from error


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
