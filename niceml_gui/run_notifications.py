"""Tells a person who does something else that a run has ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from niceml_engine.short import named
from niceml_engine.values import ACTIVE, RunState
from niceml_gui import state, words
from niceml_gui.notifications import Notifications
from niceml_gui.prose import with_quotes
from niceml_gui.session import Message, Session


def in_words(runs: Sequence[RunState]) -> tuple[str, str]:
    """Title and text of the notification that runs have ended."""
    if len(runs) == 1:
        (run,) = runs
        took = words.duration(run.ended - run.started) if run.ended > run.started > 0 else ""
        said = with_quotes(run.message) if run.message != run.status else ""
        return f"{named(run)} {run.status}", " · ".join(part for part in (said, took) if part)
    counts = Counter(run.status for run in runs)
    what = "runs of a sweep" if len({run.group for run in runs}) == 1 and runs[0].group else "runs"
    return f"{len(runs)} {what} have ended", ", ".join(f"{count} {status}" for status, count in counts.most_common())


class RunNotifications(QObject):
    """Notifies of runs that end while no window of the program is in front; of a sweep once, when all of it has ended.

    Args:
        session: Whose runs.
        window: Comes to the front when a notification is clicked.
    """

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self._notifications = Notifications(self)
        self._notifications.clicked.connect(self._show)
        self._notifications.refused.connect(self._refused)
        session.runs.ended.connect(self._ended)

    def toggle(self) -> None:
        """Turns notifications on or off; how they look, and whether the desktop shows any, is shown at once."""
        state.set_notifies(not state.notifies())
        if state.notifies():
            self._notifications.ask_again()
            self._notifications.show("You will be told when a run ends", "while this window is not in front")

    def close(self) -> None:
        """Tells nothing any more."""
        self._notifications.close()

    def _show(self, run: str) -> None:
        window = self._window
        window.setWindowState((window.windowState() & ~Qt.WindowState.WindowMinimized) | Qt.WindowState.WindowActive)
        window.raise_()
        window.activateWindow()
        if run in self._session.runs.states:
            self._session.runs.show(run)

    def _refused(self, why: str) -> None:
        self._session.message.emit(
            Message("warning", f"{why}. Run → Notify when a run ends turns them off.", passing=True)
        )

    def _ended(self, runs: tuple[RunState, ...]) -> None:
        if not state.notifies() or QGuiApplication.applicationState() == Qt.ApplicationState.ApplicationActive:
            return
        known = self._session.runs.states.values()
        groups: dict[str, list[RunState]] = {}
        for run in runs:
            groups.setdefault(run.group, []).append(run)
        told = groups.pop("", [])
        for group in groups:
            whole = [run for run in known if run.group == group]
            if not any(run.status in ACTIVE for run in whole):
                told += whole
        if told:
            self._notifications.show(*in_words(told), told[0].id)
