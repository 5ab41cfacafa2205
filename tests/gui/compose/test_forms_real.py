"""The forms with the service that people use, on a project of its own."""

from __future__ import annotations

import sys
from pathlib import Path

from pytestqt.qtbot import QtBot

from niceml_gui.session import Session
from niceml_gui.workspaces.compose.cards.editors import Field
from niceml_gui.workspaces.compose.cards.pane import OpsPane
from niceml_gui.workspaces.compose.overrides_pane import OverridesPane
from niceml_gui.workspaces.compose.text.editing.code_edit import CodeEdit
from niceml_gui.workspaces.compose.text.source_tab import SourceTab

NETS = '''
raise RuntimeError("this module must never run")
class Net: ...
class Small(Net):
    """A small net.

    Args:
        width: Units, at least 1.
    """
    def __init__(self, width: int, drop: float = 0.0): ...
class Wide(Net):
    def __init__(self, width: int, heads: int): ...
'''
JOB = "model: {_target_: nets.Small, width: 8, drop: 0.1}\n"


def field(pane: OpsPane, key: str) -> Field:
    row = pane.row_of(key, "")
    assert row is not None
    assert isinstance(row.control, Field)
    return row.control


def test_a_class_of_the_project_is_chosen_filled_in_and_swept(real: Session, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "nets.py").write_text(NETS)
    job = tmp_path / "configs" / "jobs" / "net.yaml"
    job.write_text(JOB)
    pane = OpsPane(real)
    qtbot.addWidget(pane)
    pane.resize(400, 700)
    pane.show()
    real.open_job(str(job))
    qtbot.waitUntil(lambda: "model" in pane.cards and "nets.Small" in str(pane.known.description), timeout=10_000)
    assert field(pane, "model.width").rule.type == "int ≥ 1"
    chooser = field(pane, "model._target_").side
    assert chooser is not None
    chooser.click()
    qtbot.waitUntil(lambda: bool(pane.chooser.offered), timeout=10_000)
    entries = {entry.title: entry for entry in pane.chooser.offered}
    assert entries["nets.Wide"].hint == "drop falls away · needs heads"
    entries["nets.Wide"].chosen()
    qtbot.waitUntil(lambda: not real.stale, timeout=10_000)
    assert {leaf.key: leaf.value for leaf in real.composed.leaves} == {
        "model._target_": "nets.Wide", "model.width": 8, "model.heads": "???"
    }  # fmt: skip
    qtbot.waitUntil(lambda: field(pane, "model.heads").rule.kind == "int", timeout=10_000)
    field(pane, "model.heads").committed.emit("2, 4")
    qtbot.waitUntil(lambda: pane.known.expansion is not None, timeout=10_000)
    assert real.composed.runs == 2
    assert pane.runs.isVisible()
    real.undo.undo()
    real.undo.undo()
    qtbot.waitUntil(lambda: not real.stale, timeout=10_000)
    assert real.selection.overrides == ()
    assert "nets" not in sys.modules


def test_a_key_that_no_override_can_name_is_changed_in_its_file(real: Session, tmp_path: Path, qtbot: QtBot) -> None:
    job = tmp_path / "configs" / "jobs" / "odd.yaml"
    job.write_text('odd: {"a b": 1, plain: 2}\n')
    pane = OpsPane(real)
    qtbot.addWidget(pane)
    pane.show()
    real.open_job(str(job))
    qtbot.waitUntil(lambda: pane.row_of("odd.a b", "") is not None, timeout=10_000)
    qtbot.waitUntil(lambda: "odd.a b" in pane.known.description.values, timeout=10_000)
    odd, plain = field(pane, "odd.a b"), field(pane, "odd.plain")
    assert (odd.isReadOnly(), plain.isReadOnly()) == (True, False)
    assert (odd.property("locked"), plain.property("locked")) == ("true", None)
    assert "no override can name this key: change it in its file (F4)" in odd.toolTip()
    row = pane.row_of("odd.a b", "")
    assert row is not None
    texts = [action.text() for action in row.menu().actions()]
    assert "Open source\tF4" in texts
    assert not any(word in text for text in texts for word in ("Remove", "Copy as"))


def test_classes_of_the_project_are_completed_among_the_overrides_and_in_a_file(
    real: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "nets.py").write_text(NETS)
    job = tmp_path / "configs" / "jobs" / "net.yaml"
    job.write_text("model:\n  _target_: nets.Small\n  width: 8\n")
    real.open_job(str(job))
    qtbot.waitUntil(lambda: real.composed.selection.job == str(job), timeout=10_000)
    pane, source = OverridesPane(real), SourceTab(real, str(job))
    for widget in (pane, source):
        qtbot.addWidget(widget)
    qtbot.waitUntil(lambda: source.view is not None, timeout=10_000)
    assert isinstance(source.view, CodeEdit)
    source.view.show_text("model:\n  _target_: nets.")
    pane.edit.show_text("model._target_=nets.")

    def offered() -> list[list[str]]:
        found = (source._suggest(1, len("  _target_: nets.")), pane.edit._suggest(0, len("model._target_=nets.")))
        return [[one.text for one in completion.found] for completion in found]

    assert offered() == [[], []]  # it is asked for first
    qtbot.waitUntil(lambda: offered() == [["nets.Small", "nets.Wide", "nets.Net"]] * 2, timeout=10_000)
    source.view.show_text("new:\n  - _target_: nets.W")  # of which nothing is composed
    end = len("  - _target_: nets.W")
    qtbot.waitUntil(lambda: [one.text for one in source._suggest(1, end).found] == ["nets.Wide"], timeout=10_000)
    assert "nets" not in sys.modules
