"""The runs of the open project, as the window knows them: the other half of the session."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial

import msgspec
from PySide6.QtCore import QObject, Signal

from niceml_engine.columns import gather
from niceml_engine.events import RunEnded
from niceml_engine.protocol.runs import (
    ChangeQueue,
    DeleteRun,
    ListRuns,
    MoveRuns,
    NameRun,
    NameSweep,
    PastSelection,
    QueueChanged,
    QueueState,
    ReadQueue,
    RepeatRuns,
    ResumeRun,
    RunChanged,
    RunRemoved,
    RunRows,
    RunSelection,
    StartRun,
    StopRun,
    TagRun,
    UnwatchRun,
    WatchRun,
)
from niceml_engine.values import ACTIVE, ENDED, ErrorInfo, RunState, Selection
from niceml_gui import state, words
from niceml_gui.composer import TIMEOUT
from niceml_gui.engine import Engine
from niceml_gui.trust import Trusting


class Runs(QObject):
    """All runs, running and past, which of them is selected, and which are watched.

    Args:
        engine: The service's client.
        complain: Told what the service refuses.
        trust: Asked before anything starts.
        parent: The Qt parent.
    """

    changed = Signal()
    selected = Signal()
    requested = Signal(str)  #: id of a run that is to be shown; one that was just started is
    queue_changed = Signal()
    noticed = Signal(str)  #: what could not be done in the background, though runs go on
    ended = Signal(object)  #: tuple of `RunState`: what ran, or waited, the last time that was heard of it
    rows = Signal(str, object)  #: run id, `Rows`: new rows of a watched run

    def __init__(
        self, engine: Engine, complain: Callable[[ErrorInfo], object], trust: Trusting, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.states: dict[str, RunState] = {}  #: by id, newest first
        self.current = ""  #: id of the selected run
        self.follows = False  #: whether the selection goes on to the next run of the sweep that was started last
        self.gone = ""  #: id of the selected run, if its folder went away while it was selected
        self._whole = True  # whether all runs are known, not only those that the service has told of so far
        self.queue = QueueState()
        self.settings = state.run_settings()
        self._engine = engine
        self._complain = complain
        self._trust = trust
        self._watched: dict[str, int] = {}
        self._deleted: set[str] = set()  # by this window

    # ------------------------------------------------------------------------------------------ looking

    def select(self, run: str) -> None:
        """Makes a run the selected one; what is chosen so stays selected."""
        self._select(run)

    def _select(self, run: str, *, follows: bool = False) -> None:
        if run != self.current:
            gone, self.gone = self.gone, ""
            self.current, self.follows = run, follows
            self.selected.emit()
            if gone:
                self._drop(gone)

    def select_any(self) -> None:
        """Selects a run if none is, once all are known: one that runs, else the newest."""
        if not self.current and self._whole:
            self.select(self.newest)

    @property
    def newest(self) -> str:
        """The run that is most likely looked for, of those whose folder stays: one that runs, else the newest."""
        there = [run for run in self.states.values() if run.id != self.gone and run.id not in self._deleted]
        running = (run.id for run in there if run.status in ("starting", "running"))
        return next(running, there[0].id if there else "")

    def show(self, run: str) -> None:
        """Selects a run, and asks for it to be shown."""
        self.select(run)
        self.requested.emit(run)

    def sweep_of(self, run: str) -> tuple[RunState, ...]:
        """The runs of the sweep that a run is of, in the order of their making; the run alone, if it is of none."""
        state = self.states.get(run)
        if state is None:
            return ()
        every = (one for one in self.states.values() if one.group == state.group)
        return tuple(sorted(every, key=lambda one: one.id)) if state.group else (state,)

    @property
    def followed(self) -> str:
        """The sweep that the selection goes on with from run to run; none once a run of it that was shown failed."""
        now = self.states.get(self.current)
        if not self.follows or now is None or now.status in ("failed", "stopped"):
            return ""
        return now.group if any(one.status in ACTIVE for one in self.sweep_of(now.id)) else ""

    def stoppable(self, run: str) -> tuple[str, ...]:
        """Ids of the runs of a run's sweep that can be stopped, those that wait first, so that none of them starts."""
        able = [one for one in self.sweep_of(run) if one.status in ACTIVE and not one.stopping]
        return tuple(one.id for one in sorted(able, key=lambda one: one.status != "queued"))

    def watch(self, run: str, after: int = 0) -> None:
        """Asks for the rows of a run from `after` + 1 on; they come as `rows` until `unwatch`."""
        self._watched[run] = after
        self._engine.ask(WatchRun(run, after), failed=partial(self.complain_of, run))

    def complain_of(self, run: str, error: ErrorInfo) -> None:
        """Tells what the service refuses of a run, unless this window has deleted it meanwhile."""
        if run in self.states and run not in self._deleted:
            self._complain(error)

    def unwatch(self, run: str) -> None:
        """Ends the rows of a run."""
        if self._watched.pop(run, None) is not None:
            self._engine.ask(UnwatchRun(run))

    def unwatch_all(self) -> None:
        """Ends the rows of all runs."""
        for run in tuple(self._watched):
            self.unwatch(run)

    # ------------------------------------------------------------------------------------------ doing

    def start(self, selection: Selection) -> None:
        """Puts a run of a selection into the queue, and shows it; asks for trust first, if nobody has given it."""
        self._start(StartRun(selection, self.settings), selection)

    def again(self, run: str) -> None:
        """Puts a run of another run's very config into the queue, with what its environment gave it.

        The current selection stays. Of a program of a project's own it is the very program.
        """
        self.recall(run, partial(self._start, RepeatRuns((run,), self.settings)))

    def again_all(self, runs: Iterable[RunState]) -> None:
        """Puts a run of the very config of each of some runs into the queue in this order, as a sweep like theirs."""
        first, *more = runs
        request = RepeatRuns(tuple(run.id for run in (first, *more)), self.settings)
        self._start(request, Selection(first.job, first.overrides))

    def recall(self, run: str, then: Callable[[Selection], object]) -> None:
        """Asks for the selection that a run was started from."""

        def answered(past: PastSelection) -> None:
            then(past.selection)

        self._engine.ask(RunSelection(run), answered, self._complain)

    def resume(
        self,
        run: str,
        start: str = "",
        selection: Selection | None = None,
        *,
        only: tuple[str, ...] = (),
        refused: Callable[[ErrorInfo], object] | None = None,
    ) -> None:
        """Puts a run into the queue that goes on with the experiment of another one, and shows it.

        Args:
            run: The other run.
            start: The first op that runs again; else the one that failed.
            selection: What the config of these ops is composed of; else it stays as it was.
            only: The only ops that run again, instead.
            refused: Told why it cannot be, instead of the person.
        """

        def ask(trusted: Selection) -> None:
            self._start(ResumeRun(run, selection, start, only, self.settings), trusted, refused)

        if selection is None:
            self.recall(run, ask)
        else:
            ask(selection)

    def stop(self, run: str, *, now: bool = False) -> None:
        """Stops a run, or takes it out of the queue; `now` ends its processes without waiting for them."""
        self._engine.ask(StopRun(run, now), failed=self._complain)

    def stop_sweep(self, run: str) -> None:
        """Stops all runs of the sweep that a run is of."""
        for one in self.stoppable(run):
            self.stop(one)

    def waiting(self) -> tuple[str, ...]:
        """Ids of the runs that wait, in the order in which they will start."""
        found = [state for state in self.states.values() if state.status == "queued"]
        return tuple(state.id for state in sorted(found, key=lambda state: (state.rank, state.id)))

    def move(self, runs: tuple[str, ...], before: str = "") -> None:
        """Moves runs that wait before another one, or to the end of the queue."""
        self._engine.ask(MoveRuns(runs, before), failed=self._complain)

    def change_queue(self, **changes: object) -> None:
        """Changes some of the queue's settings."""
        settings = msgspec.structs.replace(self.queue.settings, **changes)
        if settings != self.queue.settings:
            self._engine.ask(ChangeQueue(settings), self._set_queue, self._complain)

    def rename(self, run: str, name: str) -> None:
        """Gives a run a name."""
        self._engine.ask(NameRun(run, name), self._put, self._complain)

    def rename_sweep(self, group: str, name: str) -> None:
        """Gives a sweep a name; an empty one takes it away."""
        self._engine.ask(NameSweep(group, name), failed=self._complain)

    def tag(self, run: str, tags: Iterable[str]) -> None:
        """Puts words on a run, in place of those that it has."""
        self._engine.ask(TagRun(run, tuple(tags)), self._put, self._complain)

    def delete(self, run: str, experiment: bool = False) -> None:
        """Deletes a run that has ended; with `experiment` its experiment folder too."""

        def refused(error: ErrorInfo) -> None:
            self._deleted.discard(run)
            self.changed.emit()  # it may be shown again
            self._complain(error)

        self._deleted.add(run)
        self._engine.ask(DeleteRun(run, experiment), lambda _: self._went(run), refused)

    # ------------------------------------------------------------------------------------------ what the service says

    def read(self) -> None:
        """Asks for the list of runs."""
        self._whole = bool(self.states)
        self._engine.ask(ListRuns(), self._listed, self._complain)
        self._engine.ask(ReadQueue(), self._set_queue, self._complain)

    def watch_again(self) -> None:
        """Asks a new service for the rows that the last one did not send."""
        for run, after in self._watched.items():
            self._engine.ask(WatchRun(run, after), failed=partial(self.complain_of, run))

    def clear(self) -> None:
        """Forgets everything, as another project is open."""
        self.states, self._watched, self._deleted, self.gone = {}, {}, set(), ""
        self.changed.emit()
        self.select("")

    def take(self, news: object) -> None:
        """Takes what the service tells by itself."""
        match news:
            case RunChanged(run):
                self._put(run)
            case RunRemoved(name):
                self._went(name)
            case QueueChanged(queue):
                self._set_queue(queue)
            case RunRows(name, rows) if name in self._watched:
                self._watched[name] = max(self._watched[name], rows.last)
                self.rows.emit(name, rows)

    def _start(
        self,
        request: StartRun | RepeatRuns | ResumeRun,
        selection: Selection,
        refused: Callable[[ErrorInfo], object] | None = None,
    ) -> None:
        """Asks for a run, once what its selection would run is trusted, and shows it."""

        def ask() -> None:
            self._engine.ask(request, self._started, refused or self._complain, timeout=TIMEOUT)

        self._trust.before(selection, ask)

    def _started(self, run: RunState) -> None:
        self._put(run)
        self._select(run.id, follows=bool(run.group))
        self.requested.emit(run.id)

    def _follow(self) -> None:
        """Goes on to the next run of a sweep that was started, until one fails, or the person chooses a run."""
        now = self.states.get(self.current)
        if self.follows and now is not None and now.status == "succeeded":
            begun = (one.id for one in self.sweep_of(now.id) if one.status in ("starting", "running"))
            if after := next(begun, ""):
                self._select(after, follows=True)

    def _set_queue(self, queue: QueueState) -> None:
        if queue != self.queue:
            if queue.problem and queue.problem != self.queue.problem:
                self._complain(ErrorInfo(f"The queue cannot go on: {queue.problem}"))
            if queue.notice and queue.notice != self.queue.notice:
                self.noticed.emit(queue.notice)
            self.queue = queue
            self.queue_changed.emit()

    def _listed(self, runs: tuple[RunState, ...]) -> None:
        self._whole = True
        for gone in set(self.states) - {run.id for run in runs}:
            self._went(gone)
        ended = tuple(run for run in runs if self._ends(run))
        self._set((*runs, self.states[self.gone]) if self.gone else runs)
        if ended:
            self.ended.emit(ended)

    def _ends(self, run: RunState) -> bool:
        before = self.states.get(run.id)
        return before is not None and before.status in ACTIVE and run.status in ENDED

    def _set(self, runs: tuple[RunState, ...]) -> None:
        self.states = {run.id: run for run in sorted(runs, key=lambda run: run.created, reverse=True)}
        self.changed.emit()
        self._follow()

    def _put(self, run: RunState) -> None:
        if self.states.get(run.id) == run:
            return
        if run.id == self.gone:  # it is there again
            self.gone = ""
        if run.id in self.states:
            ends = self._ends(run)
            self.states[run.id] = run
            self.changed.emit()
            self._follow()
            if ends:
                self.ended.emit((run,))
        else:
            self._set((*self.states.values(), run))

    def _went(self, run: str) -> None:
        """Takes a run out, unless somebody looks at it whose own doing this is not."""
        if run in self._deleted or run != self.current or run not in self.states:
            self._deleted.discard(run)
            self._drop(run)
        elif run != self.gone:
            self.gone, seen, now = run, self._watched.pop(run, 0), time.time()
            state = self.states[run]
            ended = state.ended or now - state.clock_set
            status = "stopped" if state.status in ACTIVE else state.status
            self.states[run] = msgspec.structs.replace(
                state, status=status, message=words.GONE, ended=ended, stopping=False
            )
            if state.status in ACTIVE:  # what is seen of it does not go on either
                end = RunEnded(status="stopped", message=words.GONE, seq=seen + 1, time=ended)
                self.rows.emit(run, gather((end,)))
            self.changed.emit()

    def _drop(self, run: str) -> None:
        if self.states.pop(run, None) is None:
            return
        self._watched.pop(run, None)
        if run == self.current:
            self.select("")
        self.changed.emit()
