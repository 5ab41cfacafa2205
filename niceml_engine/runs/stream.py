"""Writing and reading a run's event stream: append-only JSON lines on the worker's own disk."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path
from time import time

import msgspec

from niceml_engine.errors import StoreError, os_reason
from niceml_engine.events import Event

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


class StreamWriter:
    """Appends events to a file; may be called from any thread.

    A line is handed to the operating system before `emit` returns, so that it survives the death of the process.

    Args:
        path: The stream. A torn last line of an earlier writer is closed, and `seq` goes on.
    """

    def __init__(self, path: str | Path) -> None:
        self.op = ""
        self._path = path
        self._lock = threading.Lock()
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        rows = StreamReader(path).read()
        self._seq = rows[-1].seq if rows else 0
        self._torn = not _ends_with_newline(path)

    def emit(self, event: Event) -> Event:
        """Appends an event, and returns it with its number, time and op.

        Raises:
            StoreError: The disk is full or gone.
        """
        with self._lock:
            self._seq += 1
            full = msgspec.structs.replace(event, seq=self._seq, time=time(), op=event.op or self.op)
            self._append(_encoder.encode(full) + b"\n")
        return full

    def repeat(self, event: Event) -> Event:
        """Appends an event of another stream with a number of its own; its time and op stay.

        Raises:
            StoreError: The disk is full or gone.
        """
        with self._lock:
            self._seq += 1
            again = msgspec.structs.replace(event, seq=self._seq)
            self._append(_encoder.encode(again) + b"\n")
        return again

    def close(self) -> None:
        """Closes the file; later events are an error."""
        os.close(self._file)

    def _append(self, line: bytes) -> None:
        try:
            if self._torn:
                os.write(self._file, b"\n")
                self._torn = False
            # A disk that fills up takes a part of the line without complaint.
            written = os.write(self._file, line)
            self._torn = written < len(line)
            if self._torn:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise StoreError(f"cannot write {self._path}: {os_reason(error)}", details=repr(error)) from error


class StreamReader:
    """Reads a stream from its start and then, call by call, what has been added.

    Args:
        path: The stream; it need not exist yet.
        after: Rows up to this number are left out.
    """

    def __init__(self, path: str | Path, after: int = 0) -> None:
        self._path = Path(path)
        self._offset = 0
        self._after = after
        self.garbage = 0  #: lines that could not be read, so far

    def read(self, limit: int = 64 * 1024 * 1024) -> list[Event]:
        """Returns the rows that are new and complete; a torn last line waits for its end.

        Args:
            limit: Bytes to read at most; call again until the list is empty.
        """
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                data = file.read(limit)
        except FileNotFoundError:
            return []
        end = data.rfind(b"\n") + 1
        self._offset += end
        rows: list[Event] = []
        for line in data[:end].splitlines():
            if not line:
                continue
            try:
                event = _decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError):
                self.garbage += 1
                continue
            if event.seq > self._after:
                self._after = event.seq
                rows.append(event)
        return rows


def _ends_with_newline(path: str | Path) -> bool:
    with open(path, "rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
