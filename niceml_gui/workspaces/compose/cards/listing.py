"""What can be done with the items of a list: add one, duplicate, move, remove.

Hydra's overrides set what lies in an item (`callbacks.0.patience=5`), but can neither add nor take away an item; the
override is the whole list then.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QMenu, QWidget

from niceml_engine.descriptions import Described
from niceml_engine.options import is_literal
from niceml_engine.parts import find_in
from niceml_engine.values import Leaf, Selection
from niceml_gui import overrides as grammar
from niceml_gui.session import Session
from niceml_gui.theme.icons import tint
from niceml_gui.widgets.basics import ElidedEdit
from niceml_gui.workspaces.compose.brief import is_long
from niceml_gui.workspaces.compose.cards.items import title_of
from niceml_gui.workspaces.compose.cards.row import Row
from niceml_gui.workspaces.compose.quoting import complaint, element, override_text

_KEY = re.compile(r"[A-Za-z0-9_$%*@?|/.+-]+(?: +[A-Za-z0-9_$%*@?|/.+-]+)*")
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")


class AddItem(ElidedEdit):
    """Takes the text of an item; Enter adds it to the list, Esc empties it."""

    added = Signal(str)  #: what was typed
    class_wanted = Signal()  #: a class of which the item is to be made

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._action: QAction | None = None
        self.setProperty("role", "add")
        self.returnPressed.connect(self._add)

    def show_place(self, key: str, rule: Described) -> None:
        """Says where it adds, and what may be added there.

        Args:
            key: Of the list.
            rule: What may be given for the list.
        """
        self.setPlaceholderText(f"+ item in {key.rpartition('.')[2]}")
        classes = ", ".join(one.rpartition(".")[2] for one in rule.item_classes)
        self.setToolTip(
            f"Adds an object of {classes}: choose a class (Down), or type its dotted name"
            if classes
            else "Adds an item as YAML writes it: a value, {name: value}, or the dotted name of a class"
        )
        if bool(classes) != (self._action is not None):
            if self._action is not None:
                self.removeAction(self._action)
                self._action = None
            else:
                self._action = QAction("Choose a class", self)
                tint(self._action, "chevron-down")
                self._action.triggered.connect(self.class_wanted)
                self.addAction(self._action, ElidedEdit.ActionPosition.TrailingPosition)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Empties itself on Esc; Down in the empty field lists the classes that fit."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() == Qt.Key.Key_Down and not self.text() and self._action is not None:
            self.class_wanted.emit()
        else:
            super().keyPressEvent(event)

    def _add(self) -> None:
        if self.text().strip():
            self.added.emit(self.text().strip())
        elif self._action is not None:
            self.class_wanted.emit()


def list_at(session: Session, key: str) -> Leaf | None:
    """A list of the config that composed last."""
    leaf = find_in(session.last_good.leaves, key)
    return leaf if leaf is not None and isinstance(leaf.value, list) else None


def item_text(text: str, holder: Leaf, rule: Described) -> str:
    """What was typed as an item, in Hydra's grammar.

    Args:
        text: What was typed.
        holder: The list.
        rule: What may be given for it.

    Raises:
        ValueError: It cannot be an item.
    """
    of_objects = rule.item_classes or any(isinstance(item, dict) and "_target_" in item for item in holder.value)
    if of_objects and _DOTTED.fullmatch(text):
        return f"{{_target_:{text}}}"
    own = Described(rule.items)
    if why := complaint(text, own):
        raise ValueError(why)
    return override_text(text, own)


def with_item(holder: Leaf, text: str) -> str:
    """A list with one more item, given in Hydra's grammar, as the value of an override."""
    return f"[{','.join([*map(element, holder.value), text])}]"


def null_added(session: Session, holder: Leaf) -> Selection:
    """The selection with a `null` at the end of a list, in the place of an object that is to be chosen."""
    selection = session.selection
    return Selection(
        selection.job, grammar.with_list(selection.overrides, holder.key, with_item(holder, element(None)))
    )


def set_list(session: Session, holder: Leaf, text: str, title: str) -> None:
    """Sets a list as a whole.

    Args:
        session: What the window works on.
        holder: The list.
        text: Its value in Hydra's grammar.
        title: What is done.
    """
    if odd := next(_unwritable(holder.value), None):
        session.complain(f"{holder.key} cannot be set as a whole: no override can write its key {odd}; edit its file")
        return
    session.set_overrides(grammar.with_list(session.selection.overrides, holder.key, text), title)


def add_item(session: Session, key: str, text: str, rule: Described) -> str:
    """Adds an item to a list; returns why it cannot be one, or nothing."""
    holder = list_at(session, key)
    if holder is None:
        return "there is no such list any more"
    try:
        written = item_text(text, holder, rule)
    except ValueError as error:
        return str(error)
    set_list(session, holder, with_item(holder, written), f"Add an item to {grammar.last_part(key)}")
    return ""


def change_items(session: Session, row: Row, what: str) -> None:
    """Duplicates, moves or removes the item that a row stands for.

    Args:
        session: What the window works on.
        row: The row.
        what: `duplicate`, `up`, `down` or `remove`.
    """
    holder, number = list_at(session, row.holder), row.number
    if holder is None or number >= len(holder.value):
        return
    items: list[Any] = [*holder.value]
    name, place = title_of(items[number]), grammar.last_part(row.holder)
    if what == "duplicate":
        items.insert(number + 1, items[number])
        title = f"Duplicate {name} in {place}"
    elif what == "remove":
        del items[number]
        title = f"Remove {name} from {place}"
    else:
        other = number + (1 if what == "down" else -1)
        if not 0 <= other < len(items):
            return
        items[number], items[other] = items[other], items[number]
        title = f"Move {name} {what} in {place}"
    set_list(session, holder, element(items), title)


def add_item_actions(menu: QMenu, session: Session, row: Row) -> None:
    """Adds to a menu what can be done with the item that a row stands for."""
    holder = list_at(session, row.holder)
    if holder is None or is_long(holder.value):
        return
    for what, text, possible in (
        ("duplicate", "Duplicate item", True),
        ("up", "Move item up\tCtrl+Shift+Up", row.number > 0),
        ("down", "Move item down\tCtrl+Shift+Down", row.number < len(holder.value) - 1),
        ("remove", "Remove item\tCtrl+Del", True),
    ):
        action = menu.addAction(text, partial(change_items, session, row, what))
        action.setEnabled(possible)


def _unwritable(value: object) -> Any:
    """The keys in a value that Hydra's grammar cannot write, or would read as something else."""
    held: Sequence[object] = [*value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
    for key in value if isinstance(value, dict) else ():
        if isinstance(key, str) and (not _KEY.fullmatch(key) or is_literal(key)):
            yield key
    for item in held:
        yield from _unwritable(item)
