"""The program's window with a long run: how soon its charts are there, what they take, and how fluently they move."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from niceml_engine.values import ENDED
from tests.benchmarks import program
from tests.benchmarks.watching import AfterPaint, AtRest, Probe, When, memory

if TYPE_CHECKING:
    from niceml_gui.window import Window
    from niceml_gui.workspaces.runs.charts.chart import Chart
    from niceml_gui.workspaces.runs.charts.pane import ChartsPane

RUNS = 1  #: the place of the workspace
ALL = 3  #: workspaces
FRAMES = 60
SIZE = (1600, 1000)
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


class Plots:
    """Opens a run as a person would, and moves its charts.

    Args:
        probe: What to do: a project, the id of one of its runs, and whether all series are drawn in one chart.
    """

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self.found: dict[str, Any] = {}

    def watch(self, window: Window) -> None:
        """Begins, when the event loop is about to."""
        self._window = window
        window.resize(*SIZE)
        _, run, self._how = self._probe.arguments
        runs = window.session.runs

        def ready() -> bool:
            return window.pages.count() > ALL and run in runs.states and runs.states[run].status in ENDED

        When(ready, lambda: self._rest(run), window)

    def _rest(self, run: str) -> None:
        self._window.show_workspace(RUNS)
        AtRest(lambda _: self._open(run), self._window)

    def _open(self, run: str) -> None:
        self._memory = memory()
        self._begin, self._cpu = time.perf_counter(), time.process_time()
        page: Any = self._window.pages.currentWidget()
        self._pane: ChartsPane = page.charts
        self._feeder = page.feeder
        self._window.session.runs.select(run)
        When(self._drawn, self._opened, self._window)

    def _drawn(self) -> bool:
        """Whether the run is read to its end, and every chart in view was painted after that."""
        record, pane = self._feeder.record, self._pane
        if record.ended is None or self._feeder.busy or pane._dirty or pane._late or pane._timer.isActive():
            return False
        return all(pane.charts[metric].canvas._layer is not None for metric in pane.board.visible())

    def _opened(self) -> None:
        self.found["opened"] = time.perf_counter() - self._begin
        self.found["cpu"] = time.process_time() - self._cpu
        record = self._feeder.record
        points = sum(len(series) for series in record.series.values())
        self.found["points"] = points
        self.found["bytes"] = (memory() - self._memory) * 1e6 / points
        if self._how == "together":
            self._draw_together()
        self.found["charts"] = len(self._pane.board.visible())
        self._steps = self._move()
        self._next()

    def _draw_together(self) -> None:
        """Shows every series as the loss of a run of its own, all in one chart."""
        from niceml_gui.workspaces.runs.charts.styles import Shown
        from niceml_gui.workspaces.runs.measured import SeriesKey
        from niceml_gui.workspaces.runs.record import RunRecord

        record, shown = self._feeder.record, []
        for hue, series in enumerate(record.series.values()):
            one = RunRecord(f"r{hue}", record.seq, first=record.started, time=record.time)
            one.series[SeriesKey("loss", "batch", "train")] = series
            one.epochs, one.tracks = record.epochs, record.tracks
            shown.append(Shown(one.run, one, one.run, hue))
        self._pane.show_runs(shown, "")
        QApplication.processEvents()

    def _next(self) -> None:
        if next(self._steps, None) is None:
            self._probe.write(self.found)
            self._window.close()

    def _move(self) -> Iterator[bool]:
        chart = self._pane.charts["loss"]
        centre = chart.canvas.rect().center()
        for name, events in (
            ("zooming in", [_wheel(chart, 120)] * (FRAMES // 4) + [_wheel(chart, -120)] * (FRAMES // 8)),
            ("panning", [held(chart, centre + QPoint(place % 40 - 20, 0)) for place in range(FRAMES)]),
            ("crosshair", [_pointed(chart, centre + QPoint(2 * (place % 100) - 100, 0)) for place in range(FRAMES)]),
            ("all of it, panning", [held(chart, centre + QPoint(place % 40 - 20, 0)) for place in range(FRAMES)]),
        ):
            if name.startswith("all"):
                self._pane.fit()
            AtRest(lambda _: self._next(), self._window)
            yield True
            if name.endswith("panning"):
                press(chart, centre)
            frames = [self._frame(event) for event in events]
            self.found[name], self.found[f"{name}, CPU"] = ([frame[part] for frame in frames] for part in (0, 1))
            if name.endswith("panning"):
                release(chart, centre)
        yield from ()

    def _frame(self, event: Callable[[], object]) -> tuple[float, float]:
        """From what a person does to the end of the painting of all charts in view, and the CPU time; in ms."""
        painted: set[str] = set()
        visible = self._pane.board.visible()
        hooks = [
            AfterPaint(self._pane.charts[metric].canvas, lambda metric=metric: painted.add(metric))
            for metric in visible
        ]
        begin, cpu = time.perf_counter(), time.process_time()
        event()
        while len(painted) < len(visible) and time.perf_counter() - begin < 2:
            QApplication.processEvents()
        spent = (time.perf_counter() - begin) * 1000.0, (time.process_time() - cpu) * 1000.0
        for hook in hooks:
            hook.parent().removeEventFilter(hook)
            hook.deleteLater()
        return spent


def _wheel(chart: Chart, turned: int) -> Callable[[], object]:
    def turn() -> None:
        place = QPointF(chart.canvas.rect().center())
        where = QPointF(chart.canvas.mapToGlobal(place.toPoint()))
        phase = Qt.ScrollPhase.NoScrollPhase
        event = QWheelEvent(place, where, QPoint(), QPoint(0, turned), Qt.MouseButton.NoButton, CTRL, phase, False)
        QApplication.sendEvent(chart.canvas, event)

    return turn


def _mouse(chart: Chart, kind: QMouseEvent.Type, place: QPoint, button: Qt.MouseButton, keys: Any) -> None:
    where = QPointF(chart.canvas.mapToGlobal(place))
    QApplication.sendEvent(chart.canvas, QMouseEvent(kind, QPointF(place), where, button, button, keys))


def press(chart: Chart, place: QPoint) -> None:
    """Takes hold of a chart."""
    _mouse(chart, QMouseEvent.Type.MouseButtonPress, place, Qt.MouseButton.LeftButton, SHIFT)


def release(chart: Chart, place: QPoint) -> None:
    """Lets it go."""
    _mouse(chart, QMouseEvent.Type.MouseButtonRelease, place, Qt.MouseButton.LeftButton, SHIFT)


def held(chart: Chart, place: QPoint) -> Callable[[], object]:
    """Moves it as far as to a place."""
    return lambda: _mouse(chart, QMouseEvent.Type.MouseMove, place, Qt.MouseButton.LeftButton, SHIFT)


def _pointed(chart: Chart, place: QPoint) -> Callable[[], object]:
    none = Qt.KeyboardModifier.NoModifier
    return lambda: _mouse(chart, QMouseEvent.Type.MouseMove, place, Qt.MouseButton.NoButton, none)


def main() -> int:
    """Runs the program."""
    probe = Probe.from_command_line()
    return program.run([probe.arguments[0]], Plots(probe).watch)


if __name__ == "__main__":
    sys.exit(main())
