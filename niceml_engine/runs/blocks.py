"""The rows of a stream once more, thousands at a time and as columns, so that a long run opens at once.

Beside the lines of `events.jsonl` stands `events.columns`: one block after the other, each with a head that says how
long it is, which row is its last, and how far into the lines it reaches. The lines are what counts. What has no block
yet is read from them, blocks that were torn or do not fit are passed over, and the file may be deleted at any time.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from niceml_engine.columns import Rows

_HEAD = struct.Struct("<4sIQQ")
_MAGIC = b"nml1"
_decoder: msgspec.msgpack.Decoder[Rows] = msgspec.msgpack.Decoder(Rows)
_encoder = msgspec.msgpack.Encoder()


class Block(NamedTuple):
    """Where a block lies, and what it stands for.

    Attributes:
        start: Of its content, in bytes from the beginning of the file.
        length: Of its content, in bytes.
        last: The number of its last row.
        reach: Bytes of the lines that it and the blocks before it stand for.
    """

    start: int
    length: int
    last: int
    reach: int

    @property
    def end(self) -> int:
        """Where the next block begins."""
        return self.start + self.length


def blocks_of(stream: str | Path) -> Path:
    """The file with the blocks of a stream."""
    return Path(stream).with_suffix(".columns")


def find_blocks(stream: str | Path, start: int = 0) -> Iterator[Block]:
    """The whole blocks of a stream, in order, from a place in their file on.

    Args:
        stream: The file with the lines.
        start: Where a block ends, or the file begins.
    """
    try:
        lines = os.stat(stream).st_size
        with blocks_of(stream).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            while start + _HEAD.size <= size:
                file.seek(start)
                magic, length, last, reach = _HEAD.unpack(file.read(_HEAD.size))
                block = Block(start + _HEAD.size, length, last, reach)
                if magic != _MAGIC or block.end > size or reach > lines:
                    return
                yield block
                start = block.end
    except OSError:  # there is none, or it cannot be read: the lines hold everything
        return


def read_block(stream: str | Path, block: Block) -> Rows | None:
    """The rows of a block; `None` if it cannot be read after all."""
    try:
        with blocks_of(stream).open("rb") as file:
            file.seek(block.start)
            rows = _decoder.decode(file.read(block.length))
    except (OSError, msgspec.DecodeError):
        return None
    return rows if rows.last == block.last else None


class BlockWriter:
    """Appends blocks; where that fails, no more come, as the lines hold everything anyway.

    Args:
        stream: The file with the lines. What follows the last whole block of an earlier writer is cut off.
    """

    def __init__(self, stream: str | Path) -> None:
        self._path = blocks_of(stream)
        self._end = self.last = self.reach = 0
        for block in find_blocks(stream):
            self._end, self.last, self.reach = block.end, block.last, block.reach
        self.failed = False

    def append(self, rows: Rows, reach: int) -> None:
        """Adds the rows that end at a place in the lines."""
        content = _encoder.encode(rows)
        try:
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o644)
            try:
                os.ftruncate(file, self._end)
                os.lseek(file, self._end, os.SEEK_SET)
                whole = _HEAD.pack(_MAGIC, len(content), rows.last, reach) + content
                if os.write(file, whole) < len(whole):
                    os.ftruncate(file, self._end)
                    self.failed = True
                    return
            finally:
                os.close(file)
        except OSError:
            self.failed = True
            return
        self._end += len(whole)
        self.last, self.reach = rows.last, reach
