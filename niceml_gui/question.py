"""A question to the service that is asked anew with every change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer

from niceml_engine.protocol.frames import Request
from niceml_engine.values import ErrorInfo
from niceml_gui.engine import Engine


class Question(QObject):
    """Asks when the person pauses; of several questions only the last one is answered.

    Args:
        engine: Who is asked.
        make: The question as it is once the pause is over; `None`: there is none any more.
        then: Gets the answer.
        failed: Gets why there is none.
        delay: The pause, in milliseconds.
        timeout: Seconds that the answer may take.
        parent: The Qt parent.
    """

    def __init__(
        self,
        engine: Engine,
        make: Callable[[], Request | None],
        then: Callable[[Any], object],
        failed: Callable[[ErrorInfo], object],
        *,
        delay: int,
        timeout: float,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._engine, self._make = engine, make
        self._then, self._failed, self._timeout = then, failed, timeout
        self._asked: int | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(delay)
        self._timer.timeout.connect(self._ask)

    def ask(self) -> None:
        """Asks after a pause, instead of what was asked before."""
        self.drop()
        self._timer.start()

    def drop(self) -> None:
        """Asks no more, and wants no answer."""
        self._timer.stop()
        if self._asked is not None:
            self._engine.forget(self._asked)
            self._asked = None

    def _ask(self) -> None:
        request = self._make()
        if request is not None:
            self._asked = self._engine.ask(request, self._take, self._refuse, self._timeout)

    def _take(self, answer: Any) -> None:
        self._asked = None
        self._then(answer)

    def _refuse(self, error: ErrorInfo) -> None:
        self._asked = None
        self._failed(error)
