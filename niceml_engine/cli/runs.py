"""`niceml-engine run`: a run with live progress in the terminal."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar
from rich.table import Table

from niceml_engine.cli import common
from niceml_engine.cli.selecting import JobWords
from niceml_engine.cli.trusting import start
from niceml_engine.errors import ConfigError, RunError
from niceml_engine.events import (
    Analysis,
    Artifact,
    Check,
    Event,
    Flag,
    Log,
    Metrics,
    Missing,
    OpEnded,
    OpStarted,
    Progress,
    RunEnded,
    Unsaved,
)
from niceml_engine.runs.continuing import remaining
from niceml_engine.runs.enqueue import enqueue_all, job_of, script_of
from niceml_engine.runs.folder import RunFolder, all_runs
from niceml_engine.runs.launch import loses, state_of, wait_for_exit
from niceml_engine.runs.queue import OTHERS_FIRST, Queue, read_settings
from niceml_engine.runs.stream import StreamReader
from niceml_engine.runs.untold import leave, tell
from niceml_engine.short import missing
from niceml_engine.values import ENDED, PROGRAM_OP, Composed, RunSettings, RunStatus, Selection

if TYPE_CHECKING:
    from niceml_engine.config.compose import Composer

POLL_SECONDS = 0.1
TELL_SECONDS = 10.0  #: that Dagster has to be told of runs
STEP_SECONDS = 2.0  #: between two lines that tell of steps
EXIT: dict[str, int] = {"succeeded": 0, "failed": 1, "stopped": 130}


@common.taking(JobWords)
def run(
    words: JobWords,
    dagster_job: Annotated[
        str, typer.Option("--job", metavar="NAME", help="The Dagster job; else the folder below jobs/.")
    ] = "",
    device: Annotated[str, typer.Option(metavar="DEVICE", help="cpu, or a GPU as in gpu:0.")] = "",
    threads: Annotated[int, typer.Option(metavar="N", help="Threads of TensorFlow; 0: as it likes.")] = 0,
    python: Annotated[str, typer.Option(metavar="FILE", help="Interpreter of the worker.")] = "",
    log_to: Annotated[
        list[str] | None, typer.Option("--log-to", metavar="NAME", help="tensorboard or mlflow; else the project's.")
    ] = None,
    multirun: Annotated[
        bool, typer.Option("--multirun", "-m", help="Run each combination of values: rate=1e-3,1e-4.")
    ] = False,
    anyway: Annotated[bool, typer.Option("--anyway", help="Run it although `check` finds errors.")] = False,
) -> None:
    """Run a job and follow it; Ctrl+C stops it. One that `check` finds errors in is not started."""
    composer, selection = words.select()
    from niceml_engine.config.compose.sweeps import compose_first, expand, with_params

    if multirun:
        selection = with_params(composer, selection)
    count = len(expand(composer, selection).runs)
    if count > 1 and not multirun:
        raise ConfigError(f"these overrides stand for {count} runs; start all of them with --multirun")
    root = composer.setting.root
    settings = RunSettings(python, device, threads, None if log_to is None else tuple(log_to))
    composed = compose_first(composer, selection)
    if not anyway:
        _need_sound(composer, composed, selection, python)
    said = _earlier(composer, composed, dagster_job)
    folders = start(root, words.trust, lambda: enqueue_all(root, composer, selection, settings, dagster_job))
    console = Console()
    if said:
        console.print(said, highlight=False, soft_wrap=True, markup=False)
    raise typer.Exit(follow_all(folders, Queue(root), console))


def _need_sound(composer: Composer, composed: Composed, selection: Selection, python: str) -> None:
    """Tells what a check has against a config, each in a line; what Hydra itself refuses, the start tells.

    Raises:
        typer.Exit: There is something.
    """
    from niceml_engine.config.checking.every_run import check_every
    from niceml_engine.config.projects.unmet import NO_INTERPRETER

    refused = bool(composed.dagster_job) and any(one.severity == "error" for one in composed.problems)
    if composed.error is not None or refused:
        return
    found = [one for one in check_every(composer, selection) if one.severity == "error"]
    if python:  # the project's own does not matter then
        found = [one for one in found if one.code != NO_INTERPRETER]
    for one in found:
        common.print_error(str(ConfigError.of(msgspec.structs.replace(one, file=common.shown(one.file)))))
    if found:
        print("not started; --anyway runs it nevertheless", file=sys.stderr)
        raise typer.Exit(common.BAD_INPUT)


def _earlier(composer: Composer, composed: Composed, dagster_job: str) -> str:
    """What has run before that is like the config, in one line; nothing where it does not compose."""
    from niceml_engine.protocol.earlier import line
    from niceml_engine.runs.earlier import look_back
    from niceml_engine.runs.index import RunIndex

    if composed.error is not None:
        return ""
    states = {run.id: state_of(run) for run in reversed(all_runs(composer.setting.root))}
    script = script_of(composer.setting, composed.selection.job)
    job = job_of(composed, script, dagster_job)
    return line(look_back(RunIndex(composer.setting.root), states.values(), composed, job, script), states)


def follow_all(folders: list[RunFolder], queue: Queue, console: Console) -> int:
    """Shows runs one after the other; once one was stopped, the others are not started.

    Returns:
        The exit status of the worst of them.
    """
    worst = 0
    for number, folder in enumerate(folders, 1):
        if len(folders) > 1:
            overrides = " ".join(folder.spec().selection.overrides)
            console.print(f"{number} of {len(folders)}  {overrides}", highlight=False, soft_wrap=True, markup=False)
        worst = max(worst, EXIT[follow(folder, queue, console)])
        if worst == common.STOPPED:
            for waiting in folders[number:]:
                waiting.ask_to_stop()
            queue.advance()
            break
    return worst


def follow(folder: RunFolder, queue: Queue, console: Console) -> RunStatus:
    """Keeps the queue going and shows a run until it has ended.

    Args:
        folder: The run.
        queue: Its project's queue.
        console: Where to show it.

    Returns:
        How it ended; a run whose folder somebody has deleted has failed.
    """
    view = _View(console)
    reader = StreamReader(folder.stream)
    waited = threading.Event()
    console.print(f"run {folder.id}", highlight=False)
    ahead = (run for run in queue.open_runs() if run.id < folder.id)
    before = [run.id for run in ahead if state_of(run).status not in ENDED]  # a dead one keeps nobody
    if before:
        console.print(f"waits for {', '.join(before)}", highlight=False, soft_wrap=True)
    with view:
        while True:
            try:
                queue.advance()
                for event in reader.read():
                    view.show(event)
                state = folder.final_state()
                if state is not None:
                    for event in reader.read():
                        view.show(event)
                    status = state.status
                    break
                if folder.id in queue.unwritten:
                    end = queue.unwritten[folder.id]
                    view.show(end)
                    status = end.status
                    break
                if not folder.path.exists():
                    return _gone(folder, queue.root)
                view.tell_room(folder)
                waited.wait(POLL_SECONDS)
            except RunError:  # what is read of a run whose folder is just being deleted
                if (folder.path / "spec.json").exists():
                    raise
                return _gone(folder, queue.root)
            except KeyboardInterrupt:
                if folder.stop_asked:
                    raise
                folder.ask_to_stop()
                console.print("stopping; what was saved is kept")
    wait_for_exit(folder)
    tell(queue.root, TELL_SECONDS)  # what could not be told by the run itself
    leave(queue.root)
    view.close(folder)
    return status


def _gone(folder: RunFolder, root: Path) -> RunStatus:
    common.print_error(f"run {folder.id} cannot be followed any more: its folder is gone, and its worker ends")
    wait_for_exit(folder, read_settings(root).patience + 2 * OTHERS_FIRST)
    return "failed"


class _View:
    """The terminal's picture of a run: a bar that moves, lines that stay."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = ProgressBar(
            TextColumn("{task.description:<12}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[text]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._task: TaskID | None = None
        self._table = Table(title="metrics", title_justify="left")
        self._columns: list[str] = []
        self._rows: list[Analysis] = []
        self.experiment = ""
        self._failure: OpEnded | None = None
        self._step: Metrics | None = None  # measured last, and not told yet
        self._told = 0.0
        self._full = False

    def __enter__(self) -> _View:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, event: Event) -> None:
        """Shows one row of the stream."""
        match event:
            case OpStarted(op=op):
                self._task = self._bar.add_task(op, total=None, text="")
            case OpEnded(op=op, status=status, seconds=seconds):
                self._show_step(event.time)
                self._failure = event if status == "failed" and event.again_in is None else None
                if self._task is not None:
                    self._bar.remove_task(self._task)
                    self._task = None
                self._line(f"{op:<12} {status} · {seconds:.1f} s")
            case Progress(done=done, total=total, epoch=epoch, epochs=epochs) if self._task is not None:
                text = f"epoch {epoch}/{epochs}" if epoch else ""
                self._bar.update(self._task, completed=done, total=total or None, text=text)
            case Metrics(level="epoch", epoch=epoch):
                self._line(f"{event.op:<12} epoch {epoch}  {_values(event)}")
            case Metrics(op=op) if op == PROGRAM_OP:  # one that knows no epochs tells how far it is by its steps
                self._step = event
                if event.time - self._told >= STEP_SECONDS:
                    self._show_step(event.time)
            case Flag(text=text):
                self._line(f"{event.op:<12} {text}")
            case Analysis():
                self._rows.append(event)
            case Check(name=name, passed=False, message=message):
                self._line(f"{event.op:<12} {name} failed: {message}")
            case Artifact(kind="experiment", path=path):
                self.experiment = path
            case Missing() | Unsaved():
                self._line(f"{event.op:<12} warning: {event.in_words()}")
            case Log(level=level, text=text) if level in ("warning", "error"):
                self._line(f"{event.op:<12} {level}: {text}")
            case RunEnded(status="failed", message=message):
                print(f"error: {message}", file=sys.stderr)
                for line in _aside(self._failure, event):
                    print(line, file=sys.stderr)
            case RunEnded(status="stopped", message=message):
                self._line(message or "stopped")
            case _:
                return

    def tell_room(self, folder: RunFolder) -> None:
        """Tells once that the disk is full, where the run goes on nevertheless, and that there is room again."""
        full = loses(folder)
        if full == self._full:
            return
        self._full = full
        self._line(
            "warning: the disk is full; the run goes on, and what it measures and saves is lost until there is room"
            if full
            else "there is room on the disk again"
        )

    def close(self, folder: RunFolder) -> None:
        """Prints the table of metrics and where everything lies."""
        names = list(dict.fromkeys(name for row in self._rows for name in row.metrics))
        if names:
            self._table.add_column("subset")
            for name in names:
                self._table.add_column(name, justify="right")
            for row in self._rows:
                cells = (_number(row.metrics.get(name), row.nonfinite.get(name)) for name in names)
                self._table.add_row(row.subset, *cells)
            self._console.print(self._table)
            for said in dict.fromkeys(row.model.in_words() for row in self._rows if row.model is not None):
                self._line(f"of the {said}")
        if lost := missing(state_of(folder)):
            self._line(f"warning: {lost}")
        if self.experiment:
            self._console.print(f"experiment  {self.experiment}", highlight=False, soft_wrap=True)
        self._console.print(f"run folder  {folder.path}", highlight=False, soft_wrap=True)
        if first := left(folder):
            self._line(f"go on from {first} with: niceml-engine runs resume {folder.id}")

    def _show_step(self, now: float) -> None:
        """Tells of the last step that was measured, unless that has been done."""
        if self._step is not None:
            self._line(f"{self._step.op:<12} step {self._step.step}  {_values(self._step)}")
            self._step, self._told = None, now

    def _line(self, text: str) -> None:
        self._console.print(text, highlight=False, soft_wrap=True, markup=False)


def _values(event: Metrics) -> str:
    return "  ".join(f"{name} {_number(value, event.nonfinite.get(name))}" for name, value in event.values.items())


def _aside(failure: OpEnded | None, end: RunEnded) -> Iterator[str]:
    """What else is known of why a run failed: where in the project's own code, and what to try."""
    if failure is not None and failure.code:
        yield f"  raised in {failure.code}"
    if advice := (failure.advice if failure is not None else "") or end.advice:
        yield f"  what to try: {advice}"


def left(folder: RunFolder) -> str:
    """The op with which a run can go on that failed or was stopped, where something before it is kept."""
    if state_of(folder).status not in ("failed", "stopped"):
        return ""
    try:
        continues = remaining(folder)
    except RunError:
        return ""
    return continues.ops[0] if continues is not None else ""


def _number(value: float | None, word: str | None = None) -> str:
    if value is None:
        return word or "–"
    return f"{value:.4g}"
