"""Drives the real window without a person: open, run, watch, look around; pictures on the way."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from niceml_engine.columns import Rows
from niceml_engine.events import Analysis, Event
from niceml_engine.values import ENDED, RunState
from niceml_gui.session import Message
from niceml_gui.starting import Doubt
from niceml_gui.theme import theme
from niceml_gui.widgets.doubt_dialog import DoubtDialog
from niceml_gui.widgets.header import COMPOSE, EXPERIMENTS, RUNS
from niceml_gui.window import Window

SIZE = (1600, 1000)
TICK_MS = 100
SETTLE_S = 0.6  #: after a switch, until timers of the views have drawn
COMPOSE_S, CURVES_S, RUN_S, LIST_S = 120.0, 300.0, 900.0, 15.0
WORTH_WATCHING = 60  #: batches that make a curve


@dataclass(frozen=True, slots=True)
class _Wait:
    """A step of the tour: go on when `until` is true, give up after `seconds`."""

    what: str
    until: Callable[[], bool]
    seconds: float


class Tour(QObject):
    """Walks through the window, one condition after the other; the window stays as free as under a person's hand.

    Args:
        window: The window that is shown.
        folder: Where the pictures go.
    """

    ended = Signal()

    def __init__(self, window: Window, folder: Path) -> None:
        super().__init__(window)
        self.status = 1
        self._window, self._session, self._folder = window, window.session, folder
        self._events: list[Event] = []
        self._measured = 0  # batches
        self._pictures: list[Path] = []
        self._run = ""
        self._steps = self._walk()
        self._wait: _Wait | None = None
        self._since = time.monotonic()
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._session.runs.rows.connect(self._keep)
        self._session.message.connect(self._tell)
        self._session.runs.requested.connect(self._started)
        self._session.starting.doubted.connect(self._insist)

    def start(self) -> None:
        """Begins; `ended` follows, with `status` set."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._window.resize(*SIZE)
        self._timer.start()

    def _walk(self) -> Iterator[_Wait]:
        session, window = self._session, self._window
        first_dark = theme().tokens.name == "dark"
        yield _Wait("the project to be composed", lambda: bool(session.composed.digest) and not session.busy, COMPOSE_S)
        _say(f"project  {session.project.root if session.project else ''}")
        _say(f"job      {session.selection.job}")
        _say(f"digest   {session.composed.digest}")
        yield from self._both_themes("01-compose")
        window.header.run_button.click()
        yield _Wait("the run to be taken", lambda: bool(self._run), COMPOSE_S)
        window.show_workspace(RUNS)
        session.runs.select(self._run)
        yield _Wait("the first curves", lambda: self._ended() or self._measured >= WORTH_WATCHING, CURVES_S)
        yield from self._both_themes("02-running")
        yield _Wait("the run to end", self._ended, RUN_S)
        yield _pause(1.5)
        yield from self._both_themes("03-ended")
        window.show_workspace(EXPERIMENTS)
        yield _pause(LIST_S / 5)
        yield from self._both_themes("04-experiments")
        window.show_workspace(COMPOSE)
        theme().set_dark(first_dark)

    def _both_themes(self, name: str) -> Iterator[_Wait]:
        for dark in (False, True):
            theme().set_dark(dark)
            yield _pause(SETTLE_S)
            file = self._folder / f"{name}-{'dark' if dark else 'light'}.png"
            self._window.grab().save(str(file))
            self._pictures.append(file)

    def _tick(self) -> None:
        if self._wait is not None and not self._wait.until():
            if time.monotonic() - self._since > self._wait.seconds:
                _say(f"Gave up waiting for {self._wait.what} after {self._wait.seconds:g} s.", error=True)
                self._finish()
            return
        self._wait = next(self._steps, None)
        self._since = time.monotonic()
        if self._wait is None:
            self._finish()

    def _finish(self) -> None:
        self._timer.stop()
        run = self._state()
        self.status = 0 if run is not None and run.status == "succeeded" else 1
        _say(table([event for event in self._events if isinstance(event, Analysis)]))
        if run is not None:
            _say(f"run         {run.name or run.id}: {run.status}{f' · {run.message}' if run.message else ''}")
            _say(f"run folder  {run.folder}")
            _say(f"experiment  {run.experiment or 'none'}")
        _say(f"pictures    {self._folder.resolve()}")
        for picture in self._pictures:
            _say(f"            {picture.name}")
        self.ended.emit()

    def _insist(self, doubt: Doubt) -> None:
        """Nobody is there to be asked: what the check is against runs, and the tour tells how it ended."""
        _say(f"error: {doubt.said}", error=True)
        for dialog in self._window.findChildren(DoubtDialog):
            dialog.accept()

    def _started(self, run: str) -> None:
        self._run = self._run or run

    def _state(self) -> RunState | None:
        return self._session.runs.states.get(self._run)

    def _ended(self) -> bool:
        run = self._state()
        return run is not None and run.status in ENDED

    def _keep(self, run: str, rows: Rows) -> None:
        if run == self._run:
            self._events += rows.events
            self._measured += sum(len(one.seqs) // 8 for one in rows.columns if one.level == "batch")

    def _tell(self, message: Message) -> None:
        _say(f"{message.severity}: {message.text}", error=message.severity == "error")
        if message.severity == "error" and message.details:
            _say(message.details, error=True)


def table(found: list[Analysis]) -> str:
    """The metrics of each subset as a plain table, subsets as columns."""
    names = list(dict.fromkeys(name for analysis in found for name in analysis.metrics))
    if not names:
        return "no metrics were analysed"
    rows = [["metric", *(analysis.subset for analysis in found)]]
    for name in names:
        values = (analysis.metrics.get(name) for analysis in found)
        rows.append([name, *("-" if value is None else f"{value:.4f}" for value in values)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    first, *rest = widths
    return "\n".join(
        "  ".join([row[0].ljust(first), *(cell.rjust(width) for cell, width in zip(row[1:], rest, strict=True))])
        for row in rows
    )


def _pause(seconds: float) -> _Wait:
    end = time.monotonic() + seconds
    return _Wait("a moment", lambda: time.monotonic() >= end, seconds + 10)


def _say(text: str, *, error: bool = False) -> None:
    print(text, file=sys.stderr if error else sys.stdout, flush=True)
