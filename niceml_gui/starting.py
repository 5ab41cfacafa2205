"""Starting what is selected: at once, or where a check has found errors, once the person insists.

A run that is certain to fail must not cost a night, and one that the check is wrong about must be startable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from niceml_engine.values import Problem, Selection
from niceml_gui.paths import inside
from niceml_gui.words import counted

if TYPE_CHECKING:
    from niceml_gui.session import Session

PATIENCE_MS = 1000  #: how long a start waits for a check that goes on; most take a quarter of that


@dataclass(frozen=True)
class Doubt:
    """A start that a check is against.

    Attributes:
        errors: What it has found, the first to be mended first.
        said: The first of them in a line, and how many more there are.
        start: Starts nevertheless.
    """

    errors: tuple[Problem, ...]
    said: str
    start: Callable[[], object]


class Starting(QObject):
    """Starts runs of what is selected.

    Args:
        session: What the window works on.
    """

    doubted = Signal(object)  #: `Doubt` for the person

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._wanted: list[Selection] = []  # as often as it was asked for
        self._asks = True
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._go)
        session.problems_changed.connect(self._look)
        session.selection_changed.connect(self._go)  # what was to be started is not checked any more

    def start(self, *, ask: bool = True) -> None:
        """Starts the selection as soon as it has been checked, or as the check takes too long.

        Args:
            ask: Whether errors are a question; else it is started, and told of them.
        """
        self._wanted.append(self._session.selection)
        self._asks = ask
        if self._session.checked or self._is_refused() or self._session.connection.away:
            self._go()
        else:
            self._patience.start()
            self._session.check_now()

    def close(self) -> None:
        """Starts nothing any more."""
        self._wanted.clear()
        self._patience.stop()

    def _is_refused(self) -> bool:
        """Whether the service refuses to start it, and says why; a program need not ask for all that is there."""
        composed = self._session.composed
        found = (bool(composed.dagster_job) and one.severity == "error" for one in composed.problems)
        return not self._session.stale and (composed.error is not None or any(found))

    def _look(self) -> None:
        if self._session.checked or self._is_refused():
            self._go()

    def _go(self) -> None:
        wanted, session = tuple(self._wanted), self._session
        self.close()
        if not wanted:
            return

        def start() -> None:
            for selection in wanted:
                session.runs.start(selection)

        known = session.checked and wanted[-1] == session.composed.selection and not self._is_refused()
        errors = tuple(one for one in session.problems if known and one.severity == "error")
        if errors:
            said = in_a_line(errors, session.project.root if session.project is not None else "")
            if self._asks:
                self.doubted.emit(Doubt(errors, said, start))
                return
            session.complain(f"Started in spite of this: {said}", until=None)
        start()


def in_a_line(errors: tuple[Problem, ...], root: str = "") -> str:
    """The first of some problems with its place, as seen from a project's root, and how many more there are."""
    first, more = errors[0], len(errors) - 1
    place = f"{inside(first.file, root)}:{first.line}: " if first.file and first.line else ""
    key = f"{first.key}: " if first.key and first.key not in first.message else ""
    return f"{place}{key}{first.message}" + (f", and {counted(more, 'more error')}" if more else "")
