"""The worker: one process that runs one job as a Dagster run, and writes down what happens.

It is started with the run's folder, in the project's root, by `niceml_engine.runs.launch`. With `--bury=FOLDER` it only
tells Dagster that the run of a dead worker has failed, with `--tell=ROOT` which runs of a project have ended or were
deleted; with `--spare` it reads the folder from its stdin once it has imported what every run needs.
"""

from __future__ import annotations

import atexit
import faulthandler
import os
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from niceml_engine.config.composed.resolvers import stand_in_for_hydra
from niceml_engine.config.projects.env_file import load_env
from niceml_engine.errors import FULL, ConfigError, NicemlError, StoreError, os_reason
from niceml_engine.events import Artifact, Event, Log, OpEnded, OpStarted, RunEnded, RunStarted, Tried
from niceml_engine.parts import plain_key
from niceml_engine.runs.along.reading import ReadingAlong
from niceml_engine.runs.blame import set_by
from niceml_engine.runs.experiment import experiment_location
from niceml_engine.runs.fold import fold
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.launch import BURY, REPLACED, SPARE, TELL
from niceml_engine.runs.leaving import end_children, end_group, leave, leave_in_time
from niceml_engine.runs.mirror import Mirror
from niceml_engine.runs.queue import OTHERS_FIRST, Queue, read_settings
from niceml_engine.runs.resources import Sampler
from niceml_engine.runs.spare import is_kept
from niceml_engine.runs.stopping import EXIT, block_sigterm, interrupt_main, leave_with_parent, stop_on_sigterm
from niceml_engine.runs.stream import StreamWriter
from niceml_engine.runs.taking_over import last_saved, taken_over
from niceml_engine.runs.untold import note
from niceml_engine.runs.variables import in_words, set_variables
from niceml_engine.runs.waiting import wait_for_a_run
from niceml_engine.store.experiment import ExperimentFolder
from niceml_engine.values import Continuation, RunStatus

if TYPE_CHECKING:
    from dagster import DagsterInstance

STOP_POLL_SECONDS = 0.1
FIRST_SECONDS = 2.0  #: that who keeps a spare worker has to start the next run


class Worker:
    """Runs one run folder to its end.

    Args:
        run: The run, already claimed.
    """

    def __init__(self, run: RunFolder) -> None:
        self.run = run
        self.spec = run.spec()
        self._state = run.first_state()
        self._lock = threading.Lock()
        self._writer = StreamWriter(run.stream, self._take, lossy=self.spec.settings.full_disk == "continue")
        self._mirror: Mirror | None = None
        self._along: ReadingAlong | None = None
        self._failure: OpEnded | None = None
        self._dagster_run = ""
        self._sampler: Sampler | None = None
        self._done = threading.Event()  # nothing of the job is at work any more

    def work(self) -> RunStatus:
        """Runs the job.

        Returns:
            How it ended; the same stands in the last row of the stream and in the final state.
        """
        status: RunStatus = "failed"
        message = details = ""
        try:
            status = self._execute()
            if status == "failed" and self._failure is not None:
                message, details = f"{self._failure.op}: {self._failure.message}", self._failure.details
            elif status == "failed":  # that an op failed could not be written either
                message = self._writer.problem
        except NicemlError as error:
            message, details = str(error), error.details or traceback.format_exc()
        except BaseException as error:
            first_line = (str(error).splitlines() or [""])[0]
            message, details = f"{type(error).__name__}: {first_line}".rstrip(": "), traceback.format_exc()
        self._done.set()
        if self._sampler is not None:
            self._sampler.close()
        if self.run.stop_asked and status != "succeeded":
            status, message, details = "stopped", "stopped", ""
        self._close(RunEnded(status=status, message=message, details=details))
        return status

    def emit(self, event: Event) -> None:
        """Writes an event, and starts the mirror as soon as there is an experiment."""
        if isinstance(event, OpEnded | Tried):
            event = self._blame(event)
        written = self._writer.emit(event)
        self._take(written)
        match written:
            case Artifact(kind="experiment", path=uri) if self.spec.trial is None:
                self._mirror = Mirror(self.run.stream, self._experiment(uri))
            case OpStarted() if self._along is not None:
                self._along.begin()
            case OpEnded(status="failed"):
                self._failure = written

    def _blame(self, ended: OpEnded | Tried) -> OpEnded | Tried:
        """The end of an op, or of a trial, with who set the value that is to blame."""
        place, override = set_by(self.spec, ended.key)
        message = ended.message
        if override and message:
            set_at = plain_key(override.lstrip("+").partition("=")[0])
            inside = f"{set_at}.".startswith(f"{plain_key(ended.key)}.")  # so that the override names the key itself
            message = f"override {override}: {message.removeprefix(f'{ended.key}: ') if inside else message}"
        elif place and isinstance(ended, OpEnded):
            message = f"{place}: {message}"
        ended = msgspec.structs.replace(ended, place=place, message=message)
        return msgspec.structs.replace(ended, override=override) if isinstance(ended, OpEnded) else ended

    def _take(self, event: Event) -> None:
        with self._lock:
            self._state = fold(self._state, [event])

    def set_op(self, name: str) -> None:
        """Names the op that later events belong to."""
        self._writer.op = name

    def _execute(self) -> RunStatus:
        job = Path(self.spec.selection.job).stem
        stand_in_for_hydra(self.spec.root, str(self.run.path / "output"), job)
        for module in self.spec.modules:
            try:
                import_module(module)
            except Exception as error:  # whatever a person's own code may raise
                message = f"the project's {module} cannot be imported: {type(error).__name__}: {error}"
                raise ConfigError(" ".join(message.split()), details=traceback.format_exc()) from error
        if self.spec.trial is None:
            return self._run()
        return self._try_parts(self.spec.trial.keys) if self.spec.trial.keys else self._try_job()

    def _try_parts(self, keys: tuple[str, ...]) -> RunStatus:
        """Makes every object of some parts of the config once; needs no Dagster."""
        from niceml_engine.jobs.composed import parse
        from niceml_engine.learning.trial import try_all

        self.emit(RunStarted(pid=os.getpid()))
        return "succeeded" if try_all(parse(self.spec.config), keys, self.emit) else "failed"

    def _try_job(self) -> RunStatus:
        """Runs the job on one batch for each op; the project's Dagster never knows of it."""
        from dagster import DagsterInstance

        from niceml_engine.jobs.execute import execute
        from niceml_engine.jobs.one_batch import OpReports, one_batch

        folder = self.run.path / "made"
        reports = OpReports(self.emit, folder, self.spec.ops_path)

        def set_op(name: str) -> None:
            reports.set_op(name)
            self.set_op(name)

        with DagsterInstance.ephemeral() as instance:
            return execute(
                one_batch(self.spec.config, self.spec.dagster_job, folder, self.spec.ops_path),
                self.spec.dagster_job,
                emit=reports,
                set_op=set_op,
                on_run=lambda _: self.emit(RunStarted(pid=os.getpid())),
                instance=instance,
                run_info=self._run_info() | {"one_batch": True},
                ops_path=self.spec.ops_path,
            )

    def _run(self) -> RunStatus:
        from niceml_engine.jobs.execute import execute
        from niceml_engine.runs.busy_database import waiting_for
        from niceml_engine.runs.dagster_home import home, lineage, open_instance

        self._along = ReadingAlong(self.run, self.emit)
        continues = self.spec.continues
        experiment = self._experiment(continues.experiment) if continues and continues.experiment else None
        saved = 0
        if continues is not None and continues.goes_on and experiment is not None:
            saved = last_saved(RunFolder(self.run.path.parent / continues.parent), continues.ops[0], experiment)
        loses = self.spec.settings.full_disk == "continue"

        def gives_up() -> bool:
            ends = bool(self._writer.problem) and not loses  # for want of room, and need not wait for it
            return ends or self.run.stop_asked or not self.run.path.exists()

        def lost() -> None:
            note(self.spec.root, "ended", self.run.id)

        with (
            waiting_for(home(self.spec.root), self.emit, gives_up, lost, lasting=loses),
            open_instance(self.spec.root) as instance,
        ):
            tags = {"niceml/run": self.run.id, "niceml/digest": self.spec.digest}
            if given := in_words(self.spec.variables):
                tags["niceml/environment"] = given
            if continues is not None:
                tags |= lineage(instance, continues.parent)

            def started(dagster_run: str) -> None:
                self._dagster_run = dagster_run
                if continues is not None:
                    self._repeat(continues, saved)
                self.emit(RunStarted(pid=os.getpid(), dagster_run=dagster_run, resumed=saved > 0))
                self._sampler = Sampler(self.emit)
                threading.Thread(target=self._watch_for_stop, args=(instance,), name="stop", daemon=True).start()

            return execute(
                self.spec.config,
                self.spec.dagster_job,
                emit=self.emit,
                set_op=self.set_op,
                on_run=started,
                instance=instance,
                tags=tags,
                run_info=self._run_info() | {"resumed": saved > 0},
                ops_path=self.spec.ops_path,
                ops=continues.ops if continues is not None else (),
                experiment=experiment,
                program=self._program(),
                now=self._writer.now,
            )

    def _program(self) -> dict[str, object] | None:
        """What is started instead of our ops."""
        if not self.spec.script:
            return None
        script = os.path.relpath(self.spec.script, self.spec.root)
        shown = self.spec.script if script.startswith("..") else script
        overrides = list(self.spec.selection.overrides)
        return {"script": shown, "overrides": overrides, "python": self.spec.settings.python}

    def _experiment(self, uri: str) -> ExperimentFolder:
        return ExperimentFolder(experiment_location(self.spec.config, uri))

    def _repeat(self, continues: Continuation, saved: int) -> None:
        """Takes over what another run had to say of what is kept."""
        parent = RunFolder(self.run.path.parent / (continues.parent or "-"))
        for event in taken_over(parent, self.spec.dagster_job, continues, saved):
            self._take(self._writer.repeat(event))
        if continues.goes_on and not saved:
            op = continues.ops[0]
            self.emit(Log(text=f"{op} has no checkpoint to go on from, and begins anew", op=op))

    def _close(self, ended: RunEnded) -> None:
        try:
            self.emit(ended)
        except StoreError as error:
            # Where the stream cannot be written, the final state may yet be.
            print(error, file=sys.stderr)
            self._state = fold(self._state, [msgspec.structs.replace(ended, time=time.time() - self._state.clock_set)])
        state = msgspec.structs.replace(self._state, folder="")
        self._writer.close()
        if self._along is not None:
            self._along.close(state)
        if self._mirror is not None:
            self._mirror.close(state)
        try:
            self.run.write_final_state(state)
        except OSError as error:  # somebody has deleted the folder, or the disk is full; the queue is to go on
            first = (
                ended.message if ended.message.endswith(FULL) else f"cannot write {self.run.path}: {os_reason(error)}"
            )
            print(first, file=sys.stderr)  # whoever looks takes the last line for the reason

    def _run_info(self) -> dict[str, object]:
        return {
            "id": self.run.id,
            "short_id": self.run.short_id,
            "digest": self.spec.digest,
            "job": self.spec.selection.job,
            "overrides": list(self.spec.selection.overrides),
            "dagster_job": self.spec.dagster_job,
            "created": self.spec.created,
            "device": self.spec.settings.device,
            "full_disk": self.spec.settings.full_disk,
            "folder": str(self.run.path),
            "python_path": list(self.spec.python_path),
            "replaced": msgspec.json.decode(os.environ.get(REPLACED, "{}")),
        }

    def _watch_for_stop(self, instance: DagsterInstance) -> None:
        waited = threading.Event()
        while not self.run.stop_asked and self.run.path.exists():  # without its folder, nobody could stop it
            waited.wait(STOP_POLL_SECONDS)
        try:
            dagster_run = instance.get_run_by_id(self._dagster_run)
            if dagster_run is None or dagster_run.is_finished:
                return
            self.emit(Log(text="asked to stop"))
            instance.report_run_canceling(dagster_run)
        except Exception as error:  # its database may be locked, which is no reason to go on
            print(f"Dagster cannot be told that the run is to stop: {error}", file=sys.stderr)
        interrupt_main()
        if not self._done.wait(read_settings(self.spec.root).patience + OTHERS_FIRST):
            end_group()


def main() -> int:
    """Runs the worker process."""
    faulthandler.enable()
    task, shell = sys.argv[-1], dict(os.environ)
    if task.startswith(BURY):
        from niceml_engine.runs.telling import bury

        return bury(RunFolder(task.removeprefix(BURY)))
    if task.startswith(TELL):
        from niceml_engine.runs.telling import tell

        return tell(task.removeprefix(TELL))
    if task == SPARE:
        block_sigterm()
        load_env(Path.cwd())
        task = wait_for_a_run()
        if not task:
            return 0
    run = RunFolder(task)
    spec = run.spec()
    os.chdir(spec.root)
    if not spec.script:  # which runs in a process of its own
        sys.path[:0] = [spec.root, *spec.python_path]
    load_env(Path(spec.root))
    set_variables(spec.variables, but=msgspec.json.decode(os.environ.get(REPLACED, "{}")))
    if spec.trial is not None:
        leave_with_parent(run)
    stop_on_sigterm(run)
    status = Worker(run).work()
    end_children()
    if spec.trial is None:
        go_on(spec.root, shell)
    leave_in_time(EXIT[status], read_settings(spec.root).patience)
    return EXIT[status]


def go_on(root: str, shell: Mapping[str, str]) -> None:
    """Starts what waits in the queue, since the window may have been closed meanwhile.

    Whoever keeps a spare worker is let go first: that one has begun to import what a new process would begin now.

    Args:
        root: The project.
        shell: The environment without the project's `.env`.
    """
    queue, late = Queue(root, variables=shell), time.monotonic() + FIRST_SECONDS
    try:
        while any(not run.claimed for run in queue.open_runs()) and is_kept(root) and time.monotonic() < late:
            time.sleep(STOP_POLL_SECONDS)
        queue.advance()
    except (NicemlError, OSError) as error:
        print(error, file=sys.stderr)


if __name__ == "__main__":
    exit_status = 1
    atexit.register(leave, lambda: exit_status)  # the first in is the last out: what others registered comes before
    exit_status = main()
