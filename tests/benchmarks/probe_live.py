"""The program's window while something is measured: when each row came and when it was painted."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from niceml_engine.columns import Rows
from niceml_engine.values import ENDED
from tests.benchmarks import program
from tests.benchmarks.watching import AfterPaint, AtRest, Probe, When, memory

if TYPE_CHECKING:
    from niceml_gui.window import Window
    from niceml_gui.workspaces.runs.charts.pane import ChartsPane

RUNS = 1  #: the place of the workspace
ALL = 3  #: workspaces


class Watcher:
    """Follows the batches of one run from the stream to the screen.

    Args:
        probe: What to measure.
        fast: Arguments of `fast_worker`, which is to be watched; none: the run that the program starts with.
    """

    def __init__(self, probe: Probe, fast: list[str]) -> None:
        self._probe, self._fast = probe, fast
        self._worker: subprocess.Popen[bytes] | None = None
        self._ended: list[np.ndarray] = []  #: when each step ended in the worker, in order
        self._came: list[np.ndarray] = []  #: seconds from there to this process
        self._shown: dict[str, list[float]] = {}  #: by metric, when each of its values was on screen
        self._drawn: dict[str, int] = {}  #: by metric, how many values the chart was given
        self._cpu: list[tuple[float, float]] = []  #: wall and CPU time at every arrival of rows
        self._run = ""  # the run that is watched

    def watch(self, window: Window) -> None:
        """Begins, when the event loop is about to."""
        self._window = window
        self._runs = window.session.runs
        self._runs.rows.connect(self._take)
        self._runs.requested.connect(self._watched)
        self._patch()
        if self._fast:
            When(lambda: window.pages.count() > ALL, lambda: AtRest(self._begin, window), window)
        When(self._is_over, self._end, window)

    def _begin(self, _: float) -> None:
        """Starts what writes rows, and shows its run."""
        self._window.show_workspace(RUNS)
        self._worker = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.fast_worker", *self._fast])
        self._run = run = Path(self._fast[0]).name
        When(lambda: run in self._runs.states, lambda: self._runs.select(run), self._window)

    def _watched(self, run: str) -> None:
        self._run = self._run or run

    def _is_over(self) -> bool:
        run = self._runs.states.get(self._run)
        return run is not None and run.status in ENDED and bool(self._shown)

    def _take(self, run: str, rows: Rows) -> None:
        if run != self._run:  # the window shows an older one until then
            return
        now = time.time()
        for columns in rows.columns:
            if columns.level == "batch":
                times = np.frombuffer(columns.times)
                self._ended.append(times)
                self._came.append(now - times)
                self._cpu.append((now, time.process_time()))

    def _patch(self) -> None:
        # The charts are drawn by a private timer; looking over its shoulder costs next to nothing.
        from niceml_gui.workspaces.runs.charts.pane import ChartsPane

        draw = ChartsPane._draw

        def watched(pane: ChartsPane) -> None:
            draw(pane)
            self._note(pane)

        ChartsPane._draw = watched

    def _note(self, pane: ChartsPane) -> None:
        if self._runs.current != self._run:
            return
        visible = set(pane.board.visible())
        for key, series in pane.shown[0].record.series.items() if pane.shown else ():
            chart = pane.charts.get(key.metric)
            if key.level != "batch" or chart is None or chart in pane._late or key.metric not in visible:
                continue
            if key.metric not in self._shown:
                self._shown[key.metric] = []
                AfterPaint(chart.canvas, lambda metric=key.metric: self._painted(metric))
            self._drawn[key.metric] = len(series)

    def _painted(self, metric: str) -> None:
        now = time.time()
        shown = self._shown[metric]
        shown += [now] * (self._drawn[metric] - len(shown))

    def _end(self) -> None:
        (first, cpu_first), (last, cpu_last) = self._cpu[0], self._cpu[-1]
        ended = np.concatenate(self._ended)
        delays = {}
        for metric, shown in self._shown.items():
            if len(shown) > 0.9 * len(ended):  # measured with every batch; the last ones may not be painted
                count = min(len(shown), len(ended))
                delays[metric] = ((np.array(shown[:count]) - ended[:count]) * 1000.0).tolist()
        self._probe.write(
            {
                "delays": delays,
                "came": (np.concatenate(self._came) * 1000.0).tolist(),
                "share": (cpu_last - cpu_first) / (last - first) * 100.0,
                "steps": len(ended),
                "seconds": last - first,
                "memory": memory(),
            }
        )
        if self._worker is not None:
            self._worker.wait()
        self._window.close()


def main() -> int:
    """Runs the program."""
    probe = Probe.from_command_line()
    project, *rest = probe.arguments
    fast = rest[1:] if rest[0] == "fast" else []
    return program.run([project] if fast else probe.arguments, Watcher(probe, fast).watch)


if __name__ == "__main__":
    sys.exit(main())
