"""What can be done with a value, wherever it is shown."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from niceml_engine.parts import plain_key
from niceml_engine.values import Leaf, Selection
from niceml_gui import overrides as grammar
from niceml_gui.clipboard import copy_as
from niceml_gui.session import Session
from niceml_gui.workspaces.compose.quoting import element, field_text
from niceml_gui.workspaces.compose.usage import file_of


def override_of(session: Session, leaf: Leaf) -> str:
    """The override that pins a value to what it is: the one in force, or one that says the same."""
    return session.overridden(leaf.key) or f"{plain_key(leaf.key)}={element(leaf.value)}"


def copy_command(session: Session, leaf: Leaf) -> None:
    """Copies the command line that runs the job as it is, with this value pinned; says so if there is none."""
    selection = session.selection
    overrides = selection.overrides
    if session.overridden(leaf.key) is None:
        overrides = grammar.with_value(overrides, leaf.key, element(leaf.value))
    copy_as(session, "command", Selection(selection.job, overrides), leaf.key)


def open_source(session: Session, leaf: Leaf) -> None:
    """Opens the file that set a value last, at its line."""
    origin = file_of(leaf)
    if origin is not None:
        session.open_source(origin.file, origin.line)


def add_actions(menu: QMenu, session: Session, leaf: Leaf, *, named: bool = True) -> None:
    """Adds to a menu what can be done with a value; less where no override can name it."""
    copy = QGuiApplication.clipboard().setText
    menu.addAction("Copy key", partial(copy, leaf.key))
    if not leaf.secret:
        menu.addAction("Copy value", lambda: copy(field_text(leaf.value)))
    if not leaf.secret and named:
        menu.addAction("Copy as override", partial(copy, override_of(session, leaf)))
        menu.addAction("Copy as command line", partial(copy_command, session, leaf))
    menu.addSeparator()
    if file_of(leaf) is not None:
        menu.addAction("Open source\tF4", partial(open_source, session, leaf))
    if session.overridden(leaf.key) is not None:
        menu.addAction("Reset to the files' value", partial(session.reset, leaf.key))


def leaf_menu(session: Session, leaf: Leaf, parent: QWidget) -> QMenu:
    """A menu of a value; it deletes itself when it closes."""
    menu = QMenu(parent)
    menu.aboutToHide.connect(menu.deleteLater)
    add_actions(menu, session, leaf)
    return menu
