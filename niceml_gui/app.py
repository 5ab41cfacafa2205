"""The program: `niceml-gui [PROJECT]`."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QSocketNotifier
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from niceml_gui.address import SCHEME
from niceml_gui.session import Session


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser("niceml-gui", description="Compose Hydra configs, run them, watch the metrics.")
    parser.add_argument(
        "project", nargs="?", default="", help="folder with configs, or a job file, here or at ssh://machine/path"
    )
    parser.add_argument("--job", default="", metavar="FILE", help="job file to open first")
    parser.add_argument("--run", action="store_true", help="start a run as soon as the job is composed")
    parser.add_argument(
        "--offscreen-tour",
        default="",
        metavar="DIR",
        help="drive the window: run the job, save pictures to DIR; exit status 0 only if the run succeeded",
    )
    return parser.parse_args(list(argv))


def choose_platform(tour: bool) -> None:
    """Lets Qt draw into memory where there is no display."""
    display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if tour or (sys.platform == "linux" and not display):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def open_session(arguments: argparse.Namespace) -> Session:
    """Starts the service and asks it for the project, before any widget costs time."""
    session = Session()
    remote = arguments.project.startswith(SCHEME)
    if not remote:
        session.engine.start()
    job = arguments.job if remote or not arguments.job else str(Path(arguments.job).resolve())
    project = arguments.project or job
    if project:
        session.open(project if remote else str(Path(project).expanduser().resolve()), job)
    if arguments.run and not arguments.offscreen_tour:  # the tour presses the button itself
        run_once_composed(session)
    return session


def run_once_composed(session: Session) -> None:
    """Starts one run when the first composition has come."""

    def start() -> None:
        if session.composed.digest:
            session.composed_changed.disconnect(start)
            session.start_run(ask=False)  # nobody need be there

    session.composed_changed.connect(start)


def main(argv: Sequence[str] | None = None) -> int:
    """Shows the window until it is closed.

    Returns:
        The exit status: 0, or 1 when the tour's run did not succeed.
    """
    arguments = parse(sys.argv[1:] if argv is None else argv)
    choose_platform(bool(arguments.offscreen_tour))
    app = QApplication(sys.argv[:1])
    app.setApplicationName("niceml")
    app.setApplicationDisplayName("niceml")
    app.setDesktopFileName("niceml")
    session = open_session(arguments)

    # The service starts up in the meantime.
    from niceml_gui.theme import style
    from niceml_gui.window import Window

    style.install(app)
    window = Window(session)
    _quit_on_signals(window.leave)
    window.show()
    # What is there from the start stays: the garbage collector need not look at all of it again and again.
    gc.freeze()
    window.all_built.connect(gc.freeze)
    if arguments.offscreen_tour:
        from niceml_gui.tour import Tour

        tour = Tour(window, Path(arguments.offscreen_tour))
        tour.ended.connect(window.close)
        tour.start()
        app.exec()
        status = tour.status
    else:
        status = app.exec()
    bury()
    return status


def _quit_on_signals(close: Callable[[], object]) -> None:
    """Ctrl+C and SIGTERM close the window, without a question; Qt alone would never look at them."""
    reader, writer = socket.socketpair()
    for end in (reader, writer):
        end.setblocking(False)
    signal.set_wakeup_fd(writer.fileno())
    notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read, QCoreApplication.instance())
    notifier.setProperty("sockets", (reader, writer))
    numbers = (signal.SIGINT, signal.SIGTERM)

    def once() -> None:
        notifier.setEnabled(False)  # it would tell again as long as nobody reads
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)  # who insists is obeyed at once
        close()

    notifier.activated.connect(once)
    for number in numbers:
        signal.signal(number, lambda _number, _frame: None)


def bury() -> None:
    """Deletes all widgets while Qt still lives: plots that outlive it crash the interpreter's end.

    Main windows come first: panes behind other tabs stand alone until then, and belong to their docks.
    """
    for kind in (QMainWindow, QWidget):
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, kind) and widget.parent() is None:  # menus and the like go with their windows
                widget.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QCoreApplication.processEvents()


if __name__ == "__main__":
    sys.exit(main())
