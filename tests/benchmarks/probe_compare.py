"""The program's window with a thousand runs, many of which are compared."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QWidget

from niceml_engine.protocol.runs import RunChanged
from tests.benchmarks import program
from tests.benchmarks.probe_plots import ALL, RUNS, SIZE, held, press, release
from tests.benchmarks.watching import AfterPaint, AtRest, Probe, When

if TYPE_CHECKING:
    from niceml_gui.window import Window

FRAMES = 40
QUERIES = ("val_loss < 0.3", "config.epochs >= 10", "status = failed and config.learning_rate < 0.005", "")


class Compared:
    """Ticks runs as a person would, and moves what is shown of them.

    Args:
        probe: What to do: a project, and how many runs are compared.
    """

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self.found: dict[str, Any] = {}

    def watch(self, window: Window) -> None:
        """Begins, when the event loop is about to."""
        self._window = window
        window.resize(*SIZE)

        def ready() -> bool:
            return window.pages.count() > ALL and len(window.session.runs.states) >= 1000

        When(ready, self._rest, window)

    def _rest(self) -> None:
        self._window.show_workspace(RUNS)
        self._page: Any = self._window.pages.currentWidget()
        self._page.show_pane(self._page.metrics)  # another one may have been left in front
        self._window.session.leaves.want()
        AtRest(lambda _: self._tick(), self._window)

    def _tick(self) -> None:
        count = int(self._probe.arguments[1])
        runs = [run for run in self._window.session.runs.states if run.endswith("-curv")][:count]
        self._begin = time.perf_counter()
        self._page.comparison.set(runs)
        When(self._drawn, self._opened, self._window)

    def _drawn(self) -> bool:
        """Whether all runs are read to their end, and every chart in view was painted after that."""
        pane, feeder = self._page.charts, self._page.feeder
        compared = self._page.comparison.chosen.runs
        if feeder.busy or any(feeder.records[run].ended is None for run in compared):
            return False
        if pane._dirty or pane._late or pane._timer.isActive() or len(pane.shown) != len(compared):
            return False
        return all(pane.charts[metric].canvas._layer is not None for metric in pane.board.visible())

    def _opened(self) -> None:
        self.found["opened"] = time.perf_counter() - self._begin
        AtRest(lambda _: self._move(), self._window)

    def _move(self) -> None:
        page, chart = self._page, self._page.charts.charts["loss"]
        centre = chart.canvas.rect().center()
        press(chart, centre)
        moves = [held(chart, centre + QPoint(place % 40 - 20, 0)) for place in range(FRAMES)]
        frames = [self._frame(chart.canvas, move) for move in moves]
        self._note("panning", frames)
        release(chart, centre)
        first = page.comparison.chosen.runs[0]
        self._note("hiding", [self._frame(chart.canvas, lambda: page.comparison.hide(first)) for _ in range(10)])
        view = page.runs.view
        bar = view.verticalScrollBar()
        places = range(7, 7 * FRAMES, 7)
        self._note("scrolling", [self._frame(view.viewport(), lambda at=at: bar.setValue(at)) for at in places])
        bar.setValue(0)
        QApplication.processEvents()
        state = next(iter(self._window.session.runs.states.values()))

        def news(number: int) -> None:
            told = RunChanged(msgspec.structs.replace(state, message=f"epoch {number}"))
            self._window.session.engine.notified.emit(told)

        self._note("news", [self._frame(view.viewport(), lambda n=number: news(n)) for number in range(FRAMES)])
        query = page.runs.query
        asked = QUERIES * 3
        self._note("query", [self._frame(view.viewport(), lambda text=text: query.set_text(text)) for text in asked])
        self._table()

    def _table(self) -> None:
        page = self._page
        page.comparison.clear()
        QApplication.processEvents()
        found = []
        for _ in range(5):
            page.show_pane(page.metrics)
            QApplication.processEvents()
            page.table.soon()
            found.append(self._frame(page.table.table.viewport(), lambda: page.show_pane(page.table)))
        self._note("table", found)
        page.table.show_view(1)
        QApplication.processEvents()
        axes = page.table.parallel
        column = axes.columns[-1]
        ends = [0.5 + part / 100 for part in range(20)]
        self._note("brushing", [self._frame(axes, lambda end=end: axes.brush(column, 0.2, end)) for end in ends])
        self._probe.write(self.found)
        self._window.close()

    def _note(self, name: str, frames: list[tuple[float, float]]) -> None:
        self.found[name], self.found[f"{name}, CPU"] = ([one[part] for one in frames] for part in (0, 1))

    def _frame(self, widget: QWidget, event: Callable[[], object]) -> tuple[float, float]:
        """From what a person does to the end of the painting of a widget, and the CPU time; in ms."""
        painted: list[bool] = []
        hook = AfterPaint(widget, lambda: painted.append(True))
        begin, cpu = time.perf_counter(), time.process_time()
        event()
        while not painted and time.perf_counter() - begin < 3:
            QApplication.processEvents()
        spent = (time.perf_counter() - begin) * 1000.0, (time.process_time() - cpu) * 1000.0
        widget.removeEventFilter(hook)
        hook.deleteLater()
        return spent


def main() -> int:
    """Runs the program."""
    probe = Probe.from_command_line()
    return program.run([probe.arguments[0]], Compared(probe).watch)


if __name__ == "__main__":
    sys.exit(main())
