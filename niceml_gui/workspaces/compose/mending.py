"""Mending problems: which ways there are, and doing what a person chooses of them."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from niceml_engine.protocol.files import FileChange
from niceml_engine.values import Fix, Problem
from niceml_gui.file_changes import Step
from niceml_gui.session import Session
from niceml_gui.widgets.change_dialog import ChangeDialog

_TRUST = Fix("trust this project")  #: what a person does in a dialog of its own
#: Problems that are none where the project's code runs.
_TRUSTED = ("only-in-python", "schema-in-python", "search-path")


def needs_trust(problem: Problem | None) -> bool:
    """Whether something is none once the project is trusted."""
    return problem is not None and problem.code in _TRUSTED


def ways(problem: Problem) -> tuple[Fix, ...]:
    """The ways to mend a problem; before it was checked, the override that composing knows of."""
    if needs_trust(problem):
        return (_TRUST,)
    if problem.fixes or not problem.fix:
        return problem.fixes
    return (Fix(f"fix with {problem.fix}", adds=(problem.fix,)),)


def word(problem: Problem) -> str:
    """What a button says that mends a problem: at once, with a dialog first (`…`), or in one of several ways (`▾`)."""
    found = ways(problem)
    if found == (_TRUST,):
        return "Trust…"
    name = "Choose" if problem.code == "missing-choice" else "Fix"
    return f"{name} ▾" if len(found) > 1 else f"{name}…" if found[0].edits else name


def about(problem: Problem) -> str:
    """What such a button does, for its tooltip."""
    found = ways(problem)
    return upper(found[0].title) if len(found) == 1 else f"{len(found)} ways to mend it"


def upper(text: str) -> str:
    """A text that begins a line."""
    return text[:1].upper() + text[1:]


class Mending(QObject):
    """Mends problems of the session's config.

    Args:
        session: What the window works on.
        parent: The pane over which menus and dialogs open.
    """

    variable_wanted = Signal(str)  #: a variable of the environment is to be set

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._pane = session, parent

    def mend(self, problem: Problem, place: QPoint) -> None:
        """Does what there is to do, or asks which of several ways it is to be, at a place on screen."""
        found = ways(problem)
        if len(found) == 1:
            self.apply(found[0])
        elif found:
            menu = QMenu(self._pane)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self.fill(menu, problem)
            menu.popup(place)

    def fill(self, menu: QMenu, problem: Problem) -> None:
        """Puts the ways to mend a problem into a menu."""
        for fix in ways(problem):
            action = menu.addAction(upper(fix.title) + ("…" if fix.edits or fix == _TRUST else ""))
            action.setToolTip(" ".join(fix.adds))
            action.triggered.connect(partial(self.apply, fix))

    def apply(self, fix: Fix, _checked: bool = False) -> None:
        """Mends in one way; edits of files are shown first."""
        title = upper(fix.title)
        if fix == _TRUST:
            self._session.trust.ask(self._session.selection)
        elif fix.variable:
            self.variable_wanted.emit(fix.variable)
        elif fix.edits:
            self._session.files.plan(fix.edits, partial(self._preview, title))
        else:
            kept = (text for text in self._session.selection.overrides if text not in fix.drops)
            self._session.set_overrides((*kept, *fix.adds), title)

    def _preview(self, title: str, changes: tuple[FileChange, ...]) -> None:
        root = self._session.project.root if self._session.project is not None else ""
        dialog = ChangeDialog(title, changes, root, self._pane.window())
        dialog.accepted.connect(lambda: self._session.files.write(Step(title, changes)))
        dialog.open()
