"""What is code in a sentence stands between quotes wherever the window says something."""

import pytest
from PySide6.QtWidgets import QWidget

from niceml_engine.values import Problem
from niceml_gui.names import Names
from niceml_gui.prose import prose
from niceml_gui.starting import Doubt
from niceml_gui.widgets.basics import ElidedLabel, label
from niceml_gui.widgets.doubt_dialog import DoubtDialog
from niceml_gui.widgets.wrapping import FoldedLabel
from niceml_gui.workspaces.compose.problems import _row

RAW = "my.net does not exist: `my` has no `net`"
SAID = "my.net does not exist: “my” has no “net”"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (RAW, SAID),
        ("add `- _self_` at its end", "add “- _self_” at its end"),
        ("as ``config.yaml`` says", "as “config.yaml” says"),
        ("a ` alone stays", "a ` alone stays"),
        ("`one\ntwo`", "`one\ntwo`"),
        ("\x07 in `it`", "\\x07 in “it”"),
    ],
)
def test_what_is_code_stands_between_quotes(text, shown):
    assert prose(text, lines=True) == shown
    assert prose(shown, lines=True) == shown


def test_labels_dialogs_and_lists_show_it_and_copy_what_was_said(qtbot):
    folded, elided, plain = FoldedLabel(2), ElidedLabel(RAW), label("")
    folded.set_full_text(RAW)
    plain.setText(RAW)
    for widget in (folded, elided, plain):
        qtbot.addWidget(widget)
        widget.resize(900, 20)
        assert widget.text() == SAID
    assert folded.full_text() == elided.full_text() == RAW
    plain.setText("a.\u200bb")
    assert plain.text() == "a.\u200bb", "it can be broken there"
    parent = QWidget()
    qtbot.addWidget(parent)
    problem = Problem("error", "target", RAW, key="my.net")
    assert DoubtDialog(Doubt((problem,), RAW, lambda: None), parent).text.text() == SAID
    row = _row(problem, Names(()))
    assert row.text(1) == SAID
    assert SAID in row.toolTip(1)
