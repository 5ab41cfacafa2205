"""Requests about changes of config files, and their answers.

Whatever changes files is planned first, as `FileChange`s that a person can look at; `WriteFiles` alone writes.
"""

from __future__ import annotations

from typing import Any

import msgspec

from niceml_engine.protocol.base import Asked
from niceml_engine.values import Frozen


class FileChange(Frozen, frozen=True):
    """The whole text of a file before and after; `None` where there is no file."""

    file: str
    before: str | None
    after: str | None

    @property
    def undone(self) -> FileChange:
        """The change that takes this one back."""
        return FileChange(self.file, self.after, self.before)


class Conflict(Frozen, frozen=True):
    """A change that does not fit, because somebody else changed the same lines of the file meanwhile."""

    change: FileChange
    found: str | None  #: what the file holds now


class WriteFiles(Asked, frozen=True):
    """Writes changes of files, all of them or none.

    Where a file no longer reads as a change says it did, both changes are merged if they lie apart.
    """

    changes: tuple[FileChange, ...]
    merge: bool = True  #: whether to merge; if not, every other text is a conflict


class Written(msgspec.Struct, frozen=True):
    """What was written, from what the files really held; nothing if there are conflicts."""

    changes: tuple[FileChange, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


FileRequest = WriteFiles

FILE_RESULTS: dict[type, Any] = {
    WriteFiles: Written,
}
