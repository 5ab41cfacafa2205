"""The way from a run to the config: into that of the run, whatever is being composed."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QWidget

from niceml_engine.values import RunState, Selection
from niceml_gui import words
from niceml_gui.session import Session
from niceml_gui.values import file_stem
from niceml_gui.widgets.menus import pop_up_at_focus


class Leading(QObject):
    """Shows keys of a run in the Compose workspace.

    Where something else is composed there than what the run was started from, it asks which of both is meant.

    Args:
        session: What is composed.
        parent: The Qt parent, over which it asks.
    """

    led = Signal()  #: the key is selected in what is composed

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._parent = parent

    def lead(self, state: RunState | None, key: str) -> None:
        """Shows a key, at once if it is clear in which config.

        Args:
            state: The run that it is about; `None`: none is selected.
            key: The key.
        """
        if state is None or is_composed(self._session, state):
            self._show(key)
        elif not self._session.selection.job:
            self._open(state.id, key)
        else:
            pop_up_at_focus(self.menu(state, key), self._parent)

    def menu(self, state: RunState, key: str) -> QMenu:
        """The question."""
        own, now = Selection(state.job, state.overrides), self._session.selection
        menu = QMenu(self._parent)
        menu.setToolTipsVisible(True)
        menu.aboutToHide.connect(menu.deleteLater)
        for text, tip, do in (
            (
                f"Open the run's config: {_told(own)}",
                "It becomes the current selection; Undo takes that back",
                lambda: self._open(state.id, key),
            ),
            (
                f"Show in the current one: {_told(now)}",
                "Other values than those of the run may stand there",
                lambda: self._show(key),
            ),
        ):
            menu.addAction(text, do).setToolTip(tip)
        return menu

    def _open(self, run: str, key: str) -> None:
        self._session.use_run(run, lambda: self._show(key))

    def _show(self, key: str) -> None:
        self._session.set_focus(key=key)
        self.led.emit()


def is_composed(session: Session, state: RunState) -> bool:
    """Whether what is being composed is what a run was started from, or comes to the very same."""
    own = Selection(state.job, state.overrides)
    same = bool(state.digest) and session.composed.digest == state.digest and not session.stale
    return session.selection == own or same


def _told(selection: Selection) -> str:
    """A selection in few words: `job_train · 2 overrides`."""
    count = words.counted(len(selection.overrides), "override")
    return f"{file_stem(selection.job)} · {count}" if selection.overrides else file_stem(selection.job)
