"""A window with the real service, on a small project whose files are made, moved and saved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from niceml_gui.session import Message, Session
from niceml_gui.window import Window
from niceml_gui.workspaces.compose.panel import ComposeWorkspace
from niceml_gui.workspaces.compose.tree.view import ConfigTreePane
from tests.gui.compose.files.project import JOB, SEARCH


@pytest.fixture
def files() -> dict[str, str]:
    return {"jobs/a.yaml": JOB + SEARCH, "db/mysql.yaml": "port: 3306\n", "db/sqlite.yaml": "port: 0\n"}


@pytest.fixture
def window(real: Session) -> Iterator[Window]:
    made = Window(real)
    made.show()
    yield made
    made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def space(window: Window) -> ComposeWorkspace:
    found = window.pages.currentWidget()
    assert isinstance(found, ComposeWorkspace)
    return found


@pytest.fixture
def tree(space: ComposeWorkspace) -> ConfigTreePane:
    return space.tree


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    return tmp_path / "configs"


@pytest.fixture
def messages(real: Session) -> list[Message]:
    told: list[Message] = []
    real.message.connect(told.append)
    return told
