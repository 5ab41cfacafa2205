"""The program's window while a training runs: when each metric came and when it was painted."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from niceml_engine.events import Event, Metrics
from niceml_engine.values import ENDED
from tests.benchmarks import program
from tests.benchmarks.watching import AfterPaint, Probe, When, memory

if TYPE_CHECKING:
    from niceml_gui.window import Window
    from niceml_gui.workspaces.runs.charts import ChartsPane
    from niceml_gui.workspaces.runs.panel import RunsWorkspace


class Watcher:
    """Follows the batches of one run from the stream to the screen.

    Args:
        probe: What to measure; the arguments are the program's.
    """

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._ended: dict[int, float] = {}  #: when a step ended in the worker
        self._came: list[float] = []  #: seconds from there to this process
        self._shown: dict[str, list[float]] = {}  #: by metric, when each of its values was on screen
        self._drawn: dict[str, list[int]] = {}  #: by metric, the steps whose values the chart was given
        self._cpu: list[tuple[float, float]] = []  #: wall and CPU time at every batch of rows

    def watch(self, window: Window) -> None:
        """Begins, when the event loop is about to."""
        self._window = window
        session = window.session
        session.runs.rows.connect(self._take)
        self._patch()

        def ended() -> bool:
            run = session.runs.states.get(session.runs.current)
            return run is not None and run.status in ENDED

        When(ended, self._end, window)

    def _take(self, run: str, events: tuple[Event, ...]) -> None:
        now = time.time()
        for event in events:
            if isinstance(event, Metrics) and event.level == "batch":
                self._ended[event.step] = event.time
                self._came.append(now - event.time)
                self._cpu.append((now, time.process_time()))

    def _patch(self) -> None:
        # The charts are drawn by a private timer; looking over its shoulder costs next to nothing.
        from niceml_gui.workspaces.runs.charts import ChartsPane

        draw = ChartsPane._draw

        def watched(pane: ChartsPane) -> None:
            draw(pane)
            self._note(pane)

        ChartsPane._draw = watched

    def _note(self, pane: ChartsPane) -> None:
        workspace: Any = self._window.pages.currentWidget()
        runs: RunsWorkspace = workspace
        for key, series in runs.feeder.record.series.items():
            chart = pane.charts.get(key.metric)
            if key.level != "batch" or chart is None or chart in pane._late or not len(series):
                continue
            if key.metric not in self._shown:
                self._shown[key.metric] = []
                AfterPaint(chart.plot.viewport(), lambda metric=key.metric: self._painted(metric))
            self._drawn[key.metric] = [int(step) for step in series.steps.view]

    def _painted(self, metric: str) -> None:
        now = time.time()
        shown = self._shown[metric]
        shown += [now] * (len(self._drawn[metric]) - len(shown))

    def _end(self) -> None:
        (first, cpu_first), (last, cpu_last) = self._cpu[0], self._cpu[-1]
        delays = {
            metric: [
                (when - self._ended[step]) * 1000.0
                for step, when in zip(self._drawn[metric], shown, strict=False)  # the last ones may not be painted
            ]
            for metric, shown in self._shown.items()
        }
        self._probe.write(
            {
                "delays": delays,
                "came": [seconds * 1000.0 for seconds in self._came],
                "share": (cpu_last - cpu_first) / (last - first) * 100.0,
                "steps": len(self._ended),
                "seconds": last - first,
                "memory": memory(),
            }
        )
        self._window.close()


def main() -> int:
    """Runs the program."""
    probe = Probe.from_command_line()
    return program.run(probe.arguments, Watcher(probe).watch)


if __name__ == "__main__":
    sys.exit(main())
