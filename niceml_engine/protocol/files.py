"""Requests about changes of config files, and their answers.

Whatever changes files is planned first, as `FileChange`s that a person can look at; `WriteFiles` alone writes.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from niceml_engine.protocol.base import Asked
from niceml_engine.values import Frozen, Selection

#: The job's own file; a new job file, with the overrides or without; a preset; the very files that set the values.
SaveTo = Literal["job", "new-job", "plain-job", "preset", "sources"]


class FileChange(Frozen, frozen=True):
    """The whole text of a file before and after; `None` where there is no file."""

    file: str
    before: str | None
    after: str | None
    folder: str = ""  #: the outermost folder that was made for the file, and goes with it where that is taken back

    @property
    def undone(self) -> FileChange:
        """The change that takes this one back."""
        return FileChange(self.file, self.after, self.before, self.folder)


class Conflict(Frozen, frozen=True):
    """A change that does not fit, because somebody else changed the same lines of the file meanwhile."""

    change: FileChange
    found: str | None  #: what the file holds now
    mine: str | None  #: what it would hold with this change, and with the other one where they lie apart


class Usage(Frozen, frozen=True):
    """An entry of a defaults list that names an option."""

    node: str  #: id of the config whose list it is
    file: str
    line: int
    text: str  #: the entry, `override /db@app.db: mysql`
    override: bool = False  #: whether it changes what another entry chose


class Effect(Frozen, frozen=True):
    """What a plan does to what a job composes to."""

    selection: Selection  #: the job, with overrides where it is what the person looks at
    keys: tuple[str, ...] = ()  #: values that are not the same any more
    error: str = ""  #: why it does not compose any more


class Kept(Frozen, frozen=True):
    """An override that cannot be written where it was to be saved, and stays one."""

    override: str
    reason: str


class FilePlan(Frozen, frozen=True):
    """Changes of files that a person asked for, not written yet."""

    title: str  #: what it does, as undo names it: `Rename op_x to op_y`
    changes: tuple[FileChange, ...]
    selection: Selection  #: what the person looks at, as it is to be read once the changes are written
    usages: tuple[Usage, ...] = ()  #: entries that would name nothing any more
    effects: tuple[Effect, ...] = ()  #: jobs that would not compose to the same any more
    unchecked: tuple[str, ...] = ()  #: jobs of which it is not known: they do not compose, or there was no time
    kept: tuple[Kept, ...] = ()  #: overrides that could not be written, and are left in the selection


class FindUsages(Asked, frozen=True):
    """Asks which entries of all defaults lists of the project name a config."""

    file: str  #: or the id of an option that Hydra brings


class PlanNewFile(Asked, frozen=True):
    """Plans a new config file: a `FilePlan`."""

    file: str
    selection: Selection
    like: str = ""  #: a config to copy; empty: the file is empty


class PlanMove(Asked, frozen=True):
    """Plans to rename or move a config file, and to rewrite every entry that names it: a `FilePlan`."""

    file: str
    target: str
    selection: Selection


class PlanDelete(Asked, frozen=True):
    """Plans to delete a config file: a `FilePlan` that says who still names it."""

    file: str
    selection: Selection


class PlanSave(Asked, frozen=True):
    """Plans to write the selection's overrides into files: a `FilePlan`."""

    selection: Selection
    to: SaveTo
    target: str = ""  #: the new file, for a job or a preset; a preset's name alone finds its own folder


class WriteFiles(Asked, frozen=True):
    """Writes changes of files, all of them or none.

    Where a file no longer reads as a change says it did, both changes are merged if they lie apart.
    """

    changes: tuple[FileChange, ...]


class Written(msgspec.Struct, frozen=True):
    """What was written, from what the files really held; nothing if there are conflicts."""

    changes: tuple[FileChange, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


FileRequest = FindUsages | PlanNewFile | PlanMove | PlanDelete | PlanSave | WriteFiles

FILE_RESULTS: dict[type, Any] = {
    FindUsages: tuple[Usage, ...],
    PlanNewFile: FilePlan,
    PlanMove: FilePlan,
    PlanDelete: FilePlan,
    PlanSave: FilePlan,
    WriteFiles: Written,
}
