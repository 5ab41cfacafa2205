"""Whatever is wrong with a project, the window says it in one line with its place, stays alive, and opens the next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from niceml_engine.values import Problem
from niceml_gui.engine import Engine
from niceml_gui.session import Message, Session
from niceml_gui.window import Window
from niceml_gui.workspaces.compose.panel import ComposeWorkspace
from tests.bad_projects import BAD, Bad

PATIENCE = 60_000  #: ms; a machine that does other things, too, takes its time for megabytes


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    """One window with the service that people use, for all of them in a row."""
    session = Session(Engine())
    session.engine.start()
    made = Window(session)
    made.show()
    yield made
    made.close()
    made.deleteLater()
    session.deleteLater()
    session.engine.deleteLater()


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Bad("good", "").write(tmp_path_factory.mktemp("good"))


def opened(window: Window, project: Path, qtbot: QtBot) -> list[Message]:
    """Opens a project, and returns what the message bar says until it is open and checked, or refused."""
    session, said, losses = window.session, [], []
    session.message.connect(said.append)
    session.connection.lost.connect(losses.append)
    session.open(str(project))

    def done() -> bool:
        if session.busy:
            return False
        there = session.project is not None and session.project.root == str(project)
        return (there and not session.stale) or any(message.severity == "error" for message in said)

    qtbot.waitUntil(done, timeout=PATIENCE)
    session.message.disconnect(said.append)
    session.connection.lost.disconnect(losses.append)
    assert not losses, "the service died"
    return said


def problem(session: Session, bad: Bad) -> Problem | None:
    return next((one for one in session.problems if bad.words in one.message), None)


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_what_is_wrong_is_said_and_the_next_project_opens(
    bad: Bad, window: Window, good: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    session = window.session
    opened(window, good, qtbot)
    window.messages.clear()
    root = bad.write(tmp_path / "bad")
    said = opened(window, root, qtbot)
    if not bad.opens:
        (message,) = said
        assert window.messages.messages == (message,)
        assert bad.words in message.text
        assert "\n" not in message.text
        assert (f"{root / bad.file}:{bad.line}" if bad.line else str(root / bad.file)) in message.text
        assert session.project is not None
        assert session.project.root == str(good), "the project before it stays"
        return
    assert not said
    if bad.overrides:
        session.set_overrides(bad.overrides, "Type")
    if bad.words:
        qtbot.waitUntil(lambda: problem(session, bad) is not None, timeout=PATIENCE)
        found = problem(session, bad)
        assert found is not None
        place = (str(root / bad.file) if bad.file else found.file, bad.line or found.line, bad.key or found.key)
        assert (found.file, found.line, found.key) == place
        assert "\n" not in found.message
        panel = window.pages.currentWidget()
        assert isinstance(panel, ComposeWorkspace)
        assert panel.composed.banner.isVisible() == (session.composed.error is not None)
    else:
        assert session.composed.error is None, session.composed.error
        assert session.composed.digest
    assert not (root / "was_here").exists()
    after = opened(window, good, qtbot)
    assert not after
    assert session.composed.digest
    assert session.composed.error is None
