"""A bare Qt window: what no program with Qt can be faster than."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QApplication, QMainWindow

from tests.benchmarks.watching import AfterPaint, Probe, memory


def main() -> int:
    """Shows a window and ends with its first paint."""
    probe = Probe.from_command_line()
    application = QApplication(sys.argv[:1])
    window = QMainWindow()
    window.resize(1600, 1000)

    def painted() -> None:
        probe.write({"painted": probe.age(), "memory": memory()})
        window.close()

    AfterPaint(window, painted)
    window.show()
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
