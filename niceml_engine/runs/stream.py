"""Writing and reading a run's event stream: append-only JSON lines on the worker's own disk."""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import msgspec

from niceml_engine.columns import Rows, gather
from niceml_engine.errors import StoreError, os_reason
from niceml_engine.events import Event, Metrics, Missing, Unsaved
from niceml_engine.runs.blocks import BlockWriter, find_blocks, read_block
from niceml_engine.runs.clock import SteadyClock

BLOCK_ROWS = 4096  #: after so many rows, or
BLOCK_BYTES = 4_000_000  #: so many bytes of lines, they are written as columns too
_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


class StreamWriter:
    """Appends events to a file; may be called from any thread.

    A line is handed to the operating system before `emit` returns, so that it survives the death of the process. Every
    few thousand rows are written as columns too (`niceml_engine.runs.blocks`).

    Args:
        path: The stream. A torn last line of an earlier writer is closed, and `seq` goes on.
        own: Told of each row that it writes of its own accord.
        lossy: Whether rows for which the disk has no room are left out; a row says how many, once there is room again,
            and those follow that name what could not be saved.
    """

    def __init__(
        self, path: str | Path, own: Callable[[Event], object] = lambda _: None, *, lossy: bool = False
    ) -> None:
        self.op = ""
        self.problem = ""  #: why a row could not be written, the last time that this happened
        self._lossy = lossy
        self._own = own
        self._lost = 0  # rows for which there was no room, and of which no row tells yet
        self._lost_since = 0.0
        self._late: list[Unsaved] = []  # of them, what is written once there is
        self._path = path
        self._lock = threading.Lock()
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._end = os.fstat(self._file).st_size
        self._torn = not _ends_with_newline(path)
        self._blocks = BlockWriter(path)
        self._pending: list[Event] = []
        self._seq = self._blocks.last
        reader, last = StreamReader(path, self._blocks.last, self._blocks.reach), 0.0
        while rows := reader.read(BLOCK_BYTES):
            self._seq, last = rows[-1].seq, rows[-1].time
            self._keep(rows, reader.offset)
        self._clock = SteadyClock(last)

    def emit(self, event: Event) -> Event:
        """Appends an event, and returns it with its number, its op, and the time unless it knows when it happened.

        Raises:
            StoreError: The disk is full or gone, and no row may be lost.
        """
        with self._lock:
            stamp = self._clock.now()
            if (was_set := self._clock.was_set()) is not None:
                self._own(self._write(msgspec.structs.replace(was_set, time=stamp, op=self.op)))
            return self._write(msgspec.structs.replace(event, time=event.time or stamp, op=event.op or self.op))

    def now(self) -> float:
        """The time of day that an event gets which is emitted now."""
        with self._lock:
            return self._clock.now()

    def repeat(self, event: Event) -> Event:
        """Appends an event of another stream with a number of its own; its time and op stay.

        Raises:
            StoreError: The disk is full or gone, and no row may be lost.
        """
        with self._lock:
            return self._write(event)

    def close(self) -> None:
        """Closes the file; later events are an error."""
        os.close(self._file)

    def _write(self, event: Event) -> Event:
        try:
            if self._lost:
                lost = Missing(rows=self._lost, full=True, since=self._lost_since, time=event.time, op=event.op)
                self._own(self._number(lost))
                self._lost = 0
            while self._late:
                self._own(self._number(self._late[0]))
                del self._late[0]
            return self._number(event)
        except StoreError as error:
            if not self._lossy:
                raise
            if not self._lost:
                self._lost_since = event.time
                with suppress(OSError):  # that is a file, too
                    print(f"{error}; rows are lost from here on", file=sys.stderr, flush=True)
            self._lost += 1
            if isinstance(event, Unsaved):
                self._late.append(event)
            return msgspec.structs.replace(event, seq=self._seq)

    def _number(self, event: Event) -> Event:
        self._seq += 1
        full = msgspec.structs.replace(event, seq=self._seq)
        self._append(_encoder.encode(full) + b"\n")
        self._keep([full], self._end)
        return full

    def _keep(self, rows: list[Event], end: int) -> None:
        """Keeps rows until there are enough for a block; `end` is where they end in the file."""
        if self._blocks.failed:
            return
        self._pending += rows
        if len(self._pending) >= BLOCK_ROWS or end - self._blocks.reach >= BLOCK_BYTES:
            self._blocks.append(gather(self._pending), end)
            self._pending.clear()

    def _append(self, line: bytes) -> None:
        try:
            if self._torn:
                self._end += os.write(self._file, b"\n")
                self._torn = False
            # A disk that fills up takes a part of the line without complaint.
            written = os.write(self._file, line)
            self._end += written
            self._torn = written < len(line)
            if self._torn:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            self.problem = f"cannot write {self._path}: {os_reason(error)}"
            raise StoreError(self.problem, details=repr(error)) from error


class StreamReader:
    """Reads a stream from its start and then, call by call, what has been added.

    Args:
        path: The stream; it need not exist yet.
        after: Rows up to this number are left out.
        offset: Where to begin, in bytes; what is left there of a line is passed over.
    """

    def __init__(self, path: str | Path, after: int = 0, offset: int = 0) -> None:
        self._path = Path(path)
        self._after = after
        self._whole = not offset or after > 0  # whether it is known which row comes next
        self._damaged = self._step = 0
        self._time = 0.0
        self.offset = offset  #: up to where it has been read, in bytes

    def read(self, limit: int = 64 * 1024 * 1024) -> list[Event]:
        """Returns the rows that are new and complete; a torn last line waits for its end.

        Where rows are missing, or lines that cannot be read were passed over, that is said before the next row.

        Args:
            limit: Bytes to read at most; call again until the list is empty. A longer line is read whole.
        """
        rows: list[Event] = []
        while not rows and (data := self._lines(limit)):
            self.offset += len(data)
            for line in data.splitlines():
                if not line:
                    continue
                try:
                    event = _decoder.decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError):
                    self._damaged += 1
                    continue
                if event.seq > self._after:
                    rows += self._passed_over(event)
                    self._after = event.seq
                    rows.append(event)
                self._whole, self._damaged = True, 0
                self._time = event.time
                if isinstance(event, Metrics):
                    self._step = event.step
        return rows

    def _passed_over(self, event: Event) -> Iterable[Event]:
        """What is missing between the row that was read last and the next one, unless that one says so itself."""
        lost = event.seq - self._after - 1
        if not self._whole or not (lost or self._damaged) or isinstance(event, Missing):
            return ()
        said = Missing(rows=lost, pieces=self._damaged, step=self._step, since=self._time)
        return (msgspec.structs.replace(said, seq=event.seq, time=event.time, op=event.op),)

    def _lines(self, limit: int) -> bytes:
        try:
            with self._path.open("rb") as file:
                if file.seek(0, os.SEEK_END) < self.offset:
                    self.offset = 0  # somebody has cut it; what is known is told apart by its number
                file.seek(self.offset)
                data = file.read(limit)
                if len(data) == limit and b"\n" not in data:
                    data += file.readline()
        except FileNotFoundError:
            return b""
        return data[: data.rfind(b"\n") + 1]


class RowsReader:
    """Reads a stream as columns: first its blocks, then, call by call, what has been added.

    Args:
        path: The stream; it need not exist yet.
        after: Rows up to this number need not be read; some of them may come nevertheless.
    """

    def __init__(self, path: str | Path, after: int = 0) -> None:
        self._path = path
        self._after = after
        self._place = 0
        self._lines: StreamReader | None = None
        self._reach = 0

    def read(self, limit: int = 256 * 1024) -> Rows:
        """Returns the next rows; none when there are no more, for now.

        Args:
            limit: Bytes of lines to read at most.
        """
        while self._lines is None:
            block = next(find_blocks(self._path, self._place), None)
            rows = read_block(self._path, block) if block is not None and block.last > self._after else None
            if block is None or (rows is None and block.last > self._after):
                self._lines = StreamReader(self._path, self._after, self._reach)
                break
            self._place, self._reach = block.end, block.reach
            if rows is not None:
                self._after = block.last
                return rows
        return gather(self._lines.read(limit))


def _ends_with_newline(path: str | Path) -> bool:
    with open(path, "rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
