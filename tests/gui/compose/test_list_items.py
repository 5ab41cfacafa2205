"""What lies in a list has rows of its own, with the service that people use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from niceml_engine.secrets import MASK
from niceml_gui.session import Session
from niceml_gui.workspaces.compose.cards.editors import Field
from niceml_gui.workspaces.compose.cards.listing import AddItem
from niceml_gui.workspaces.compose.cards.pane import OpsPane
from niceml_gui.workspaces.compose.cards.rows import RowWidget

CODE = '''
raise RuntimeError("this module must never run")
from typing import Literal
class Metric: ...
class F1(Metric):
    """Precision and recall.

    Args:
        threshold: From here on it counts, between 0 and 1.
        average: How classes are put together.
    """
    def __init__(self, threshold: float = 0.5, average: Literal["micro", "macro"] = "micro"): ...
class Top(Metric):
    def __init__(self, k: int): ...
class Trainer:
    def __init__(self, metrics: list[Metric]): ...
'''
JOB = """\
rate: 0.1
trainer:
  _target_: code_.Trainer
  metrics:
    - _target_: code_.F1
      threshold: 0.5  # as in the paper
      average: macro
    - _target_: code_.Top
      kk: 3
pipeline:
  - name: resize
    p: ${rate}
  - [1, 2]
  - steps: [{w: 1}]
"""
LIST = "trainer.metrics"


@pytest.fixture
def pane(real: Session, tmp_path: Path, qtbot: QtBot) -> OpsPane:
    (tmp_path / "code_.py").write_text(CODE)
    job = tmp_path / "configs" / "jobs" / "lists.yaml"
    job.write_text(JOB)
    pane = OpsPane(real)
    qtbot.addWidget(pane)
    pane.resize(460, 1400)
    pane.show()
    real.open_job(str(job))
    qtbot.waitUntil(lambda: f"{LIST}[0].threshold" in pane.known.description.values, timeout=30_000)
    qtbot.waitUntil(lambda: f"{LIST}[1].kk" in pane.known.wrong, timeout=30_000)
    return pane


def labels(pane: OpsPane, card: str) -> list[tuple[str, int]]:
    return [(row.label, row.indent) for row in pane.cards[card].card.rows if not (row.adds or row.more)]


def row(pane: OpsPane, key: str) -> RowWidget:
    found = pane.row_of(key, "")
    assert found is not None, key
    return found


def field(pane: OpsPane, key: str) -> Field:
    control = row(pane, key).control
    assert isinstance(control, Field)
    return control


def settled(session: Session, qtbot: QtBot) -> tuple[str, ...]:
    qtbot.waitUntil(lambda: not session.stale, timeout=30_000)
    assert session.composed.error is None, session.composed.error
    return session.selection.overrides


def values(session: Session, key: str) -> Any:
    return next(leaf.value for leaf in session.composed.leaves if leaf.key == key)


def test_items_are_titles_that_unfold_into_fields(real: Session, pane: OpsPane, qtbot: QtBot) -> None:
    assert field(pane, LIST).text() == "F1, Top"
    assert [label for label, _ in labels(pane, "trainer")] == ["_target_", "metrics", "0", "1", "kk"], "kk is wrong"
    summaries = [row.summary for row in pane.cards["config"].card.rows if row.item]
    assert summaries == ["name: resize, p: '${rate}'", "", "steps: [{w: 1}]"]
    head = row(pane, f"{LIST}[0]._target_").head
    assert head is not None
    qtbot.mouseClick(head.arrow, Qt.MouseButton.LeftButton)
    assert [label for label, _ in labels(pane, "trainer")][2:5] == ["0", "threshold", "average"]
    threshold = row(pane, f"{LIST}[0].threshold")
    assert (threshold.row.rule.most, threshold.row.rule.doc) == (1, "From here on it counts, between 0 and 1.")
    assert field(pane, f"{LIST}[0].average").rule.choices == ("micro", "macro")
    wrong = row(pane, f"{LIST}[1].kk").control
    assert wrong.property("invalid") == "true"
    assert "takes no argument kk" in wrong.toolTip()
    list_head = row(pane, LIST).head
    assert list_head is not None
    qtbot.mouseClick(list_head.arrow, Qt.MouseButton.LeftButton)
    assert [label for label, _ in labels(pane, "trainer")] == ["_target_", "metrics", "1", "kk"], "what is wrong stays"


def test_a_value_in_an_item_is_set_marked_and_reset(real: Session, pane: OpsPane, qtbot: QtBot) -> None:
    real.set_focus(f"{LIST}[0].threshold")
    threshold = field(pane, f"{LIST}[0].threshold")
    for typed, why in (("7", "more than 1"), ("0.7", "")):
        threshold.setFocus()
        threshold.selectAll()
        qtbot.keyClicks(threshold, typed)
        qtbot.keyClick(threshold, Qt.Key.Key_Return)
        assert threshold.why == why
    assert settled(real, qtbot) == (f"{LIST}.0.threshold=0.7",)
    changed = row(pane, f"{LIST}[0].threshold")
    assert changed.control.property("changed") == "true"
    assert row(pane, f"{LIST}[0].average").control.property("changed") != "true"
    assert changed.reset is not None
    changed.reset.click()
    assert settled(real, qtbot) == ()


def test_what_the_file_says_of_a_value_is_its_help(real: Session, pane: OpsPane, qtbot: QtBot) -> None:
    real.set_focus(f"{LIST}[0].threshold")
    assert pane.help.note.text() == "as in the paper"
    assert pane.help.text.text() == "From here on it counts, between 0 and 1."
    assert "# as in the paper" in row(pane, f"{LIST}[0].threshold").control.toolTip()
    real.set_value(f"{LIST}[0].threshold", "0.7")
    settled(real, qtbot)
    assert "# as in the paper" in row(pane, f"{LIST}[0].threshold").control.toolTip(), "also once it is changed"


def test_an_argument_of_an_item_is_added_and_taken_away(real: Session, pane: OpsPane, qtbot: QtBot) -> None:
    real.set_value(f"{LIST}[1].k", "2")
    assert settled(real, qtbot) == (f"+{LIST}.1.k=2",)
    real.set_focus(f"{LIST}[1].kk")
    field(pane, f"{LIST}[1].kk").setFocus()
    qtbot.keyClick(field(pane, f"{LIST}[1].kk"), Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    assert settled(real, qtbot) == (f"+{LIST}.1.k=2", f"~{LIST}.1.kk")
    assert values(real, LIST)[1] == {"_target_": "code_.Top", "k": 2}


def test_items_are_duplicated_moved_and_removed_as_named_steps(real: Session, pane: OpsPane, qtbot: QtBot) -> None:
    real.set_value(f"{LIST}[0].threshold", "0.7")
    settled(real, qtbot)

    def act(key: str, text: str) -> str:
        menu = row(pane, key).menu()
        next(action for action in menu.actions() if action.text().startswith(text)).trigger()
        menu.deleteLater()
        settled(real, qtbot)
        return real.undo.undoText()

    one = "{_target_:code_.F1,threshold:0.7,average:macro}"
    other = "{_target_:code_.Top,kk:3}"
    assert act(f"{LIST}[0]._target_", "Duplicate") == "Duplicate F1 in metrics"
    assert real.selection.overrides == (f"{LIST}=[{one},{one},{other}]",), "what reached into it is part of it now"
    assert act(f"{LIST}[1]._target_", "Move item down") == "Move F1 down in metrics"
    assert act(f"{LIST}[0]._target_", "Remove") == "Remove F1 from metrics"
    assert real.selection.overrides == (f"{LIST}=[{other},{one}]",)
    real.undo.undo()
    real.undo.undo()
    real.undo.undo()
    assert settled(real, qtbot) == (f"{LIST}.0.threshold=0.7",)


def test_an_item_is_added_as_a_class_that_fits_or_as_it_is_typed(real: Session, pane: OpsPane, qtbot: QtBot) -> None:
    pane.cards["trainer"].all_button.setChecked(True)
    pane.cards["config"].all_button.setChecked(True)

    def adding(key: str) -> AddItem:
        rows = ((card, one) for card in pane.cards.values() for one in card.card.rows if one.adds and one.item)
        card, found = next((card, one) for card, one in rows if one.key == key)
        control = card.reach(found).control
        assert isinstance(control, AddItem)
        return control

    adding(LIST).setFocus()
    qtbot.keyClick(adding(LIST), Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: bool(pane.chooser.offered), timeout=30_000)
    assert [entry.title for entry in pane.chooser.offered] == ["code_.F1", "code_.Top", "code_.Metric"]
    pane.chooser.offered[1].chosen()
    settled(real, qtbot)
    assert real.undo.undoText() == "Add Top to metrics"
    assert values(real, LIST)[2] == {"_target_": "code_.Top", "k": "???"}
    pipeline = adding("pipeline")
    qtbot.keyClicks(pipeline, "{name: crop, size: [2")
    qtbot.keyClick(pipeline, Qt.Key.Key_Return)
    assert pipeline.text(), "what cannot be an item stays until it is mended"
    qtbot.keyClicks(pipeline, "]}")
    qtbot.keyClick(pipeline, Qt.Key.Key_Return)
    settled(real, qtbot)
    assert values(real, "pipeline")[3] == {"name": "crop", "size": [2]}
    assert values(real, "pipeline")[0]["p"] == "${rate}"


def test_another_class_is_chosen_for_an_item(real: Session, pane: OpsPane, qtbot: QtBot) -> None:
    side = field(pane, f"{LIST}[0]._target_").side
    assert side is not None
    side.click()
    qtbot.waitUntil(lambda: bool(pane.chooser.offered), timeout=30_000)
    top = next(entry for entry in pane.chooser.offered if entry.title == "code_.Top")
    assert top.hint == "threshold, average fall away · needs k"
    top.chosen()
    settled(real, qtbot)
    assert values(real, LIST)[0] == {"_target_": "code_.Top", "k": "???"}


def test_of_a_long_list_only_what_is_shown_is_made(real: Session, pane: OpsPane, tmp_path: Path, qtbot: QtBot) -> None:
    job = tmp_path / "configs" / "jobs" / "long.yaml"
    job.write_text("data:\n" + "  - {name: x, w: 1}\n" * 12_000)
    real.open_job(str(job))
    settled(real, qtbot)
    pane.cards["config"].all_button.setChecked(True)
    assert labels(pane, "config") == [("data", 0)]
    real.set_focus("data[5000].w")
    assert [label for label, _ in labels(pane, "config")] == ["data", "5000", "name", "w"]
    head = row(pane, "data").head
    assert head is not None
    head.arrow.click()
    assert len(labels(pane, "config")) == 1 + 100 + 3
    more = next(one for one in pane.cards["config"].card.rows if one.more)
    assert more.more == 11_900
    button = pane.cards["config"].reach(more).control
    assert isinstance(button, QPushButton)
    assert button.text() == "11,900 more items"
    button.click()
    assert next(one.more for one in pane.cards["config"].card.rows if one.more) == 11_800


def test_a_secret_in_an_item_is_shown_nowhere(real: Session, pane: OpsPane, qtbot: QtBot) -> None:
    real.set_overrides(("+users=[{name: ann, password: hunter2, a: 1, b: 2, c: 3, d: 4}]",), "add")
    settled(real, qtbot)
    item = next(row for row in pane.cards["config"].card.rows if row.item == "users[0]")
    assert item.summary.startswith(f"name: ann, password: {MASK}")
    pane._fold_rows("users[0]", 1)
    password = field(pane, "users[0].password")
    assert (password.text(), password.isReadOnly()) == (MASK, True)
    assert "hunter2" not in password.toolTip()
