"""What the button at the side of a field does: choose a class, a value, a file, or a plain value."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from niceml_engine.descriptions import Candidate, Fitting
from niceml_engine.parts import plain_key
from niceml_engine.values import ConfigTree, Leaf, Selection
from niceml_gui import overrides as grammar
from niceml_gui.overrides import last_part
from niceml_gui.paths import pure
from niceml_gui.session import Session
from niceml_gui.values import Message
from niceml_gui.widgets.path_dialog import Kind, choose_path
from niceml_gui.widgets.picker import Entry, Picker
from niceml_gui.words import natural
from niceml_gui.workspaces.compose.brief import short_text
from niceml_gui.workspaces.compose.cards.editors import Field
from niceml_gui.workspaces.compose.cards.known import Known
from niceml_gui.workspaces.compose.cards.listing import list_at, null_added, set_list, with_item
from niceml_gui.workspaces.compose.cards.pickers import MISSING
from niceml_gui.workspaces.compose.cards.row import Row
from niceml_gui.workspaces.compose.quoting import element, field_text
from niceml_gui.workspaces.compose.rules import is_interpolation
from niceml_gui.workspaces.compose.usage import file_of, ways_to_give

_WIDTH = 640
_FEW = 3  #: arguments that fall away are named; of more it is said first how many, as a long list is cut
_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)+")
_FILE = ("file", "filename", "ckpt", "checkpoint", "weights")


def was_interpolation(leaf: Leaf) -> str:
    """The interpolation of the files that an override has replaced by a plain value; empty if there is none."""
    below = leaf.shadows[-1].text if leaf.shadows and not leaf.origin.file else ""
    return below if is_interpolation(below) and not is_interpolation(leaf.value) else ""


def make_plain(session: Session, leaf: Leaf) -> None:
    """Sets a value to what its interpolation stands for now."""
    session.set_value(leaf.key, element(leaf.resolved))


def remove_key(session: Session, leaf: Leaf) -> None:
    """Takes a key out of the config, or takes back that it was added."""
    name, key = leaf.key.rpartition(".")[2], plain_key(leaf.key)
    added = file_of(leaf) is None
    kept = tuple(text for text in session.selection.overrides if text.lstrip("+").partition("=")[0] != key)
    session.set_overrides(kept if added else (*kept, f"~{key}"), f"Remove {name}")


def effect(candidate: Candidate) -> str:
    """What choosing a class changes, in words; else what it is."""
    words = []
    if candidate.dropped:
        names, count = ", ".join(candidate.dropped), len(candidate.dropped)
        words.append(f"{count} fall away: {names}" if count > _FEW else f"{names} fall{'s' if count == 1 else ''} away")
    if candidate.needed:
        words.append(f"needs {', '.join(candidate.needed)}")
    return " · ".join(words) or candidate.doc


def _title(row: Row, one: Candidate) -> str:
    return f"Change {row.label} to {last_part(one.target)}"


def _keep_inside(picker: Picker, corner: QPoint, field: QWidget) -> None:
    """Moves a list above its field where there is no room for it below."""
    above = corner.y() - field.height() - 8 - picker.height()
    if corner.y() + picker.height() > field.window().height() and above > 0:
        picker.move(picker.x(), above)


class Chooser:
    """Opens what there is to choose from.

    Args:
        session: What the window works on.
        known: Knows what fits.
    """

    def __init__(self, session: Session, known: Known) -> None:
        self._session, self._known = session, known
        self._picker: Picker | None = None

    @property
    def offered(self) -> list[Entry]:
        """What can be chosen right now."""
        return self._picker.entries() if self._picker is not None and self._picker.isVisible() else []

    def side(self, row: Row, field: Field) -> tuple[str, str]:
        """Icon and name of the button at the side of a row's field; two empty texts for none."""
        leaf = row.leaf
        if leaf is None or leaf.secret:
            return "", ""
        if next(self._ways(leaf), ""):
            return "chevron-down", f"Choose an option of {leaf.key.replace('.', '/')}"
        if row.rule.unnamed:
            return "", ""
        if row.rule.kind == "target" or (leaf.value is None and row.rule.classes):
            return "chevron-down", "Choose a class"
        if row.rule.choices:
            return "chevron-down", "Choose a value"
        if is_interpolation(leaf.value) and not leaf.reason:
            return "link", f"Make it a plain value: {short_text(leaf.resolved)}"
        if below := was_interpolation(leaf):
            return "link", f"Use {below} again"
        if row.rule.kind == "path":
            return "folder", "Choose a file or folder"
        return "", ""

    def press(self, row: Row, field: Field) -> None:
        """Does what the button at the side of a row's field says."""
        leaf = row.leaf
        if leaf is None:
            return
        if ways := list(self._ways(leaf)):
            self._offer_options(leaf, ways, field)
        elif row.rule.kind == "target" or (leaf.value is None and row.rule.classes):
            self._look_for_classes(row, field, leaf.key.removesuffix("._target_"), partial(self._take, row))
        elif row.rule.choices:
            self._offer_values(row, field)
        elif is_interpolation(leaf.value):
            make_plain(self._session, leaf)
        elif was_interpolation(leaf):
            self._session.reset(leaf.key)
        elif row.rule.kind == "path":
            self._choose_path(leaf)

    def _ways(self, leaf: Leaf) -> Iterator[str]:
        """The overrides that give what is missing by an option of a group."""
        tree = self._session.project.tree if self._session.project is not None else ConfigTree()
        return ways_to_give(leaf.key, tree, self._session.composed) if leaf.value == MISSING else iter(())

    def _offer_options(self, leaf: Leaf, ways: Iterable[str], field: Field) -> None:
        def entry(way: str) -> Entry:
            _, group, name = grammar.split(way)
            title = f"{group}/{name}".removeprefix(f"{leaf.key.replace('.', '/')}/")
            return Entry(title, partial(self._session.add_option, way), way, mono=True)

        picker, corner = self._open(field, f"Options of {leaf.key.replace('.', '/')}")
        picker.fill([entry(way) for way in sorted(ways, key=natural)])
        _keep_inside(picker, corner, field)

    def _offer_values(self, row: Row, field: Field) -> None:
        menu = QMenu(field)
        menu.aboutToHide.connect(menu.deleteLater)
        values = [*row.rule.choices, *([None] if row.rule.nullable else [])]
        for value in values:
            action = menu.addAction(field_text(value))
            action.setCheckable(True)
            action.setChecked(row.leaf is not None and row.leaf.resolved == value)
            action.triggered.connect(lambda _, value=value: self._session.set_value(row.key, element(value)))
        menu.setMinimumWidth(field.width())
        menu.popup(field.mapToGlobal(QPoint(0, field.height())))

    def add_object(self, row: Row, field: QWidget) -> None:
        """Adds an object to the list that a row stands for, of a class that is chosen."""
        holder = list_at(self._session, row.key)
        if holder is None:
            return

        def take(one: Candidate) -> None:
            made = one.overrides[-1].partition("=")[2]  # `callbacks.2={_target_:…}`
            title = f"Add {one.target.rpartition('.')[2]} to {row.key.rpartition('.')[2]}"
            set_list(self._session, holder, with_item(holder, made), title)

        self._look_for_classes(row, field, row.item, take, null_added(self._session, holder))

    def _look_for_classes(
        self,
        row: Row,
        field: QWidget,
        key: str,
        take: Callable[[Candidate], None],
        selection: Selection | None = None,
    ) -> None:
        """Opens the list at once: the first search takes a second, and the keyboard must not stay in the field."""
        picker, corner = self._open(field)
        picker.wait("Looking for what fits…")

        def found(fitting: Fitting | None) -> None:
            if not picker.isVisible():  # given up meanwhile
                return
            entries = self._classes(row, fitting, take) if fitting is not None else []
            if not entries:
                picker.leave()
                return
            picker.fill(entries)
            _keep_inside(picker, corner, field)

        self._known.fit(key, found, selection)

    def _open(self, field: QWidget, what: str = "") -> tuple[Picker, QPoint]:
        """Opens an empty list below a field, and tells where its top right corner is."""
        window = field.window()
        if self._picker is None or self._picker.window() is not window:
            self._picker = Picker(window, "Filter what fits")
        corner = field.mapTo(window, QPoint(field.width(), field.height() + 4))
        self._picker.open([], QPoint(corner.x() - _WIDTH, corner.y()), _WIDTH, what)
        return self._picker, corner

    def _classes(self, row: Row, fitting: Fitting, take: Callable[[Candidate], None]) -> list[Entry]:
        if fitting.reason:
            self._session.message.emit(Message("info", f"{row.label}: {fitting.reason}"))
        if not fitting.candidates:
            if not fitting.reason:
                self._session.message.emit(Message("info", f"{row.label}: nothing else was found that fits"))
            return []
        current = row.leaf.resolved if row.leaf is not None else None
        return [
            Entry(one.target, partial(take, one), effect(one), mono=True, current=one.target == current)
            for one in fitting.candidates
        ]

    def follow(self, row: Row, target: str) -> None:
        """Lets fall away what a class that was typed does not take, as choosing it does: both are one step."""
        if row.rule.kind != "target" or not _DOTTED.fullmatch(target):
            return
        asked = self._session.selection

        def found(fitting: Fitting | None) -> None:
            for one in fitting.candidates if fitting is not None else ():
                if asked == self._session.selection:
                    self._session.amend(asked, one.overrides, _title(row, one))
                    self._tell(one)

        self._known.fit(row.key.removesuffix("._target_"), found, asked, target)

    def _take(self, row: Row, one: Candidate) -> None:
        self._session.set_overrides(one.overrides, _title(row, one))
        self._tell(one)

    def _tell(self, one: Candidate) -> None:
        if one.dropped or one.needed:
            self._session.message.emit(Message("info", f"{last_part(one.target)}: {effect(one)}"))

    def _choose_path(self, leaf: Leaf) -> None:
        root = pure(self._session.project.root if self._session.project is not None else os.getcwd())
        value = str(leaf.resolved or "")
        name = leaf.key.rpartition(".")[2]
        is_file = bool(pure(value).suffix) or any(word in name for word in _FILE)

        def chosen(text: str) -> None:
            path = pure(text)
            inside = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
            self._session.set_value(leaf.key, element(inside))

        window = self._picker.window() if self._picker is not None else QApplication.activeWindow()
        kind: Kind = "file" if is_file else "folder"
        choose_path(self._session.engine, kind, f"Choose {name}", str(root / value), chosen, window)
