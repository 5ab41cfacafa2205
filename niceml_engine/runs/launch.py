"""Starting a worker process, and what to do when one died without a word."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from typing import IO

import msgspec
import psutil

from niceml_engine.errors import FULL, RunError, disk_first
from niceml_engine.events import Resources, RunEnded
from niceml_engine.jobs.advice import after_kill, killed
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.processes import birth, of_this_boot
from niceml_engine.runs.stream import StreamReader, StreamWriter
from niceml_engine.values import ENDED, RunSettings, RunState, RunStatus

#: On Windows, what `start_new_session` is elsewhere: the worker does not end with its parent.
DETACHED = 0x00000008 | 0x00000200 if sys.platform == "win32" else 0

#: Names of variables that a worker was given, and what they said before.
REPLACED = "NICEML_REPLACED"

#: `-P`: what lies in the project must not stand in for the worker's own modules.
WORKER = ("-P", "-m", "niceml_engine.runs.worker")
#: What a worker may be told instead of a folder, and its answer.
BURY, TELL, SPARE, READY = "--bury=", "--tell=", "--spare", "ready"

LAST_BYTES = 2_000_000  #: of a stream, in which it is looked for what the run took at last


LEAST_ROOM = 4096  #: bytes that a disk has left which is not full

WRITTEN = ("events.jsonl", "stdout.log", "stderr.log")  #: files that a worker writes until its end

_MAKE_ROOM = FULL.partition("; ")[2]
_RAISED = re.compile(r"[\w.]+(Error|Exception|Exit)\b")  #: what Python ends with where it says why itself

_children: dict[str, tuple[RunFolder, subprocess.Popen[bytes]]] = {}


def launch(run: RunFolder, variables: Mapping[str, str] | None = None) -> None:
    """Starts the worker of a claimed run, in a process group of its own, so that it outlives this process.

    Args:
        run: The run.
        variables: The environment, without the project's `.env`; else that of this process.

    Raises:
        RunError: The interpreter cannot be started; the run is marked as failed.
    """
    spec = run.spec()
    # A program runs in the project's interpreter, which need not know of us; its worker does not.
    python = (not spec.script and spec.settings.python) or sys.executable
    try:
        with (run.path / "stdout.log").open("wb") as stdout, (run.path / "stderr.log").open("wb") as stderr:
            child = start_worker(
                python, str(run.path), spec.root, environment(spec.settings, variables), stdout=stdout, stderr=stderr
            )
    except OSError as error:
        message = f"cannot start {python}: {error.strerror}"
        _end(run, _ended(run, message))
        raise RunError(message, details=repr(error)) from error
    adopt(run, child)


def start_worker(
    python: str,
    task: str,
    root: str,
    variables: Mapping[str, str],
    *,
    stdin: int | IO[bytes] = subprocess.DEVNULL,
    stdout: int | IO[bytes] = subprocess.DEVNULL,
    stderr: int | IO[bytes] = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Starts a worker process that outlives this one.

    Raises:
        OSError: The interpreter cannot be started.
    """
    return subprocess.Popen(
        [python, *WORKER, task],
        cwd=root,
        env=variables,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
        creationflags=DETACHED,
    )


def adopt(run: RunFolder, child: subprocess.Popen[bytes]) -> None:
    """Notes which process works on a run."""
    _children[run.id] = (run, child)
    run.set_worker(child.pid)


def environment(settings: RunSettings, variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a worker: what TensorFlow must know before it is imported is put in.

    A worker that starts the next one hands on what stood there before.

    Args:
        settings: Device and threads.
        variables: The environment without them; else that of this process.
    """
    base = dict(os.environ if variables is None else variables)
    replaced: dict[str, str | None] = msgspec.json.decode(base.pop(REPLACED, "{}"))
    for name, value in replaced.items():
        base.pop(name, None)
        if value is not None:
            base[name] = value
    wanted = {"TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONUNBUFFERED": "1"}
    if settings.device == "cpu":
        wanted["CUDA_VISIBLE_DEVICES"] = "-1"
    if settings.threads:
        wanted["TF_NUM_INTRAOP_THREADS"] = wanted["OMP_NUM_THREADS"] = str(settings.threads)
    before = {name: base.get(name) for name in wanted}
    return base | wanted | {REPLACED: msgspec.json.encode(before).decode()}


def end_processes(run: RunFolder) -> None:
    """Ends the worker of a run and all that it has started, whatever they do."""
    worker = run.worker()
    if worker is None or not run.is_alive():
        return
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(worker.pid)
        family = (*process.children(recursive=True), process)
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)  # those too whose parent has gone before
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.kill()


def end_leftovers(run: RunFolder) -> None:
    """Ends what a worker that is gone has left behind: a program that it started would otherwise go on unseen."""
    worker = run.worker()
    if worker is None or not hasattr(os, "killpg"):
        return
    if not of_this_boot(worker.birth) or birth(worker.pid) not in ("", worker.birth):
        return  # nothing is left of its group, of which others may have the number now
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(worker.pid, signal.SIGKILL)


def bury(run: RunFolder, *, tell_dagster: bool = True, end: RunEnded | None = None) -> None:
    """Ends the books of a run whose worker is gone: its stream and state at once, Dagster's record a moment later.

    Only workers touch the Dagster instance, so a short-lived one is started for that.

    Args:
        run: The run.
        tell_dagster: Whether Dagster knows of it, and may be told.
        end: How it ended, where that was found out before: a disk that was full then says nothing of it any more.
    """
    if run.final_state() is not None:
        return
    end_leftovers(run)
    _end(run, end_of(run) if end is None else end)
    if not tell_dagster:
        return
    _children[run.id] = (run, start_worker(sys.executable, f"{BURY}{run.path}", run.spec().root, os.environ))


def end_of(run: RunFolder) -> RunEnded:
    """How a run ended whose worker is gone, as far as it left word of that."""
    _, child = _children.get(run.id, (run, None))
    if child is not None:  # whose end is noticed at once
        return _ended(run, *_last_words(run, child.wait()))
    return msgspec.structs.replace(_ended(run, *_last_words(run, None)), time=_last_sign(run))


def told_now(run: RunFolder, end: RunEnded) -> RunEnded:
    """The end of a run with how full its disk is at this moment, which is not written down."""
    if not end.advice.startswith(_MAKE_ROOM):
        return end
    free = shutil.disk_usage(run.path).free / 1e6
    return msgspec.structs.replace(end, advice=f"{end.advice}; {free:,.1f} MB of it are free")


def state_of(run: RunFolder) -> RunState:
    """The state of a run as whoever looks can tell it: that of a dead worker, although nobody has noted its end yet.

    On a full disk nobody can.
    """
    state = run.state()
    if state.status in ENDED or run.worker() is None or run.is_alive():
        return state
    final = run.final_state()  # which the worker may have written meanwhile
    return final if final is not None else lost(state, told_now(run, end_of(run)))


def lost(state: RunState, end: RunEnded) -> RunState:
    """The state of a run whose end is noted nowhere."""
    advice = end.advice or _MAKE_ROOM
    return msgspec.structs.replace(
        state, status=end.status, message=end.message, advice=advice, ended=end.time - state.clock_set, stopping=False
    )


def reap() -> None:
    """Collects the exit status of workers that have ended, so that none stays a zombie."""
    for run, child in list(_children.values()):
        if child.poll() is not None and run.final_state() is not None:
            del _children[run.id]


def wait_for_exit(run: RunFolder, seconds: float = 30.0) -> None:
    """Waits until the worker of an ended run has left."""
    _, child = _children.pop(run.id, (run, None))
    worker = run.worker()
    if child is not None:
        child.wait(timeout=seconds)
    elif worker is not None and run.is_alive():
        with suppress(psutil.NoSuchProcess):
            psutil.Process(worker.pid).wait(timeout=seconds)


def _ended(run: RunFolder, message: str, advice: str = "") -> RunEnded:
    status: RunStatus = "stopped" if run.stop_asked else "failed"
    return RunEnded(status=status, message=message, advice=advice, time=time.time())


def _end(run: RunFolder, end: RunEnded) -> None:
    state = run.state()
    if state.status not in ENDED:
        with closing(StreamWriter(run.stream)) as writer:
            writer.emit(msgspec.structs.replace(end, time=end.time - state.clock_set))
        state = run.state()
    run.write_final_state(msgspec.structs.replace(state, folder=""))


def _last_words(run: RunFolder, code: int | None) -> tuple[str, str]:
    """Why a worker is gone, and what to try."""
    if run.stop_asked:
        return "stopped; its processes were ended", ""
    if code is not None and code < 0:
        return f"the worker {killed(-code)}", after_kill(-code, _last_usage(run))
    _, stderr = run.output(4000)
    last = next((line.strip() for line in reversed(stderr.splitlines()) if line.strip()), "")
    told, advice = disk_first(last)
    if advice:
        return told, _make_room(run)
    how = "the worker ended without a word" if code is None else f"the worker ended with exit status {code}"
    advice = after_kill(None, _last_usage(run)) if code is None and not _RAISED.match(last) else ""
    if is_full(run):  # its last words may not have found room either
        how, advice = f"{FULL.partition('; ')[0]}, and {how}", _make_room(run)
    if "No module named 'niceml_engine" in last or "No module named 'msgspec" in last:
        last += f"; install niceml into {run.spec().settings.python or sys.executable}"
    return (f"{how}: {last}" if last else how), advice


def is_full(run: RunFolder) -> bool:
    """Whether the disk that a run lies on has no room left."""
    try:
        return shutil.disk_usage(run.path).free < LEAST_ROOM
    except OSError:  # somebody has deleted the folder
        return False


def loses(run: RunFolder) -> bool:
    """Whether a running run goes on at this moment although its disk is full, so that what it measures is lost."""
    return is_full(run) and run.spec().settings.full_disk == "continue"


def _make_room(run: RunFolder) -> str:
    """What to try on a full disk: which it is, and who says what lies there."""
    return (
        f"{_MAKE_ROOM}: runs lie in their project, experiments where `globals.experiment_location` says; "
        f"the disk is that of {run.path.parent}"
    )


def _last_sign(run: RunFolder) -> float:
    """When a worker that is gone was last heard of, which is when it ended, whoever notices that how much later."""
    signs = []
    for name in WRITTEN:
        with suppress(OSError):
            signs.append((run.path / name).stat().st_mtime)
    return max(signs, default=time.time())


def _last_usage(run: RunFolder) -> Resources | None:
    """What a run took of its machine, as far as the end of its stream tells."""
    size = run.stream.stat().st_size if run.stream.exists() else 0
    rows = StreamReader(run.stream, offset=max(size - LAST_BYTES, 0)).read()
    return next((row for row in reversed(rows) if isinstance(row, Resources)), None)
