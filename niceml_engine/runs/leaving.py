"""The end of a worker's process: nothing of what its ops have started outlives it."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

import psutil

from niceml_engine.runs.stopping import EXIT

#: Ends by itself with the process that it tidies up after, and ignores wishes to end before.
TRACKER = "resource_tracker"
REAPED = 5.0  #: seconds after which nobody waits any more for what was killed


def end_children() -> None:
    """Ends the processes that the ops of a run have left, and says which these are.

    A wish to end would not reach them: as in the worker, SIGTERM is blocked in whatever it starts.
    """
    left = [process for process in _children() if not _tracks(process)]
    for process in left:
        with suppress(psutil.NoSuchProcess):
            print(f"the run has left process {process.pid}, {process.name()}; it is ended", file=sys.stderr)
            process.kill()
    psutil.wait_procs(left, timeout=REAPED)


def end_group() -> None:
    """Ends this process and all that it has started, whatever they do."""
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    end_children()
    leave(lambda: EXIT["stopped"])


def leave_in_time(status: int, patience: float) -> None:
    """Sees to it that the process ends, although a thread may be left that Python would wait for.

    Args:
        status: The exit status.
        patience: Seconds that such threads have.
    """

    def watch() -> None:
        waited = threading.Event()
        waited.wait(patience)
        left = [one.name for one in threading.enumerate() if not one.daemon and one is not threading.main_thread()]
        print(f"the run has left threads, which are ended: {', '.join(left)}", file=sys.stderr)
        leave(lambda: status)

    threading.Thread(target=watch, name="leaving", daemon=True).start()


def leave(status: Callable[[], int]) -> None:
    """Ends the process without taking TensorFlow apart piece by piece, which takes a second or two.

    Args:
        status: The exit status.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status())


def _children() -> set[psutil.Process]:
    """What was started here, and what is still in this process' group although its parent has gone."""
    found = set(psutil.Process().children(recursive=True))
    if not hasattr(os, "getpgid") or os.getpgrp() != os.getpid():
        return found
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            if process.pid != os.getpid() and os.getpgid(process.pid) == os.getpid():
                found.add(process)
    return found


def _tracks(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return TRACKER in " ".join(process.cmdline())
    return False
