"""Starting a worker process, and what to do when one died without a word."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing

import msgspec

from niceml_engine.errors import RunError
from niceml_engine.events import RunEnded
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.stream import StreamWriter
from niceml_engine.values import ENDED, RunSettings

#: On Windows, what `start_new_session` is elsewhere: the worker does not end with its parent.
DETACHED = 0x00000008 | 0x00000200 if sys.platform == "win32" else 0

#: `-P`: what lies in the project must not stand in for the worker's own modules.
WORKER = ("-P", "-m", "niceml_engine.runs.worker")

_children: dict[str, tuple[RunFolder, subprocess.Popen[bytes]]] = {}


def launch(run: RunFolder) -> None:
    """Starts the worker of a claimed run, in a process group of its own, so that it outlives this process.

    Raises:
        RunError: The interpreter cannot be started; the run is marked as failed.
    """
    spec = run.spec()
    try:
        with (run.path / "stdout.log").open("wb") as stdout, (run.path / "stderr.log").open("wb") as stderr:
            child = subprocess.Popen(
                [spec.settings.python or sys.executable, *WORKER, str(run.path)],
                cwd=spec.root,
                env=environment(spec.settings),
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
                creationflags=DETACHED,
            )
    except OSError as error:
        message = f"cannot start {spec.settings.python or sys.executable}: {error.strerror}"
        _end(run, message)
        raise RunError(message, details=repr(error)) from error
    _children[run.id] = (run, child)
    run.set_worker(child.pid)


def environment(settings: RunSettings) -> dict[str, str]:
    """The environment of a worker: ours, and what TensorFlow must know before it is imported."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONUNBUFFERED": "1"}
    if settings.device == "cpu":
        environment["CUDA_VISIBLE_DEVICES"] = "-1"
    if settings.threads:
        environment["TF_NUM_INTRAOP_THREADS"] = environment["OMP_NUM_THREADS"] = str(settings.threads)
    return environment


def bury(run: RunFolder, *, tell_dagster: bool = True) -> None:
    """Ends the books of a run whose worker is gone: its stream and state at once, Dagster's record a moment later.

    Only workers touch the Dagster instance, so a short-lived one is started for that.

    Args:
        run: The run.
        tell_dagster: Whether Dagster knows of it, and may be told.
    """
    if run.final_state() is not None:
        return
    _, child = _children.get(run.id, (run, None))
    code = child.wait() if child is not None else None
    _end(run, _last_words(run, code))
    if not tell_dagster:
        return
    undertaker = subprocess.Popen(
        [sys.executable, *WORKER, "--bury", str(run.path)],
        cwd=run.spec().root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        creationflags=DETACHED,
    )
    _children[run.id] = (run, undertaker)


def reap() -> None:
    """Collects the exit status of workers that have ended, so that none stays a zombie."""
    for run, child in list(_children.values()):
        if child.poll() is not None and run.final_state() is not None:
            del _children[run.id]


def wait_for_exit(run: RunFolder, seconds: float = 30.0) -> None:
    """Waits until the worker of an ended run has left, if this process launched it."""
    _, child = _children.pop(run.id, (run, None))
    if child is not None:
        child.wait(timeout=seconds)


def _end(run: RunFolder, message: str) -> None:
    state = run.state()
    if state.status not in ENDED:
        stopped = run.stop_asked
        with closing(StreamWriter(run.stream)) as writer:
            writer.emit(RunEnded(status="stopped" if stopped else "failed", message=message))
        state = run.state()
    run.write_final_state(msgspec.structs.replace(state, folder=""))


def _last_words(run: RunFolder, code: int | None) -> str:
    if code is not None and code < 0:
        return f"the worker was killed by {signal.Signals(-code).name}"
    _, stderr = run.output(4000)
    last = next((line.strip() for line in reversed(stderr.splitlines()) if line.strip()), "")
    how = "the worker ended without a word" if code is None else f"the worker ended with exit status {code}"
    if "No module named 'niceml_engine" in last or "No module named 'msgspec" in last:
        last += f"; install niceml into {run.spec().settings.python or sys.executable}"
    return f"{how}: {last}" if last else how
