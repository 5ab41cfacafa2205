"""Keeps asking what the newest selection composes to, and what reading its code finds."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from niceml_engine.protocol.configs import CheckSelection, Compose
from niceml_engine.values import Composed, ErrorInfo, Problem, Selection
from niceml_gui.engine import Engine

TIMEOUT = 60.0
CHECK_DELAY_MS = 300  #: checks read code, which is slower than composing: wait until the person pauses


class Composer(QObject):
    """Asks one question at a time; only the answer for the newest selection is given out."""

    composed = Signal(object)  #: `Composed` of the newest selection
    checked = Signal(object)  #: problems found in the code that it names
    failed = Signal(object)  #: `ErrorInfo`: there is no answer

    def __init__(self, engine: Engine, parent: QObject) -> None:
        super().__init__(parent)
        self._engine = engine
        self._newest = Selection("")
        self._asked: int | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(CHECK_DELAY_MS)
        self._timer.timeout.connect(self._check)
        self._again = False

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._asked is not None

    def ask(self, selection: Selection) -> None:
        """Composes a selection, after what is being composed now; what waited before it is dropped."""
        self._newest, self._again = selection, True
        self._timer.stop()
        if self._asked is None:
            self._send()

    def reset(self) -> None:
        """Forgets what was asked; no answer to it will be given out."""
        if self._asked is not None:
            self._engine.forget(self._asked)
        self._asked, self._again = None, False
        self._timer.stop()

    def _send(self) -> None:
        self._again = False
        self._asked = self._engine.ask(Compose(self._newest), self._answered, self._refused, TIMEOUT)

    def _answered(self, composed: Composed) -> None:
        self._asked = None
        if self._again:
            self._send()
            return
        self._timer.start()
        self.composed.emit(composed)

    def _refused(self, error: ErrorInfo) -> None:
        self._asked = None
        if self._again and self._engine.running:
            self._send()
            return
        self.failed.emit(error)

    def _check(self) -> None:
        asked = self._newest

        def checked(problems: tuple[Problem, ...]) -> None:
            if asked == self._newest and self._asked is None:
                self.checked.emit(problems)

        self._engine.ask(CheckSelection(asked), checked, self.failed.emit, TIMEOUT)
