"""The program's window: empty, or with a project, all workspaces and a past run."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from tests.benchmarks import program
from tests.benchmarks.watching import AfterPaint, AtRest, Probe, When, memory

if TYPE_CHECKING:
    from niceml_gui.window import Window

ALL = 3  #: workspaces


class Watcher:
    """Follows the window's start.

    Args:
        probe: What to measure; an argument names a project to wait for.
    """

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._found: dict[str, float] = {}

    def watch(self, window: Window) -> None:
        """Begins, when the event loop is about to."""
        self._window = window
        self._found["loop"] = self._probe.age()
        self._hook = AfterPaint(window, self._painted)
        window.update()  # in case that it has been painted already
        if self._probe.arguments:
            When(self._composed, self._show, window)

    def _painted(self) -> None:
        if "painted" in self._found:
            return
        self._found["painted"] = self._probe.age()
        if not self._probe.arguments:
            AtRest(lambda _: self._end(), self._window)

    def _composed(self) -> bool:
        session = self._window.session
        return bool(session.composed.digest) and not session.busy and bool(session.reference.ops)

    def _show(self) -> None:
        self._found["composed"] = self._probe.age()
        AtRest(self._interactive, self._window)

    def _interactive(self, when: float) -> None:
        self._found["interactive"] = when - self._probe.started
        self._found["memory"] = memory()
        self._found["cpu"] = time.process_time()
        When(self._all_built, self._built, self._window)

    def _all_built(self) -> bool:
        return self._window.pages.count() > ALL  # and the welcome page

    def _built(self) -> None:
        self._found["memory_all"] = memory()
        session = self._window.session
        trained = next(run.id for run in session.runs.states.values() if run.metrics)
        session.runs.show(trained)
        When(self._drawn, lambda: AtRest(lambda _: self._end(), self._window), self._window)

    def _drawn(self) -> bool:
        pane = self._window.pages.currentWidget().charts
        return any(chart.last.text() for chart in pane.charts.values())  # those out of view are drawn when looked at

    def _end(self) -> None:
        self._found["memory_end"] = memory()
        self._probe.write(self._found)
        self._window.close()


def main() -> int:
    """Runs the program."""
    probe = Probe.from_command_line()
    return program.run(probe.arguments, Watcher(probe).watch)


if __name__ == "__main__":
    sys.exit(main())
