"""The differences: asked again when something changes, compared with what a person chooses, shown with their files."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from niceml_engine.protocol.comparing import Change, Compare, Comparison
from niceml_engine.protocol.earlier import Earlier, Like
from niceml_engine.protocol.runs import ListExperiments
from niceml_engine.values import Composed, ErrorInfo, Experiment, Leaf, Origin, Problem, RunState, Selection
from niceml_gui.comparing import Against, Comparing, with_choice
from niceml_gui.earlier import LookingBack
from niceml_gui.names import Names
from niceml_gui.widgets.picker import Picker
from niceml_gui.widgets.statusbar import StatusBar
from niceml_gui.workspaces.compose.diff import DiffPane
from niceml_gui.workspaces.compose.diff_rows import line_of
from niceml_gui.workspaces.compose.panel import ComposeWorkspace
from tests.gui.compose.conftest import JOB, TRAIN, QuietEngine, file_of

EPOCHS = f"{TRAIN}.train_params.epochs"
THEN, NOW = Origin("params", "/project/params.yaml", 2), Origin("override", line=1, text=f"{EPOCHS}=10")
CHANGES = (
    Change("changed", EPOCHS, 5, 10, before_origin=THEN, origin=NOW),
    Change("removed", "old.key", [1, 2], before_origin=Origin("old", "/project/old.yaml", 7)),
    Change("moved", "new.rate", 0.5, 0.5, "old.rate", THEN, Origin("new", "/project/new.yaml", 9)),
    Change("added", "text", None, "10", origin=Origin("new", "/project/new.yaml", 3)),
)
LAST = RunState("r2", "second", "succeeded", file_of(JOB), "job_train", digest="other", created=2.0)
FIRST = RunState("r1", "first", "succeeded", file_of(JOB), "job_train", digest="another", created=1.0)


class Comparer(QuietEngine):
    """Answers comparisons, and keeps them."""

    changes = CHANGES
    error = ""

    def ask(self, request, then=None, failed=None, timeout=30.0):
        number = super().ask(request, then, failed, timeout)
        if isinstance(request, Compare):
            if self.error:
                failed(ErrorInfo(self.error))
            else:
                then(Comparison(self.changes, "7f3a" * 16))
        if isinstance(request, ListExperiments):
            then((Experiment("/e/CLB-1", "CLB-1", 1.0),))
        return number

    @property
    def compared(self):
        return [request for request in self.asked if isinstance(request, Compare)]


@pytest.fixture
def engine(session):
    session.engine = Comparer()
    return session.engine


@pytest.fixture
def pane(session, engine, qtbot):
    pane = DiffPane(session)
    qtbot.addWidget(pane)
    pane.resize(700, 400)
    pane.show()
    return pane


def run(session, *runs):
    session.runs._set(runs)


def chosen(pane, title):
    """Chooses in the menu, and returns the picker that then opens."""
    pane.choose()
    menu = pane.findChildren(QMenu)[-1]
    next(action for action in menu.actions() if action.text() == title).trigger()
    menu.close()
    return pane.window().findChild(Picker)


def test_the_config_is_compared_with_the_last_run_of_its_job(pane, session, engine, qtbot):
    run(session, FIRST, LAST)
    qtbot.waitUntil(lambda: bool(engine.compared))
    assert engine.compared == [Compare(session.selection, run="r2")]
    assert "second" in pane.against.text()
    assert [one.kind for one in pane.model.shown] == ["changed", "removed", "moved", "added"]
    assert pane.count.text() == "4 values"
    session.show(msgspec.structs.replace(session.composed, digest="new"))
    qtbot.waitUntil(lambda: len(engine.compared) == 2)
    session.show(msgspec.structs.replace(session.composed, digest=LAST.digest, yaml="a: 1"))
    assert pane.hint.title.text() == "No difference"
    assert len(engine.compared) == 2
    session.show(Composed(session.selection, error=Problem("error", "x", "broken")))
    assert pane.hint.title.text() == "Nothing to compare"


def test_as_long_as_there_is_no_run_the_saved_job_is_compared_with(pane, session, engine, qtbot):
    saved = Compare(session.selection, other=Selection(session.selection.job))
    session.show(session.composed)
    qtbot.waitUntil(lambda: engine.compared == [saved])
    assert pane.against.text() == "Against the saved job  ▾"
    assert pane.count.text() == "4 values"
    session.show(msgspec.structs.replace(session.composed, digest="new", selection=Selection(session.selection.job)))
    assert pane.hint.title.text() == "No difference"
    run(session, LAST)
    qtbot.waitUntil(lambda: len(engine.compared) == 2)
    assert engine.compared[-1].run == "r2"


def test_what_to_compare_with_is_chosen_from_a_menu(pane, session, engine, qtbot):
    run(session, FIRST, LAST)
    job = session.selection.job
    now = session.selection
    chosen(pane, "The saved job")
    qtbot.waitUntil(lambda: engine.compared[-1:] == [Compare(now, other=Selection(job))])
    expected = {
        "Another job…": Compare(now, other=Selection(file_of("jobs/job_data/job_data_generation"))),
        "A run…": Compare(now, run="r2"),
        "An experiment…": Compare(now, experiment="/e/CLB-1"),
    }
    for title, request in expected.items():
        chosen(pane, title).entries()[0].chosen()
        qtbot.waitUntil(lambda wanted=request: engine.compared[-1] == wanted)
    picker = chosen(pane, "Another option…")
    entry = next(entry for entry in picker.entries() if entry.title == "op_train_cls_binary_mlp")
    entry.chosen()
    there = with_choice(now, f"ops/train@{TRAIN}=op_train_cls_binary_mlp")
    qtbot.waitUntil(lambda: engine.compared[-1] == Compare(there, other=now))
    assert "choosing op_train_cls_binary_mlp" in pane.against.text()
    session.project_changed.emit()
    assert pane.comparing.against == Against("last")


def test_a_choice_takes_the_place_of_a_former_one():
    before = Selection("job", ("db=a", "x=1", "+net@n=b"))
    assert with_choice(before, "db=c").overrides == ("x=1", "+net@n=b", "db=c")
    assert with_choice(before, "+net@n=d").overrides == ("db=a", "x=1", "+net@n=d")


def test_rows_lead_to_the_key_and_to_the_file(pane, session, engine, qtbot):
    run(session, LAST)
    qtbot.waitUntil(lambda: bool(engine.compared))
    sources = []
    session.source_requested.connect(lambda *place: sources.append(place))
    pane.view.clicked.emit(pane.model.index(0))
    assert session.focus.key == EPOCHS
    for row in range(4):
        pane.view.setCurrentIndex(pane.model.index(row))
        qtbot.keyClick(pane.view, Qt.Key.Key_Return)
    places = [("/project/params.yaml", 2), ("/project/old.yaml", 7), ("/project/new.yaml", 9), ("/project/new.yaml", 3)]
    assert sources == places


def test_differences_are_filtered_and_copied(pane, session, engine, qtbot):
    run(session, LAST)
    qtbot.waitUntil(lambda: bool(engine.compared))
    assert line_of(CHANGES[0], Names()) == f"changed {EPOCHS}: 5 → 10  (params:2 → override)"
    assert line_of(CHANGES[2], Names()) == "moved new.rate: from old.rate → 0.5  (params:2 → new:9)"
    assert line_of(CHANGES[3], Names()) == "added text: '10'  (new:3)"
    pane.copy_button.click()
    assert len(QGuiApplication.clipboard().text().splitlines()) == 4
    pane.filter.setText("OLD.yaml key")
    assert pane.model.shown == []
    assert pane.hint.title.text() == "Nothing fits the filter"
    pane.filter.setText("old key")
    assert pane.count.text() == "1 of 4 values"
    pane.view.setCurrentIndex(pane.model.index(0))
    qtbot.keyClick(pane.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "removed old.key: [1, 2]  (old:7)"


def test_what_cannot_be_compared_says_why(pane, session, engine, qtbot):
    engine.error = "it is not there any more"
    pane.compare(Against("experiment", "/e/CLB-1"))
    qtbot.waitUntil(lambda: bool(pane.comparing.error))
    assert pane.hint.title.text() == "Cannot be compared with experiment CLB-1"
    assert pane.hint.text.text() == "it is not there any more"
    run(session, LAST)  # a run that goes on changes nothing about it
    asked = len(engine.compared)
    engine.error = ""
    session.composed_changed.emit()
    qtbot.waitUntil(lambda: len(pane.model.shown) == 4)
    assert len(engine.compared) == asked + 1


def test_the_status_line_tells_of_the_last_run_what_is_told_beside_the_run_button(session, engine, qtbot):
    looking_back = LookingBack(session, session)
    status = StatusBar(session, looking_back)
    qtbot.addWidget(status)
    assert status.difference.text() == ""
    run(session, LAST)
    assert status.difference.text() == "differs from last run"
    digest = session.composed.digest

    def answer(**told):
        looking_back.earlier = Earlier(**{"digest": digest, **told})
        looking_back.changed.emit()
        return status.difference.text()

    assert answer(last=Like(LAST.id, 4)) == "differs from last run in 4 values"
    session.show(msgspec.structs.replace(session.composed, digest="new"))
    assert status.difference.text() == "differs from last run"
    with qtbot.waitSignal(status.difference_clicked) as told:
        status.difference.click()
    assert told.args == [""]
    digest = "new"
    assert answer(same=(LAST.id,)) == "same as the last run"
    run(session, msgspec.structs.replace(LAST, digest="new"))
    assert answer(last=Like(LAST.id, 3)) == "differs from last run in 3 values", "which the environment gave"
    run(session, FIRST, msgspec.structs.replace(LAST, digest="new"))
    assert answer(same=(FIRST.id,), last=Like(LAST.id, 2)) == "has run before, as first"
    with qtbot.waitSignal(status.difference_clicked) as told:
        status.difference.click()
    assert told.args == [FIRST.id]
    looking_back.close()


def test_the_digest_says_what_of_the_environment_it_does_not_tell(session, engine, qtbot):
    looking_back = LookingBack(session, session)
    status = StatusBar(session, looking_back)
    qtbot.addWidget(status)
    session.show(msgspec.structs.replace(session.composed, leaves=()))
    assert status.digest.toolTip() == "Copy the digest: the name of this config as it is written"
    leaves = (
        Leaf("train.epochs", "${niceml.to_int:${oc.env:EPOCHS,3}}", Origin("a"), resolved=2),
        Leaf("train.copy", "${train.epochs}", Origin("a"), resolved=2),
        Leaf("train.password", "${oc.env:WORD}", Origin("a"), resolved="••••••", secret=True),
    )
    session.show(msgspec.structs.replace(session.composed, leaves=leaves))
    assert status.digest.toolTip().splitlines() == [
        "Copy the digest: the name of this config as it is written. "
        "What the environment gives is not in it; that is now",
        "epochs 2",
    ]
    looking_back.close()


def test_what_the_environment_gave_is_compared_though_the_config_is_the_same(session, engine, qtbot):
    comparing = Comparing(session, session)
    session.show(msgspec.structs.replace(session.composed, yaml="epochs: ${oc.env:EPOCHS,3}"))
    run(session, msgspec.structs.replace(LAST, digest=session.composed.digest))
    qtbot.waitUntil(lambda: len(engine.compared) == 1)
    session.show(msgspec.structs.replace(session.composed, yaml="epochs: 3"))
    run(session, msgspec.structs.replace(FIRST, created=3.0, digest=session.composed.digest))
    assert comparing.changes == ()
    outside = msgspec.structs.replace(CHANGES[0], outside=True)
    assert line_of(outside, Names()).endswith("(environment · params:2 → override)")


def test_the_diff_stands_beside_the_graph_with_its_count(session, engine, qtbot):
    panel = ComposeWorkspace(session)
    qtbot.addWidget(panel)
    panel.show()
    assert panel.in_front(panel.drawing)
    run(session, LAST)
    qtbot.waitUntil(lambda: panel.diff.windowTitle() == "Diff  4")
    panel.diff.compare(Against("saved"))
    panel.show_difference()
    assert panel.in_front(panel.diff)
    assert panel.diff.comparing.against == Against()
    commands = {command.id: command for command in panel.commands()}
    assert commands["compose.next-problem"].shortcut == "F8"
    commands["compose.next-problem"].callback()
    assert panel.in_front(panel.problems)
    assert panel.problems._current() is not None


def test_a_source_that_is_closed_gives_way_to_what_it_was_opened_from(session, engine, qtbot):
    panel = ComposeWorkspace(session)
    qtbot.addWidget(panel)
    panel.show()
    for pane in (panel.diff, panel.drawing):
        panel.show_pane(pane)
        panel.show_source(THEN.file, 1)
        panel.show_source("/project/new.yaml", 1)
        for tab in tuple(panel.sources.values())[::-1]:
            panel.close_requested.emit(tab)
        assert panel.in_front(pane)
