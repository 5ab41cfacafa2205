from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog

from niceml_engine.protocol.configs import DrawGraph, Exported
from niceml_engine.values import Choice, Composed, ConfigTree, Edge, ErrorInfo, Node, Option, Selection
from niceml_gui.theme import theme
from niceml_gui.theme.tokens import DARK, LIGHT
from niceml_gui.workspaces.compose.graph.arrows import ArrowItem, fitted
from niceml_gui.workspaces.compose.graph.export import picture, save_svg
from niceml_gui.workspaces.compose.graph.items import NODE_HEIGHT
from niceml_gui.workspaces.compose.graph.looks import Line, caption
from niceml_gui.workspaces.compose.graph.pane import GraphPane
from niceml_gui.workspaces.compose.paint import small

JOB = "jobs/job_train/job_train_cls/job_train_cls_binary"
TRAIN, BASE = "ops/train/op_train_cls_binary", "ops/train/op_train_base"
PARAMS, DATA = "ops/train/train_params/trainparams_default", "shared/datasets/dataset_cls_test"
MANY = 300


def large():
    nodes = tuple(Node(f"part/file_{number}", f"/{number}.yaml") for number in range(MANY))
    edges = tuple(
        Edge(f"part/file_{(number - 1) // 7}", f"part/file_{number}", f"a.b{number}") for number in range(1, MANY)
    )
    return Composed(Selection("/0.yaml"), nodes=nodes, edges=edges)


@pytest.fixture
def pane(session, qtbot):
    pane = GraphPane(session)
    qtbot.addWidget(pane)
    pane.resize(930, 440)
    pane.show()
    qtbot.waitExposed(pane)
    return pane


def click_on_fold(qtbot, view, node):
    item = view.nodes[node]
    place = view.mapFromScene(item.pos() + QPointF(item.width - 9, 0))
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_a_click_on_the_mark_folds_what_a_file_includes(pane, qtbot):
    view = pane.view
    click_on_fold(qtbot, view, TRAIN)
    assert BASE not in view.nodes
    assert PARAMS not in view.nodes
    assert DATA in view.nodes  # another file includes it too
    assert view.nodes[TRAIN].look.count == "+4"
    assert "hides 4 files" in view.nodes[TRAIN].toolTip()
    click_on_fold(qtbot, view, TRAIN)
    assert PARAMS in view.nodes


def test_the_keyboard_folds_and_right_unfolds(pane, session, qtbot):
    view = pane.view
    session.set_focus(node=BASE)
    qtbot.keyClick(view, Qt.Key.Key_Space)
    assert PARAMS not in view.nodes
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert PARAMS in view.nodes
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert session.focus.node == PARAMS
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert session.focus.node == JOB


def test_what_is_selected_elsewhere_is_unfolded(pane, session):
    pane.view.fold_all()
    assert PARAMS not in pane.view.nodes
    session.set_focus(node=PARAMS)
    assert pane.view.nodes[PARAMS].selected
    assert pane.view.folded.isdisjoint({TRAIN, BASE})


def test_folding_away_what_is_selected_selects_the_fold(pane, session):
    session.set_focus(node=PARAMS)
    pane.view.toggle(TRAIN)
    assert session.focus.node == TRAIN


def test_folds_come_back_with_their_job(pane, session, composed):
    pane.view.toggle(TRAIN)
    session.show(large())
    session.show(composed)
    assert pane.view.folded == {TRAIN}


def test_a_large_graph_starts_folded_and_has_an_overview(pane, session, qtbot):
    assert pane.overview.isHidden()
    session.show(large())
    view = pane.view
    assert len(view.nodes) == 8
    assert sum(item.look.hidden for item in view.nodes.values()) == MANY - 8
    view.unfold_all()
    assert len(view.nodes) == MANY
    assert pane.overview.isVisible()
    before = view.in_view
    qtbot.mouseClick(pane.overview, Qt.MouseButton.LeftButton, pos=QPoint(20, pane.overview.height() - 8))
    assert view.in_view.top() > before.top()
    assert view.extent.contains(view.in_view.center())
    qtbot.keyClick(view, Qt.Key.Key_0)
    assert view.fits
    assert pane.overview.isHidden()


def test_a_folded_node_stays_where_it_is(pane, session):
    session.show(large())
    view = pane.view
    view.unfold_all()
    session.set_focus(node="part/file_5")
    before = view.centre_of("part/file_5")
    view.toggle("part/file_5")
    moved = view.centre_of("part/file_5") - before
    assert abs(moved.x()) + abs(moved.y()) < 3


def test_the_search_walks_and_unfolds(pane, session, qtbot):
    session.show(large())
    qtbot.keyClick(pane.view, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(pane.find_bar.isVisible)
    qtbot.keyClicks(pane.find_bar.edit, "file_29")
    assert pane.view.search("file_29") == 11
    assert pane.view.nodes["part/file_0"].found is False
    seen = set()
    for _ in range(11):
        qtbot.keyClick(pane.find_bar.edit, Qt.Key.Key_Return)
        seen.add(session.focus.node)
    assert len(seen) == 11
    assert pane.find_bar.count.text().endswith("of 11")
    assert pane.view.nodes["part/file_299"].found
    qtbot.keyClick(pane.find_bar.edit, Qt.Key.Key_Escape)
    assert not any(item.found for item in pane.view.nodes.values())


def test_a_match_inside_a_fold_is_marked_at_the_fold(pane):
    pane.view.fold_all()
    pane.view.search("trainparams")
    assert [name for name, item in pane.view.nodes.items() if item.found] == [TRAIN]


def test_kinds_of_includes_differ_in_shape_and_words():
    plain = ArrowItem(Line.of((Edge("a", "b", "x"),)), 100)
    optional = ArrowItem(Line.of((Edge("a", "b", "x", optional=True),)), 100)
    override = ArrowItem(Line.of((Edge("a", "b", "x", override=True),)), 100)
    twice = ArrowItem(Line.of((Edge("a", "b", "x", optional=True), Edge("a", "b", "y"))), 100)
    assert [(item.dashed, item.double) for item in (plain, optional, override, twice)] == [
        (False, False),
        (True, False),
        (False, True),
        (False, False),
    ]
    assert [item.label for item in (plain, optional, override, twice)] == [
        "x",
        "x · optional",
        "x · override",
        "×2 · 1 optional",
    ]
    assert twice.packages == ["x · optional", "y"]
    assert caption([Edge("a", "b", "")]) == "_global_"
    metrics = QFontMetrics(small())
    room = metrics.horizontalAdvance("…config.data · optional") + 1
    assert fitted("ops.train.config.data · optional", metrics, room) == "…config.data · optional"


def test_a_missing_file_is_hollow_and_says_so(pane, session):
    unreadable = Node("a/d", "/d.yaml", missing=True)
    nodes = (Node("job", "/job.yaml"), Node("a/b", "", missing=True), Node("a/c", "/c.yaml"), unreadable)
    edges = (Edge("job", "a/b", "a"), Edge("job", "a/c", "a"), Edge("job", "a/d", "a"))
    session.show(Composed(Selection("/job.yaml"), nodes=nodes, edges=edges))
    view = pane.view
    assert view.nodes["a/b"].look.name == "b (missing)"
    assert view.nodes["a/d"].look.name == "d (unreadable)"
    assert "unreadable" in view.nodes["a/d"].toolTip()

    def inside(node):
        place = view.mapFromScene(view.nodes[node].pos() + QPointF(view.nodes[node].width - 12, NODE_HEIGHT / 2 - 6))
        return view.viewport().grab().toImage().pixelColor(place).name()

    assert inside("a/b") == view.backgroundBrush().color().name()
    assert inside("a/c") != inside("a/b")


def test_an_optional_file_that_is_not_there_is_no_error(pane, session):
    nodes = (Node("job", "/job.yaml"), Node("a/b", "", missing=True))
    session.show(Composed(Selection("/job.yaml"), nodes=nodes, edges=(Edge("job", "a/b", "a", optional=True),)))
    look = pane.view.nodes["a/b"].look
    assert (look.name, look.tint) == ("b (not there)", "muted")
    assert "optional" in pane.view.nodes["a/b"].toolTip()
    assert pane.view.arrows["job", "a/b"].dashed


def test_where_an_option_must_be_chosen_there_is_a_place_for_it(pane, session, qtbot):
    asked = Choice("model@net", "model", "net", (), ("cnn", "mlp"), "job", "/job.yaml", 3, missing=True)
    session.show(Composed(Selection("/job.yaml"), nodes=(Node("job", "/job.yaml"),), choices=(asked,)))
    view = pane.view
    assert (view.nodes["model/???"].look.name, view.nodes["model/???"].look.tint) == ("model: ???", "error")
    assert view.nodes["model/???"].toolTip() == "choose one of cnn, mlp\nat net"
    assert ("job", "model/???") in view.arrows
    with qtbot.waitSignal(session.source_requested) as opened:
        pane.open_source("model/???")
    assert opened.args == ["/job.yaml", 3]
    session.show(Composed(Selection("/job.yaml"), nodes=(Node("job", "/job.yaml"),)))
    assert list(view.nodes) == ["job"]


def test_a_config_that_only_python_makes_is_not_called_missing(pane, session):
    tree = ConfigTree((Option("db", "lite", "/store.py", python="Lite", line=4),), ())
    session.project = msgspec.structs.replace(session.project, tree=tree)
    nodes = (Node("job", "/job.yaml"), Node("db/lite", "", missing=True))
    session.show(Composed(Selection("/job.yaml"), nodes=nodes, edges=(Edge("job", "db/lite", "db"),)))
    look = pane.view.nodes["db/lite"].look
    assert (look.name, look.tint) == ("lite (in Python)", "muted")
    assert "when the project is trusted" in pane.view.nodes["db/lite"].toolTip()


def test_the_order_of_the_merge_is_written_on_demand(pane):
    view = pane.view
    narrow = view.nodes[DATA].look.width
    view.set_order({DATA: [4, 2], JOB: [9]})
    assert view.nodes[DATA].look.number == "2·4"
    assert view.nodes[DATA].look.width > narrow
    view.set_order({})
    assert view.nodes[DATA].look.number == ""


def saved_as(monkeypatch, file):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))


@pytest.mark.parametrize(("ending", "beginning"), [(".svg", b"<?xml"), (".png", b"\x89PNG")])
def test_the_graph_is_saved_as_a_picture(pane, monkeypatch, tmp_path, ending, beginning):
    saved_as(monkeypatch, tmp_path / "graph")
    pane.exports.save_picture(ending, pane)
    data = (tmp_path / f"graph{ending}").read_bytes()
    assert data.startswith(beginning)
    if ending == ".svg":
        assert b"trainparams_default" in data
    else:
        assert QImage.fromData(data).width() >= 2 * round(pane.view.extent.width()) - 2


def test_a_picture_is_on_light_ground_and_holds_nothing_of_what_is_looked_at_now(pane, tmp_path):
    view = pane.view

    def pictures():
        assert save_svg(view, str(tmp_path / "graph.svg"))
        return picture(view), (tmp_path / "graph.svg").read_text()

    view.set_current("")
    image, drawing = pictures()
    assert image.pixelColor(0, 0) == QColor(LIGHT.background)
    assert 'font-family="Inter, Arial, sans-serif"' in drawing
    assert 'font-family="Inter"' not in drawing
    for selected in (TRAIN, DATA):
        view.set_current(selected)
        view.search("train")
        view.set_lit(selected)
        assert pictures() == (image, drawing)
    assert theme().tokens is DARK
    assert view.nodes[DATA].selected


def test_a_picture_that_cannot_be_written_is_told(pane, session, monkeypatch, tmp_path):
    said = []
    session.message.connect(lambda message: said.append(message.text))
    saved_as(monkeypatch, tmp_path / "no" / "graph")
    pane.exports.save_picture(".png", pane)
    pane.exports.save_picture(".svg", pane)
    assert len(said) == 2
    assert all("cannot be written" in text for text in said)


def test_the_graph_is_asked_for_as_text(pane, session, monkeypatch, tmp_path):
    orders = []
    answers = {"dot": Exported("digraph {}", "", ""), "mermaid": ErrorInfo("too odd")}

    def ask(request, then=None, failed=None, timeout=0):
        assert isinstance(request, DrawGraph)
        orders.append(request.order)
        answer = answers[request.to]
        then(answer) if isinstance(answer, Exported) else failed(answer)

    monkeypatch.setattr(session.engine, "ask", ask)
    said = []
    session.message.connect(lambda message: said.append(message.text))
    saved_as(monkeypatch, tmp_path / "graph.dot")
    pane.exports.save_text("dot", pane)
    assert Path(tmp_path / "graph.dot").read_text() == "digraph {}\n"
    pane.exports.copy_text("dot")
    assert QGuiApplication.clipboard().text() == "digraph {}"
    pane.exports.copy_text("mermaid")
    assert said == ["The graph cannot be drawn: too odd"]
    pane.merge.opened = True
    pane.exports.copy_text("dot")
    assert orders == [False, False, False, True]


def test_the_menu_of_a_node_opens_folds_and_copies(pane, session):
    opened = []
    session.source_requested.connect(lambda file, line: opened.append((file, line)))
    actions = {action.text().split("\t")[0]: action for action in pane.menu_for(TRAIN).actions()}
    actions["Open source"].trigger()
    assert opened == [(f"/project/configs/{TRAIN}.yaml", 0)]
    actions["Copy name"].trigger()
    assert QGuiApplication.clipboard().text() == TRAIN
    actions["Fold"].trigger()
    assert pane.view.folded == {TRAIN}
    assert "Unfold" in [action.text().split("\t")[0] for action in pane.menu_for(TRAIN).actions()]
    assert "Open source" not in [action.text().split("\t")[0] for action in pane.menu_for("").actions()]
