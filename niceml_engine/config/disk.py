"""Config files as they are on disk: read byte for byte, replaced in one step."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from niceml_engine.config.files import MAX_BYTES
from niceml_engine.errors import ConfigError
from niceml_engine.protocol.configs import FileText


def read_file(file: str | Path) -> FileText:
    """Reads a text file byte for byte: line breaks and byte order mark stay in the text.

    Raises:
        ConfigError: It cannot be read, is too large, or is no text.
    """
    path = Path(file)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            limit = f"{MAX_BYTES >> 20} MB"
            raise ConfigError(f"the file is larger than {limit}, the limit for a config", file=str(path))
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"the file cannot be read: {error.strerror}", file=str(path), details=repr(error)) from error
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigError("the file is no UTF-8 text", file=str(path), line=line, details=repr(error)) from error
    if "\0" in text:
        raise ConfigError("the file is binary, not YAML", file=str(path))
    return FileText(str(path), text, _digest(data))


def write_file(file: str | Path, text: str, digest: str | None) -> FileText:
    """Replaces a file in one step, keeping its mode; whoever reads it sees the old or the new one, never half.

    Args:
        file: Where; a link is followed.
        text: All of the new text.
        digest: What `read_file` said of the old one; `None` for a file that must not exist yet.

    Raises:
        ConfigError: The file was changed in the meantime, exists already, or cannot be written.
    """
    path = Path(file).resolve()
    data = text.encode()
    try:
        old = path.read_bytes() if path.exists() else None
        if digest is None and old is not None:
            raise ConfigError("the file exists already; choose another name", file=str(path))
        if digest is not None and (old is None or _digest(old) != digest):
            raise ConfigError("the file was changed on disk since it was read; load it again", file=str(path))
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, data, stat.S_IMODE(path.stat().st_mode) if old is not None else None)
    except OSError as error:
        message = f"the file cannot be written: {error.strerror}"
        raise ConfigError(message, file=str(path), details=repr(error)) from error
    return FileText(str(path), text, _digest(data))


def _replace(path: Path, data: bytes, mode: int | None) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode if mode is not None else 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
