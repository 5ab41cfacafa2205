"""The Compose workspace at work: choices and values until they are on screen, typing into filters, scrolling.

A script is a list of steps; each is done when the event loop has come to rest after the one before. All the while a
ticker looks for the largest gap between two turns of the event loop. What takes time is noted twice: as wall time, and
beside it as the CPU time of the window's thread, which is what it would be if nobody else used the machine.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QScrollBar, QWidget

from tests.benchmarks import program
from tests.benchmarks.watching import AfterPaint, AtRest, Probe, When

if TYPE_CHECKING:
    from niceml_engine.values import Choice
    from niceml_gui.window import Window
    from niceml_gui.workspaces.compose.panel import ComposeWorkspace

VALUE = "ops.train.config.train_params.epochs"
VALUES = 20
WORD = "train"
FRAMES = 40
ALL = 3  #: workspaces


class Heartbeat(QObject):
    """The largest gap between two turns of the event loop since it was last asked, and the largest CPU time of one."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._last = Clock()
        self._largest = (0.0, 0.0)
        timer = QTimer(self)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(self._beat)
        timer.start(1)

    def largest(self) -> tuple[float, float]:
        """Both in milliseconds; counting begins anew."""
        self._beat()
        found, self._largest = self._largest, (0.0, 0.0)
        return found

    def _beat(self) -> None:
        took, self._last = self._last.took(), Clock()
        self._largest = (max(self._largest[0], took[0]), max(self._largest[1], took[1]))


class Clock:
    """Wall time and CPU time of the window's thread from now on."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.thread_time()

    def took(self) -> tuple[float, float]:
        """Both in milliseconds."""
        return (time.perf_counter() - self._wall) * 1000.0, (time.thread_time() - self._cpu) * 1000.0


class Workspace:
    """Works in the Compose workspace as a person would.

    Args:
        probe: What to do: a project, a job, and then `sample`, `large`, `lists` or `tree`.
    """

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self.found: dict[str, list[tuple[float, float]]] = {}  # wall time and CPU time of the window's thread
        self._waiting: set[str] = set()

    def watch(self, window: Window) -> None:
        """Begins, when the event loop is about to."""
        self._window, self._session = window, window.session
        When(lambda: window.pages.count() > ALL, lambda: AtRest(self._open, window), window)

    def _open(self, _: float) -> None:
        project, job, _what = self._probe.arguments
        self._heart = Heartbeat(self._window)
        self._opening, self._spent = time.time(), time.thread_time()
        self._session.open(project, job)
        When(self._composed, lambda: AtRest(self._begin, self._window), self._window)

    def _composed(self) -> bool:
        composed = self._session.composed
        return bool(composed.digest) and not self._session.busy and not self._session.stale

    def _begin(self, when: float) -> None:
        self._note("opened", ((when - self._opening) * 1000.0, (time.thread_time() - self._spent) * 1000.0))
        self._note("opening gap", self._heart.largest())
        panel = self._window.pages.currentWidget()
        self._panel: ComposeWorkspace = panel  # what the window shows first
        steps = {"sample": self._sample, "large": self._large, "lists": self._lists, "tree": self._tree}
        self._steps = steps[self._probe.arguments[2]]()
        self._next()

    def _next(self) -> None:
        if next(self._steps, None) is None:
            self._probe.write(self.found)
            self._window.close()

    def _rest(self) -> None:
        AtRest(lambda _: self._next(), self._window)

    def _note(self, name: str, took: tuple[float, float]) -> None:
        self.found.setdefault(name, []).append(took)

    # ------------------------------------------------------------------------------------------ until it is on screen

    def _edit(self, name: str, change: Callable[[], object]) -> None:
        """Makes a change, and notes when it is composed and when the composed text has been painted."""
        view = self._panel.composed.view.viewport()
        clock = Clock()

        def seen() -> None:
            if not self._composed() or name not in self._waiting:
                return
            self._waiting.clear()
            view.removeEventFilter(hook)
            self._note(f"{name} on screen", clock.took())
            self._note(f"{name} composed", (self._session.composed.milliseconds, 0.0))
            self._rest()

        self._waiting.add(name)
        hook = AfterPaint(view, seen)
        self._session.composed_changed.connect(view.update, Qt.ConnectionType.SingleShotConnection)
        change()

    def _sample(self) -> Iterator[bool]:
        session = self._session
        params = next(one for one in session.composed.choices if one.group.endswith("train_params"))
        calls = next(one for one in session.composed.choices if one.group.endswith("callbacks"))
        pairs = [(one, other) for one in params.options for other in calls.options]
        for name in ("choice never made before", "choice made before"):
            for option, other in pairs:
                for where, chosen in ((params, option), (calls, other)):
                    if self._chosen(where) != chosen:
                        self._edit(name, partial(session.choose, where, chosen))
                        yield True
        for number in range(VALUES):
            self._edit("value", partial(session.set_value, VALUE, str(100 + number)))
            yield True
        self._note("gap", self._heart.largest())

    def _chosen(self, choice: Choice) -> str:
        now = next(one for one in self._session.composed.choices if one.key == choice.key)
        return now.chosen[0] if now.chosen else ""

    # ------------------------------------------------------------------------------------------ large projects

    def _values(self) -> Iterator[bool]:
        """Edits the first number of the config."""
        key = next(leaf.key for leaf in self._session.composed.leaves if isinstance(leaf.value, int))
        for number in range(5):
            self._edit("value", partial(self._session.set_value, key, str(100_000 + number)))
            yield True
        self._note("editing gap", self._heart.largest())

    def _large(self) -> Iterator[bool]:
        yield from self._values()
        yield from self._graph()
        for name, area in (
            ("composed", self._panel.composed.view),
            ("graph", self._panel.graph),
            ("tree", self._panel.tree.view),
        ):
            yield from self._scroll(name, area)
        yield from self._card()
        yield from self._merge()

    def _lists(self) -> Iterator[bool]:
        yield from self._values()
        yield from self._scroll("composed", self._panel.composed.view)

    def _card(self) -> Iterator[bool]:
        """Shows all values of the largest card, edits one, and scrolls through it."""
        pane = self._panel.ops
        card = max(pane.cards.values(), key=lambda one: len(one.card.leaves))
        card.set_folded(False)
        card.all_button.setChecked(True)
        self._rest()
        yield True
        key = next(leaf.key for leaf in card.card.leaves if isinstance(leaf.value, int))
        self._heart.largest()
        self._edit("card value", partial(self._session.set_value, key, "7"))
        yield True
        bar = pane.area.verticalScrollBar()
        for frame in range(FRAMES):
            clock = Clock()
            bar.setValue(_span(bar) * frame // FRAMES)
            pane.area.viewport().repaint()
            QApplication.processEvents()  # fields are made when they come into sight
            self._note("card frame", clock.took())
        self._note("card gap", self._heart.largest())
        self._rest()
        yield True

    def _frame(self, name: str, area: QAbstractScrollArea, change: Callable[[], object]) -> None:
        clock = Clock()
        change()
        area.viewport().repaint()
        self._note(f"{name} frame", clock.took())

    def _graph(self) -> Iterator[bool]:
        """Unfolds the graph, so that all of its files are there, and goes through it."""
        view = self._panel.graph
        self._frame("unfolding", view, view.unfold_all)
        view.fit_all()
        for _ in range(FRAMES):
            self._frame("zooming", view, lambda: view.zoom(1.1))
        for node in list(view.nodes)[:: max(1, len(view.nodes) // FRAMES)]:
            self._frame("selecting", view, partial(view.set_current, node))
        view.fit()
        self._rest()
        yield True

    def _merge(self) -> Iterator[bool]:
        """Plays the merge, a layer a frame."""
        merge, view = self._panel.drawing.merge, self._panel.composed.view
        self._panel.drawing.play_merge()
        When(lambda: merge.steps, self._rest, self._window)
        yield True
        for at in range(0, len(merge.steps), max(1, len(merge.steps) // FRAMES)):
            self._frame("merge", view, partial(merge.go, at))
        self._rest()
        yield True

    def _scroll(self, name: str, widget: QWidget) -> Iterator[bool]:
        area = widget if isinstance(widget, QAbstractScrollArea) else widget.findChild(QAbstractScrollArea)
        if area is None:
            return
        bar = area.verticalScrollBar()
        self._heart.largest()
        for frame in range(FRAMES):
            self._frame(name, area, partial(bar.setValue, bar.minimum() + _span(bar) * frame // FRAMES))
        self._rest()
        yield True

    def _tree(self) -> Iterator[bool]:
        edit = self._panel.tree.edit
        edit.setFocus()
        self._heart.largest()
        for character in WORD:
            clock = Clock()
            QTest.keyClick(edit, character)
            self._panel.tree.view.viewport().repaint()
            self._note("key", clock.took())
            self._rest()
            yield True
        self._note("gap", self._heart.largest())


def _span(bar: QScrollBar) -> int:
    return bar.maximum() - bar.minimum()


def main() -> int:
    """Runs the program."""
    probe = Probe.from_command_line()
    return program.run([], Workspace(probe).watch)


if __name__ == "__main__":
    sys.exit(main())
