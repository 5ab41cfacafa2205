"""What a command does with what is still being typed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLineEdit
from pytestqt.qtbot import QtBot

from niceml_gui.session import Session
from niceml_gui.widgets.header import COMPOSE, RUNS
from niceml_gui.window import Window

EPOCHS = "epochs, train.epochs"


@pytest.fixture
def field(window: Window, qtbot: QtBot) -> QLineEdit:
    """The field of a number, which has the focus."""
    window.activateWindow()

    def named() -> list[QLineEdit]:
        return [field for field in window.findChildren(QLineEdit) if field.accessibleName() == EPOCHS]

    qtbot.waitUntil(lambda: len(named()) == 1)
    (found,) = named()
    found.setFocus()
    qtbot.waitUntil(found.hasFocus)
    found.selectAll()
    return found


def test_what_is_still_being_typed_counts_when_run_is_pressed(
    window: Window, session: Session, field: QLineEdit, qtbot: QtBot
) -> None:
    qtbot.keyClicks(field, "7")
    qtbot.keyClick(field, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: session.runs.current == "r2")
    assert session.selection.overrides == ("train.epochs=7",)


def test_what_is_still_being_typed_counts_when_the_config_is_exported(
    window: Window, session: Session, field: QLineEdit, qtbot: QtBot
) -> None:
    qtbot.keyClicks(field, "7")
    qtbot.keyClick(field, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert session.selection.overrides == ("train.epochs=7",)
    window.findChild(QDialog).reject()


@pytest.mark.parametrize("way", ["keys", "button"])
def test_run_does_not_start_past_a_refused_field(
    window: Window, session: Session, field: QLineEdit, qtbot: QtBot, way: str
) -> None:
    qtbot.keyClicks(field, "many")
    if way == "keys":
        qtbot.keyClick(field, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    else:
        window.header.run_button.setFocus()
        qtbot.mouseClick(window.header.run_button, Qt.MouseButton.LeftButton)
    assert "train.epochs" in window.messages.text.full_text()
    assert session.problems[0].key == "train.epochs"
    assert field.text() == "many"
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert window.workspace == COMPOSE
    session.start_run()
    qtbot.waitUntil(lambda: window.workspace == RUNS)
