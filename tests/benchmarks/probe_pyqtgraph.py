"""The same curves drawn by pyqtgraph, with its own reduction of what is more than pixels can show."""

from __future__ import annotations

import sys
import time

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QApplication, QGridLayout, QWidget

from tests.benchmarks.long_runs import values
from tests.benchmarks.watching import AfterPaint, Probe

FRAMES = 40
SIZE = (870, 540)  #: pixels: about what the charts have of a window of 1600×1000


def main() -> int:
    """Draws so many curves of so many points in so many plots, and moves them."""
    probe = Probe.from_command_line()
    series, points, plots = (int(argument) for argument in probe.arguments)
    app = QApplication([])
    window = QWidget()
    window.resize(*SIZE)
    grid = QGridLayout(window)
    x, data = np.arange(1.0, points + 1), values(series, points)
    made = [pg.PlotWidget() for _ in range(plots)]
    for place, plot in enumerate(made):
        grid.addWidget(plot, place // 2, place % 2)
        plot.setDownsampling(auto=True, mode="peak")
        plot.setClipToView(True)
        for one in range(place, series if plots == 1 else place + 1):
            plot.plot(x, np.ascontiguousarray(data[:, one]), pen=pg.mkPen("#9ece6a", width=1))
    window.show()
    app.processEvents()
    frames: list[float] = []
    spent: list[float] = []
    painted: set[int] = set()
    for place, plot in enumerate(made):
        AfterPaint(plot.viewport(), lambda place=place: painted.add(place))
    for number in range(FRAMES):
        low = points * (0.1 + 0.002 * number)
        painted.clear()
        begin, cpu = time.perf_counter(), time.process_time()
        for plot in made:
            plot.setXRange(low, low + points * 0.8, padding=0)
        while len(painted) < plots:
            app.processEvents()
        frames.append((time.perf_counter() - begin) * 1000.0)
        spent.append((time.process_time() - cpu) * 1000.0)
    probe.write({"panning": frames, "panning, CPU": spent})
    window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
