"""What can be done with the file behind a row of the config tree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QWidget

from niceml_engine.values import Job, Option
from niceml_gui.paths import pure
from niceml_gui.session import Message, Session
from niceml_gui.workspaces.compose.tree.model import HYDRA, Entry


@dataclass(frozen=True)
class Act:
    """One thing that can be done with a row: its name, what menus call it, its keys in the tree, and the doing."""

    name: str
    title: str
    keys: str
    do: Callable[[Entry], None]


class TreeActions(QObject):
    """Makes, copies, renames, moves and deletes config files, and finds who names them.

    Args:
        session: What the window works on.
        parent: The pane that shows the tree.
    """

    usages_wanted = Signal(str)  #: of a file, or by its id of an option that Hydra brings

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._pane = session, parent
        self.acts = (
            Act("new", "New option…", "Ctrl+N", self.new),
            Act("duplicate", "Duplicate option…", "Ctrl+D", self.duplicate),
            Act("move", "Rename or move option…", "F2", self.move),
            Act("delete", "Delete option…", "Del", self.delete),
            Act("usages", "Find usages", "Shift+F12", self.find_usages),
        )

    def fill(self, menu: QMenu, entry: Entry) -> None:
        """Adds to a menu what can be done with an entry."""
        acts: tuple[Act, ...]
        if _is_hydras(entry.item):
            acts = (self.acts[0], self.acts[-1])
        else:
            acts = self.acts if entry.item is not None and _is_file(entry.item) else self.acts[:1]
        for act in acts:
            menu.addAction(f"{act.title}\t{act.keys}", partial(act.do, entry))

    def new(self, entry: Entry) -> None:
        """Makes an option in the group of an entry."""
        place = _first_file(entry) or (_first_file(_top(entry)) if entry.path.partition("/")[0] == HYDRA else None)
        if place is None:
            self._session.complain("A new option needs a group that has one already; copy one, or make the folder")
            return
        root, name, _ = place
        if isinstance(entry.item, Option) and entry.item.provider:
            group = entry.item.group
        else:
            group = name.rpartition("/")[0] if entry.item is not None or _holds_files(entry) else entry.path
        self._new(root, f"{group}/new" if group else "new")

    def duplicate(self, entry: Entry) -> None:
        """Copies an option or a job."""
        if (place := self._place(entry, "copied")) is not None:
            root, name, file = place
            self._new(root, f"{name}_2", file)

    def move(self, entry: Entry) -> None:
        """Renames or moves an option or a job."""
        from niceml_gui.workspaces.compose.tree.file_dialogs import MoveDialog

        if (place := self._place(entry, "renamed")) is not None:
            MoveDialog(self._session, *place, self._pane.window()).open()

    def delete(self, entry: Entry) -> None:
        """Deletes an option or a job, but not the job that is open."""
        from niceml_gui.workspaces.compose.tree.file_dialogs import DeleteDialog

        if (place := self._place(entry, "deleted")) is not None:
            if place[2] == self._session.selection.job:
                self._session.complain(f"{entry.name} is the job that is open; open another one before you delete it")
                return
            DeleteDialog(self._session, place[2], self._pane.window()).open()

    def find_usages(self, entry: Entry) -> None:
        """Lists the entries that name an option."""
        if _is_hydras(entry.item):
            self.usages_wanted.emit(entry.path)
        elif (place := self._place(entry, "named in a defaults list")) is not None:
            self.usages_wanted.emit(place[2])

    def _new(self, root: str, name: str, like: str = "") -> None:
        from niceml_gui.workspaces.compose.tree.file_dialogs import NewDialog

        NewDialog(self._session, root, name, like, self._pane.window()).open()

    def _place(self, entry: Entry, what: str) -> tuple[str, str, str] | None:
        if entry.item is not None and _is_file(entry.item):
            return _place_of(entry.item)
        kind = "A group" if entry.item is None else "What exists only in Python"
        kind = "What comes with Hydra" if _is_hydras(entry.item) else kind
        self._session.message.emit(Message("info", f"{kind} cannot be {what} here; choose a file"))
        return None


def _is_file(item: Option | Job) -> bool:
    return item.file.endswith((".yaml", ".yml")) and not _is_hydras(item)


def _is_hydras(item: Option | Job | None) -> bool:
    return isinstance(item, Option) and bool(item.provider)


def _top(entry: Entry) -> Entry:
    while entry.parent is not None:
        entry = entry.parent
    return entry


def _place_of(item: Option | Job) -> tuple[str, str, str]:
    """The folder of configs that a file lies in, the file's id there, and the file."""
    stem = str(pure(item.file).with_suffix(""))
    if stem.endswith(f"/{item.id}"):
        return stem.removesuffix(f"/{item.id}"), item.id, item.file
    return str(pure(stem).parent), pure(stem).name, item.file


def _first_file(entry: Entry) -> tuple[str, str, str] | None:
    files = (one.item for one in entry.walk() if one.item is not None and _is_file(one.item))
    return next((_place_of(item) for item in files), None)


def _holds_files(entry: Entry) -> bool:
    return any(child.item is not None and _is_file(child.item) for child in entry.children)
