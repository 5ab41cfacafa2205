"""In which values the configs of compared runs differ."""

from PySide6.QtWidgets import QApplication

from niceml_engine.leaves import Distinction
from niceml_gui.workspaces.runs.comparison.differences import differing


def test_the_configs_are_shown_where_they_differ_and_nowhere_else(three):
    workspace = three("a", "b", "c")
    found = differing(workspace.runs._session, workspace.comparison)
    assert [one.keys for one in found] == [("train.rate", "train.optimizer.rate"), ("train.epochs",)]
    assert found[0].values == (("0.001", ("c",)), ("0.01", ("b",)), ("0.1", ("a",)))
    assert found[1].values == (("3", ("a", "b")), ("5", ("c",)))
    assert workspace.side.title.text() == "DIFFERENCES  2"
    workspace.side.differences.copy()
    copied = QApplication.clipboard().text()
    assert "train.epochs: 3 (CLB-a, CLB-b) · 5 (CLB-c)" in copied
    assert "train.rate = train.optimizer.rate: 0.001 (CLB-c)" in copied
    workspace.comparison.set(("a",))
    assert not workspace.side.differences.isVisibleTo(workspace.side)
    actions = {one.text(): one for one in workspace.side.differences.menu_of(found[1]).actions()}
    actions["Group the curves by it"].trigger()
    assert workspace.comparison.chosen.group == "train.epochs"


def test_the_config_of_a_compared_run_marks_what_differs(three, monkeypatch):
    workspace = three("a", "b", "c")
    pane, comparison = workspace.config, workspace.comparison
    alike = [Distinction(("globals.exp_name",), 3, True), Distinction(("globals.sizes", "train.sizes"), 3, True)]
    monkeypatch.setattr(comparison, "distinctions", lambda: alike)
    workspace._session.runs.select("a")
    workspace.show_pane(pane)
    assert pane.view.marked == {1, 3}
    assert pane.differs.full_text() == "2 values of this run differ among the 3 runs that are compared"
    lines = []
    for _ in range(3):
        pane.next.click()
        lines.append(pane.view.line)
    assert lines == [1, 3, 1]
    comparison.set(("b", "c"))
    assert (pane.view.marked, pane.differs.full_text(), pane.next.isVisible()) == (frozenset(), "", False)
