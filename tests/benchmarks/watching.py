"""When a widget was painted, and when an event loop came to rest. Imports Qt alone."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

REST = 0.05  #: seconds without a pause of the event loop that count as rest
PAUSE = 0.012  #: seconds between two ticks that count as a pause
TICK_MS = 2


@dataclass(frozen=True)
class Probe:
    """What a watched process was told by its parent.

    Attributes:
        started: When the parent started it, in seconds since the epoch.
        result: The file for what was found.
        arguments: The rest of the command line.
    """

    started: float
    result: Path
    arguments: list[str]

    @classmethod
    def from_command_line(cls) -> Probe:
        """Reads `START RESULT ARGUMENTS…`."""
        return cls(float(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])

    def age(self) -> float:
        """Seconds since the process was started."""
        return time.time() - self.started

    def write(self, found: dict[str, Any]) -> None:
        """Writes down what was found."""
        self.result.write_text(json.dumps(found), "utf-8")


class AfterPaint(QObject):
    """Calls a function whenever a widget has been painted, as soon as all painting of that turn is over."""

    def __init__(self, widget: QWidget, function: Callable[[], object]) -> None:
        super().__init__(widget)
        self._function = function
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self._function)
        return False


class AtRest(QObject):
    """Calls a function once the event loop has rested, with the time (since the epoch) at which its rest began."""

    def __init__(self, function: Callable[[float], object], parent: QObject) -> None:
        super().__init__(parent)
        self._function = function
        self._began = self._last = time.time()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MS)

    def _tick(self) -> None:
        now = time.time()
        if now - self._last > PAUSE:
            self._began = now
        self._last = now
        if now - self._began > REST:
            self._timer.stop()
            self._function(self._began)


class When(QObject):
    """Calls a function once, as soon as a condition holds that is looked at every few milliseconds."""

    def __init__(self, condition: Callable[[], object], function: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self._condition, self._function = condition, function
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MS)

    def _tick(self) -> None:
        if self._condition():
            self._timer.stop()
            self._function()


def memory() -> float:
    """The resident memory of this process in MB (10⁶ bytes)."""
    import psutil

    return float(psutil.Process().memory_info().rss) / 1e6
