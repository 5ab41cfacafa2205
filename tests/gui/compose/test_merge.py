import msgspec
import pytest
import yaml
from PySide6.QtCore import QPoint, Qt

from niceml_engine.protocol.configs import MergeSteps
from niceml_engine.values import Assigned, Composed, ErrorInfo, MergeStep, Origin, Problem
from niceml_gui.names import Names
from niceml_gui.workspaces.compose.graph import merge as playing
from niceml_gui.workspaces.compose.graph.merge import amount, moment, reach, told, value_text
from niceml_gui.workspaces.compose.panel import ComposeWorkspace

DATA, TRAIN = "shared/datasets/dataset_cls_test", "ops/train/op_train_cls_binary"


def layer(node, package, *sets, drops=()):
    origin = Origin(node, f"/{node}.yaml", 0, package)
    return MergeStep(origin, tuple(Assigned(tuple(key.split(".")), value, line) for key, value, line in sets), drops)


STEPS = (
    layer(DATA, "ops.data", ("ops.data.shuffle", False, 2), ("ops.data.size", 16, 3), ("ops.data.more", None, 4)),
    layer("empty", ""),
    layer(DATA, "ops.test", ("ops.test.shuffle", False, 2)),
    layer(TRAIN, "ops", ("ops.data.shuffle", True, 9), ("ops.data.more.a", 1, 11), drops=(("ops", "data", "more"),)),
    MergeStep(Origin("override", line=1, text="ops.data.size=8"), (Assigned(("ops", "data", "size"), 8),)),
)


@pytest.fixture
def panel(session, qtbot, monkeypatch):
    asked = []

    def ask(request, then=None, failed=None, timeout=0):
        asked.append((request, then, failed))
        return len(asked)

    monkeypatch.setattr(session.engine, "ask", ask)
    panel = ComposeWorkspace(session)
    panel.asked = [entry for entry in asked if isinstance(entry[0], MergeSteps)]
    qtbot.addWidget(panel)
    panel.resize(1600, 900)
    panel.show()
    qtbot.waitExposed(panel)
    panel.steps_asked = lambda: [entry for entry in asked if isinstance(entry[0], MergeSteps)]
    return panel


@pytest.fixture
def opened(panel):
    panel.drawing.play_merge()
    panel.steps_asked()[-1][1](STEPS)
    return panel


def text(panel):
    return list(panel.composed.view._lines)


def test_the_tree_grows_and_what_a_layer_sets_lights_up():
    assert moment(STEPS, 0, Names()).lines == ()
    first = moment(STEPS, 1, Names())
    assert first.lines == ("ops:", "  data:", "    shuffle: false", "    size: 16", "    more: null")
    assert first.keys == ("ops", "ops.data", "ops.data.shuffle", "ops.data.size", "ops.data.more")
    assert first.lit == {2, 3, 4}
    last = moment(STEPS, 4, Names())
    assert last.lines == (
        "ops:",
        "  data:",
        "    shuffle: true  # was false",
        "    size: 16",
        "    more:",
        "      a: 1",
        "  test:",
        "    shuffle: false",
    )
    assert last.lit == {2, 5}
    assert [last.origin(line) and (last.origin(line).node, last.origin(line).line) for line in range(4)] == [
        None,
        None,
        (TRAIN, 9),
        (DATA, 3),
    ]
    assert last.labels[2:6] == ("op_train_cls_binary:9", "dataset_cls_test:3", "", "op_train_cls_binary:11")
    assert moment(STEPS, 2, Names()).lit == frozenset()
    assert moment(STEPS, 5, Names()).lines[3] == "    size: 8  # was 16"
    assert reach(STEPS, 5).held["ops", "data", "size"].step == 4


def test_from_any_place_on_the_same_is_reached():
    for known in range(len(STEPS) + 1):
        for count in range(len(STEPS) + 1):
            assert moment(STEPS, count, Names(), reach(STEPS, known)) == moment(STEPS, count, Names())


@pytest.mark.parametrize(
    "value",
    ["a b", "10", "yes", "null", "", " x", "a: b", "a #b", "it's", "${a.b}/c", "-x", "x:", 1.5, True, None, [1, "2"]],
)
def test_values_read_back_as_what_they_are(value):
    assert yaml.safe_load(value_text(value)) == value


def test_long_lists_say_how_long_they_are():
    assert value_text(list(range(12_000))) == "[…]  # 12,000 items"


def test_layers_are_told_in_words():
    assert [told(step, Names()) for step in (STEPS[0], STEPS[1], STEPS[4])] == [
        "dataset_cls_test at ops.data",
        "empty at _global_",
        "ops.data.size=8",
    ]


def test_a_layer_tells_what_it_adds_changes_and_drops():
    amounts = [amount(STEPS, count) for count in range(1, len(STEPS) + 1)]
    assert [one.signs for one in amounts] == ["+3", "+0", "+1", "+1 ~1 −1", "~1"]
    assert [amounts[at].words for at in (1, 3, 4)] == [
        "changes nothing",
        "adds 1, changes 1, drops 1 values",
        "changes 1 value",
    ]


def test_stepping_shows_the_text_the_node_and_the_order(opened, qtbot):
    bar, graph = opened.drawing.merge_bar, opened.graph
    assert opened.in_front(opened.composed)
    assert (bar.count.text(), bar.name.full_text()) == ("0 of 5", "Before the first layer")
    assert graph.nodes[DATA].look.number == "1·3"
    qtbot.keyClick(bar.slider, Qt.Key.Key_Right)
    assert graph.nodes[DATA].lit
    assert text(opened)[2] == "    shuffle: false"
    assert opened.composed.view.marked == {2, 3, 4}
    qtbot.keyClick(bar.slider, Qt.Key.Key_End)
    assert bar.name.full_text() == "ops.data.size=8"
    assert not any(item.lit for item in graph.nodes.values())
    qtbot.mouseClick(bar.back, Qt.MouseButton.LeftButton)
    assert bar.count.text() == "4 of 5"
    assert graph.nodes[TRAIN].lit
    graph.toggle("jobs/job_train/job_train_cls/job_train_cls_binary")
    assert [name for name, item in graph.nodes.items() if item.lit] == [graph.graph.root]


def test_a_layer_opens_at_its_line(opened, session, qtbot):
    places = []
    session.source_requested.connect(lambda file, line: places.append((file, line)))
    opened.drawing.merge.go(4)
    view = opened.composed.view
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, view.line_rect(2).center().y()))
    assert places == [(f"/{TRAIN}.yaml", 9)]


def test_it_plays_by_itself_and_stops_at_the_end(opened, qtbot):
    merge, bar = opened.drawing.merge, opened.drawing.merge_bar
    merge._timer.setInterval(1)
    merge.go(3)
    qtbot.keyClick(bar.slider, Qt.Key.Key_Space)
    assert merge.playing
    assert bar.play.accessibleName() == "Stop"
    qtbot.waitUntil(lambda: not merge.playing)
    assert merge.at == 5
    merge._timer.setInterval(playing.PACE_MS)
    qtbot.mouseClick(bar.play, Qt.MouseButton.LeftButton)
    assert (merge.playing, merge.at) == (True, 0)  # again from the start
    qtbot.keyClick(bar.slider, Qt.Key.Key_Space)
    assert not merge.playing


def test_closing_shows_the_composed_config_again(opened, session, qtbot):
    qtbot.keyClick(opened.drawing.merge_bar.slider, Qt.Key.Key_Escape)
    assert opened.drawing.merge_bar.isHidden()
    assert text(opened) == session.composed.yaml.splitlines()
    assert not any(item.look.number for item in opened.graph.nodes.values())


def test_the_key_m_opens_and_closes_it(panel, qtbot):
    panel.graph.setFocus()
    qtbot.waitUntil(panel.graph.hasFocus)
    qtbot.keyClick(panel.graph, Qt.Key.Key_M)
    assert panel.drawing.merge_bar.isVisible()
    assert panel.drawing.merge_bar.name.full_text() == "Reading the layers…"
    panel.drawing.play_merge()
    assert panel.drawing.merge_bar.isHidden()


def test_another_config_is_asked_for_and_keeps_the_place(opened, session):
    opened.drawing.merge.go(3)
    session.show(msgspec.structs.replace(session.composed, digest="other"))
    assert len(opened.steps_asked()) == 2
    assert opened.drawing.merge_bar.count.text() == "3 of 5"  # nothing jumps while the layers are awaited
    assert opened.drawing.merge.moment is not None
    opened.steps_asked()[-1][1](STEPS[:2])
    assert opened.drawing.merge.at == 2
    session.show(msgspec.structs.replace(session.composed, digest="third"))
    opened.steps_asked()[-1][1](STEPS)
    assert opened.drawing.merge.at == 5  # who looks at all of it sees all of it
    session.show(Composed(session.selection, error=Problem("error", "x", "broken")))
    assert not opened.drawing.merge.opened


def test_ctrl_f_finds_while_the_slider_has_the_focus(opened, qtbot):
    opened.drawing.merge_bar.setFocus()
    opened.activateWindow()
    qtbot.waitUntil(opened.drawing.merge_bar.slider.hasFocus)
    qtbot.keyClick(opened.drawing.merge_bar.slider, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert opened.drawing.find_bar.isVisible()


def test_what_cannot_be_played_is_said(panel, session):
    said = []
    session.message.connect(lambda message: said.append(message.text))
    panel.drawing.play_merge()
    panel.steps_asked()[-1][2](ErrorInfo("it broke"))
    assert said == ["The merge cannot be played: it broke"]
    assert panel.drawing.merge_bar.isHidden()
