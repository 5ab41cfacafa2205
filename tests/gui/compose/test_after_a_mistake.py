"""What is set while the job does not compose, and integers of any size, with the service that people use."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from niceml_gui.session import Session
from niceml_gui.workspaces.compose.cards.editors import Field
from niceml_gui.workspaces.compose.cards.pane import OpsPane

BIG = "999999999999999999999999999999"
WAIT = 30_000


def test_a_key_that_is_there_is_changed_and_not_added_while_something_else_is_wrong(
    real: Session, qtbot: QtBot
) -> None:
    real.set_overrides(("db=nothere",), "Choose nothere")
    qtbot.waitUntil(lambda: not real.stale and real.composed.error is not None, timeout=WAIT)
    real.set_value("epochs", "7")
    real.set_value("fresh", "1")
    assert real.selection.overrides == ("db=nothere", "epochs=7", "+fresh=1")
    real.reset("db")
    qtbot.waitUntil(lambda: not real.stale, timeout=WAIT)
    assert real.composed.error is None, real.composed.error


def test_an_integer_of_any_size_is_set_and_shown(real: Session, qtbot: QtBot) -> None:
    pane = OpsPane(real)
    qtbot.addWidget(pane)
    pane.resize(900, 900)
    pane.show()
    real.set_value("epochs", BIG)
    qtbot.waitUntil(lambda: not real.stale, timeout=WAIT)
    assert real.composed.error is None
    row = pane.row_of("epochs", "")
    assert row is not None
    assert isinstance(row.control, Field)
    assert row.control.text() == BIG
    assert f"epochs: {BIG}" in real.composed.yaml
