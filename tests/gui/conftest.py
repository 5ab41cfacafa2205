"""A state folder of its own for every test, a service that is always there, and a look at what a test leaves behind."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from niceml_engine import places
from niceml_gui.engine import Engine
from niceml_gui.session import Session
from niceml_gui.theme import style
from niceml_gui.window import Window

JOB = "# a job\ndefaults:\n  - db: mysql\n  - _self_\n\nepochs: 3  # how long\n"
FILES = {"jobs/a.yaml": JOB, "jobs/db/mysql.yaml": "port: 3306\n", "jobs/db/sqlite.yaml": "port: 0\n"}
FAKE = Path(__file__).with_name("fake_service.py")


@pytest.fixture(scope="session", autouse=True)
def looks(qapp: QApplication) -> None:
    """The program's own looks, which decide how much room there is, whichever test comes first."""
    style.install(qapp)


@pytest.fixture(autouse=True)
def gone() -> Iterator[None]:
    """Deletes at once what a test has closed; a window that is collected while Qt moves the focus crashes it."""
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> list[QWidget]:
    """Keeps what a test has shown until it is closed: collected while Qt lays it out, it would take Qt along."""
    widgets: list[QWidget] = []
    add = QtBot.addWidget

    def keep(self: QtBot, widget: QWidget, **how: Any) -> None:
        widgets.append(widget)
        add(self, widget, **how)

    monkeypatch.setattr(QtBot, "addWidget", keep)
    return widgets


@pytest.fixture(autouse=True)
def state_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "state"
    monkeypatch.setenv("NICEML_STATE_DIR", str(folder))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/no/bus")  # no notification on a person's own desktop
    places.state_dir.cache_clear()
    yield folder
    places.state_dir.cache_clear()


@pytest.fixture
def clean(kept: list[QWidget]) -> Iterator[None]:
    """Fails a test that leaves a process, a thread or a window behind."""
    windows = _windows()
    threads = set(threading.enumerate())
    children = {child.pid for child in psutil.Process().children()}
    yield
    kept.clear()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    left: list[object] = [widget for widget in _windows() if widget not in windows]
    left += [thread for thread in threading.enumerate() if thread not in threads]
    left += [child for child in psutil.Process().children() if child.pid not in children]
    assert not left, f"the test left behind: {left}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def engine(clean: None, project: Path) -> Iterator[Engine]:
    made = Engine([sys.executable, str(FAKE), str(project)])
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def session(engine: Engine, project: Path, qtbot: QtBot) -> Iterator[Session]:
    """A session whose project has been opened and composed."""
    made = Session(engine)
    engine.start()
    made.open(str(project))
    qtbot.waitUntil(lambda: made.project is not None and not made.busy and bool(made.runs.states))
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def window(session: Session, qtbot: QtBot) -> Iterator[Window]:
    made = Window(session)
    made.show()
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def settle(qtbot: QtBot) -> Callable[[Session], None]:
    """Waits until the newest selection has been composed and its code was checked."""

    def wait(session: Session) -> None:
        qtbot.waitUntil(lambda: not session.busy and not session.stale and bool(session.checks), timeout=30_000)

    return wait


def _windows() -> list[QWidget]:
    return [widget for widget in QApplication.topLevelWidgets() if widget.parent() is None]


@pytest.fixture
def files() -> dict[str, str]:
    """The configs of the project that `real` opens."""
    return FILES


@pytest.fixture
def real(clean: None, tmp_path: Path, files: dict[str, str], qtbot: QtBot) -> Iterator[Session]:
    """A session with the service that people use, on a small project."""
    for name, text in files.items():
        file = tmp_path / "configs" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    session = Session(Engine())
    session.engine.start()
    session.open(str(tmp_path))
    qtbot.waitUntil(lambda: bool(session.composed.digest), timeout=30_000)
    yield session
    session.close()
    session.deleteLater()
    session.engine.deleteLater()
