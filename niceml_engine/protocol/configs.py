"""Requests about a project and its configs, and their answers."""

from __future__ import annotations

from typing import Literal

import msgspec

from niceml_engine.protocol.base import Asked, Told
from niceml_engine.values import JobSpec, OpSpec, Selection

DiagramFormat = Literal["dot", "mermaid"]
ExportFormat = Literal["yaml", "annotated", "resolved", "run-config", "overrides", "command", "job", "folder"]


class OpenProject(Asked, frozen=True):
    """Opens a folder, or a job file; everything else is asked of the project that is open."""

    path: str


class Scan(Asked, frozen=True):
    """Reads the config tree again."""


class Compose(Asked, frozen=True):
    """Composes a selection; a selection that Hydra refuses is an answer too (`Composed.error`)."""

    selection: Selection


class Resolve(Asked, frozen=True):
    """Composes a selection, and resolves what only code of the project can: a `Composed` whose leaves say so.

    In a project that is not trusted, or that has no such resolvers, it is what `Compose` answers.
    """

    selection: Selection


class MergeSteps(Asked, frozen=True):
    """Asks what each layer of the merge sets."""

    selection: Selection


class CheckSelection(Asked, frozen=True):
    """Checks a selection against the code it names, by reading that code."""

    selection: Selection


class Reference(Asked, frozen=True):
    """Asks for the declared ops and jobs."""


class OpReference(msgspec.Struct, frozen=True):
    """All declared ops and jobs."""

    ops: tuple[OpSpec, ...]
    jobs: tuple[JobSpec, ...]


class ReadFile(Asked, frozen=True):
    """Reads a text file of the project."""

    file: str


class FileText(msgspec.Struct, frozen=True):
    """A file's text and the digest of its bytes, to notice later changes; both are empty where there is no file."""

    file: str
    text: str
    digest: str
    installed: bool = False  #: it came with an installed package, and is only to be read
    gone: bool = False  #: there is no such file


class ListFolder(Asked, frozen=True):
    """Lists a folder, or the folder of a file, on the service's machine: a `Listing`. No project need be open."""

    path: str  #: in full, or from the home folder on


class Listed(msgspec.Struct, frozen=True):
    """A file or folder in a folder."""

    name: str
    folder: bool


class Listing(msgspec.Struct, frozen=True):
    """What lies in a folder: folders first, each by name."""

    path: str  #: in full
    entries: tuple[Listed, ...] = ()
    file: str = ""  #: name of the file that was asked about, where no folder was
    exists: bool = True  #: whether there is such a file or folder


class CheckText(Asked, frozen=True):
    """Asks what is wrong with a text that is not written to its file yet; answered with `Problem`s."""

    file: str
    text: str


class Export(Asked, frozen=True):
    """Writes the selection in another form; with no `file`, or folder, only answers with the text."""

    selection: Selection
    to: ExportFormat
    file: str = ""


class DrawGraph(Asked, frozen=True):
    """Asks for the defaults graph of a selection as text; `Exported` answers, also where Hydra refuses to compose."""

    selection: Selection
    to: DiagramFormat
    order: bool = False  #: with the places of each file in the merge order, where the selection composes


class ExportedFile(msgspec.Struct, frozen=True):
    """A file of an export that is a folder; its name is relative to that."""

    name: str
    text: str


class Exported(msgspec.Struct, frozen=True):
    """An export; of one that is a folder, `text` is its README."""

    text: str
    file: str
    digest: str
    files: tuple[ExportedFile, ...] = ()


class FilesChanged(Told, frozen=True):
    """Config files have changed on disk; what was composed may be stale."""

    files: tuple[str, ...]
