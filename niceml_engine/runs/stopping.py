"""How a worker learns that it is to end: by a signal, or because whoever began it is gone."""

from __future__ import annotations

import os
import shutil
import signal
import threading

from niceml_engine.runs.folder import RunFolder

EXIT: dict[str, int] = {"succeeded": 0, "failed": 1, "stopped": 130}  #: exit statuses of workers
PARENT_POLL_SECONDS = 0.5


def interrupt_main() -> None:
    """Interrupts the main thread as Ctrl+C would, also when it waits inside the operating system."""
    if hasattr(signal, "pthread_kill"):
        main = threading.main_thread().ident
        if main is not None:
            signal.pthread_kill(main, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)


def stop_on_sigterm(run: RunFolder) -> None:
    """Takes SIGTERM, from a shutdown or a person, for a wish to stop, so that Dagster is told before it ends.

    Dagster would otherwise call it a failure. Windows has no such signal.
    """
    if not block_sigterm():
        return

    def wait() -> None:
        signal.sigwait({signal.SIGTERM})
        run.ask_to_stop()

    threading.Thread(target=wait, name="sigterm", daemon=True).start()


def block_sigterm() -> bool:
    """Keeps SIGTERM for whoever waits for it, in all threads to come as well; false where there is no such signal."""
    if not hasattr(signal, "pthread_sigmask"):
        return False
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    return True


def leave_with_parent(run: RunFolder) -> None:
    """Ends this process as soon as whoever started it is gone, and leaves nothing behind: nobody reads on."""
    parent = os.getppid()

    def watch() -> None:
        waited = threading.Event()
        while os.getppid() == parent:
            waited.wait(PARENT_POLL_SECONDS)
        shutil.rmtree(run.path.parent, ignore_errors=True)
        os._exit(EXIT["stopped"])

    threading.Thread(target=watch, name="parent", daemon=True).start()
