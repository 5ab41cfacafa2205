"""The real program, `niceml_gui.app.main`, with somebody who watches."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from niceml_gui import app

if TYPE_CHECKING:
    from niceml_gui.window import Window


def run(arguments: list[str], watch: Callable[[Window], object]) -> int:
    """Runs the program, and calls `watch` with its window when the event loop is about to begin."""

    class Watched(QApplication):
        @staticmethod
        def exec() -> int:
            from niceml_gui.window import Window  # loaded by now: the program does it late

            watch(next(widget for widget in QApplication.topLevelWidgets() if isinstance(widget, Window)))
            return QApplication.exec()

    sys.excepthook = _give_up
    app.QApplication = Watched
    return app.main(arguments)


def _give_up(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Ends the program, which else would go on without whoever was to end it."""
    sys.__excepthook__(kind, error, trace)
    os._exit(1)
