import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFontMetrics

from niceml_engine.values import Composed, Edge, Node, Selection
from niceml_gui.theme import theme
from niceml_gui.workspaces.compose.graph import layout
from niceml_gui.workspaces.compose.graph.arrows import fitted
from niceml_gui.workspaces.compose.graph.items import NODE_HEIGHT
from niceml_gui.workspaces.compose.graph.layout import place
from niceml_gui.workspaces.compose.graph.looks import caption
from niceml_gui.workspaces.compose.graph.view import GraphView
from niceml_gui.workspaces.compose.paint import small

JOB = "jobs/job_train/job_train_cls/job_train_cls_binary"
DATA = "shared/datasets/dataset_cls_test"


def boxes(placed):
    return [
        (x, y - NODE_HEIGHT / 2, x + placed.widths[node], y + NODE_HEIGHT / 2) for node, (x, y) in placed.nodes.items()
    ]


def overlaps(placed):
    found = boxes(placed)
    return [
        (one, other)
        for index, one in enumerate(found)
        for other in found[index + 1 :]
        if one[0] < other[2] and other[0] < one[2] and one[1] < other[3] - 1e-6 and other[1] < one[3] - 1e-6
    ]


def test_a_random_graph_of_300_nodes_has_no_overlaps():
    choice = random.Random(7)
    names = [f"n{number}" for number in range(300)]
    arrows = [(names[choice.randrange(number)], names[number]) for number in range(1, 300) for _ in range(2)]
    placed = place(names, arrows, dict.fromkeys(names, 120.0), {})
    assert len(placed.nodes) == 300
    assert overlaps(placed) == []
    for (source, target), points in placed.arrows.items():
        assert placed.nodes[source][0] < placed.nodes[target][0]
        assert points[0][0] < points[-1][0]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=25))
def test_any_graph_can_be_drawn_cycles_included(pairs):
    names = [str(number) for number in range(10)]
    arrows = [(str(one), str(other)) for one, other in pairs]
    placed = place(names, arrows, dict.fromkeys(names, 50.0), {})
    assert overlaps(placed) == []
    assert set(placed.arrows) == set(arrows)


@pytest.fixture
def view(qtbot, composed):
    view = GraphView()
    qtbot.addWidget(view)
    view.resize(930, 430)
    view.show_composed(composed)
    return view


def test_one_node_per_file_and_one_arrow_per_pair(view, composed):
    assert len(view.nodes) == len(composed.nodes) == 16
    assert len(view.arrows) == 16
    assert sum(len(arrow.edges) for arrow in view.arrows.values()) == 20
    labels = {ends: arrow.label for ends, arrow in view.arrows.items()}
    assert labels["ops/train/op_train_cls_binary", DATA] == "×2"
    assert labels["ops/prediction/op_prediction_cls", DATA] == "×3"
    assert labels[JOB, "ops/train/op_train_cls_binary"] == "ops.train.config"
    assert labels["ops/train/op_train_base", "ops/train/callbacks/callbacks_base"] == "ops.train.config.callbacks"
    assert view.arrows["ops/prediction/op_prediction_cls", DATA].packages == [
        f"ops.prediction.config.datasets.{name}" for name in ("validation", "test", "train_eval")
    ]


def test_optional_and_override_are_said_in_words():
    assert caption([Edge("a", "b", "x.y", optional=True)]) == "x.y · optional"
    assert caption([Edge("a", "b", "x.y", override=True)]) == "x.y · override"
    assert caption([Edge("a", "b", "")]) == "_global_"
    assert caption([Edge("a", "debug/default", "", override=True)]) == "debug at _global_ · override"


def test_a_long_package_keeps_its_end(qapp):
    metrics = QFontMetrics(small())
    package = "ops.prediction.config.prediction_handler"
    assert fitted(package, metrics, 1000) == package
    assert fitted(package, metrics, metrics.horizontalAdvance("…config.prediction_handler")) == (
        "…config.prediction_handler"
    )
    assert fitted(package, metrics, 60).startswith("…pred")


@pytest.mark.parametrize(("width", "height", "zoom"), [(918, 438, 1.0), (630, 314, 0.8)])
def test_the_sample_job_is_readable_and_nothing_overlaps(view, width, height, zoom):
    view.resize(width, height)
    view.fit()
    assert view.transform().m11() >= zoom
    boxes = [item.box.translated(item.pos()) for item in view.nodes.values()]
    boxes += [arrow.label_box for arrow in view.arrows.values()]
    assert [(one, two) for at, one in enumerate(boxes) for two in boxes[at + 1 :] if one.intersects(two)] == []
    shown = view.mapToScene(view.viewport().rect()).boundingRect()
    assert shown.contains(view.nodes[JOB].sceneBoundingRect())


def test_a_graph_too_large_is_panned_instead_of_shrunk(view, composed):
    nodes = [Node(f"n{number}", "") for number in range(60)]
    edges = [Edge(f"n{number // 7}", f"n{number}", "a.b") for number in range(1, 60)]
    view.resize(600, 300)
    view.show_composed(Composed(Selection(""), nodes=tuple(nodes), edges=tuple(edges)))
    assert view.transform().m11() == pytest.approx(0.8)
    shown = view.mapToScene(view.viewport().rect()).boundingRect()
    assert shown.contains(view.nodes["n0"].sceneBoundingRect())
    assert shown.top() == pytest.approx(view.extent.top(), abs=2)
    first = min(view.arrows.values(), key=lambda arrow: arrow.label_box.top())
    assert shown.top() < first.label_box.top()
    view.set_current("n59")
    shown = view.mapToScene(view.viewport().rect()).boundingRect()
    assert shown.contains(view.nodes["n59"].sceneBoundingRect())


def test_the_job_stands_beside_the_top_of_a_long_list_and_packages_have_their_room(view):
    nodes = [Node("job", ""), *(Node(f"g/n{number}", "") for number in range(61))]
    edges = [Edge("job", node.id, "server.store", override=True) for node in nodes[1:]]
    view.resize(600, 300)
    view.show_composed(Composed(Selection(""), nodes=tuple(nodes), edges=tuple(edges)))
    shown = view.mapToScene(view.viewport().rect()).boundingRect()
    assert shown.contains(view.nodes["job"].sceneBoundingRect())
    assert shown.contains(view.nodes["g/n0"].sceneBoundingRect())
    for (_, target), arrow in view.arrows.items():
        assert fitted(arrow.label, QFontMetrics(small()), arrow.label_box.width()) == "server.store · override"
        assert arrow.boundingRect().contains(view.nodes["job"].pos() + QPointF(view.nodes["job"].width, 0)), target


def test_a_selected_node_lights_up_its_way_from_the_job(view):
    view.set_current("ops/train/train_params/trainparams_default")
    lit = [ends for ends, arrow in view.arrows.items() if arrow.on_path]
    assert lit == [
        (JOB, "ops/train/op_train_cls_binary"),
        ("ops/train/op_train_cls_binary", "ops/train/op_train_base"),
        ("ops/train/op_train_base", "ops/train/train_params/trainparams_default"),
    ]
    assert [name for name, item in view.nodes.items() if item.selected] == [
        "ops/train/train_params/trainparams_default"
    ]


def test_the_selected_nodes_border_is_painted_in_the_accent(view, qtbot):
    view.set_current(JOB)
    view.show()
    qtbot.waitExposed(view)
    view.resetTransform()
    view.scale(2, 2)
    item = view.nodes[JOB]
    view.centerOn(item)
    top = view.mapFromScene(item.pos().x() + item.width / 2, item.pos().y() - NODE_HEIGHT / 2)
    picture = view.viewport().grab().toImage()
    near = [picture.pixelColor(top.x(), top.y() + shift) for shift in range(-2, 5)]
    accent = theme().tokens.accent
    wanted = tuple(int(accent[index : index + 2], 16) for index in (1, 3, 5))
    distance = min(sum(abs(a - b) for a, b in zip(colour.getRgb()[:3], wanted, strict=True)) for colour in near)
    assert distance < 60


def test_the_keyboard_walks_the_graph(view, qtbot):
    picked = []
    view.node_picked.connect(lambda node: (picked.append(node), view.set_current(node)))
    view.set_current(JOB)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left):
        qtbot.keyClick(view, key)
    assert picked[0] in [target for source, target in view.arrows if source == JOB]
    assert picked[0] != picked[1]
    assert picked[2] == JOB


def test_a_missing_file_is_said(qtbot):
    view = GraphView()
    qtbot.addWidget(view)
    nodes = (Node("job", "/job.yaml"), Node("a/b", "", missing=True))
    view.show_composed(Composed(Selection("/job.yaml"), nodes=nodes, edges=(Edge("job", "a/b", "a"),)))
    assert view.nodes["a/b"].node.missing
    assert view.arrows["job", "a/b"].label == "a"


def test_zoom_survives_a_new_graph_until_it_is_fitted(view, composed, qtbot):
    view.zoom(2.0)
    zoomed = view.transform().m11()
    view.show_composed(Composed(composed.selection, nodes=composed.nodes[:3], edges=composed.edges[:2]))
    assert view.transform().m11() == zoomed
    qtbot.keyClick(view, Qt.Key.Key_F)
    assert view.transform().m11() <= 1.0


def test_a_large_graph_is_laid_out_before_somebody_unfolds_it(view, qtbot):
    names = [f"n{number}" for number in range(120)]
    edges = tuple(Edge(names[max(0, number // 3)], names[number], "") for number in range(1, 120))
    view.show_composed(
        Composed(Selection("n0"), nodes=tuple(Node(name, f"/{name}.yaml") for name in names), edges=edges)
    )
    assert len(view.nodes) < len(names)
    qtbot.waitUntil(lambda: not view._ahead.isActive())
    laid_out = layout._layered.cache_info().misses
    view.unfold_all()
    assert len(view.nodes) == len(names)
    assert layout._layered.cache_info().misses == laid_out


@pytest.mark.parametrize("tail", ["dataset_params", "a_very_long_end_that_all_of_these_files_have_in_common" * 2])
@pytest.mark.parametrize("turned", [False, True])
def test_names_that_differ_are_never_cut_to_the_same(view, tail, turned):
    parts = [f"coco_pose_estimation_{middle}" for middle in ("", "mosaic_", "mosaic_heavy_")]
    names = ["g/" + (tail + part if turned else part + tail) for part in parts]
    edges = tuple(Edge(one, other, "g") for one, other in pairwise(["job", *names]))
    nodes = (Node("job", ""), *(Node(name, "") for name in names))
    view.show_composed(Composed(Selection(""), nodes=nodes, edges=edges))
    written = {view.nodes[name]._name for name in names}
    assert len(written) == len(names)
    if len(tail) < 20 and not turned:
        assert written == {name.removeprefix("g/") for name in names}  # there is room


def tree_of(count, children=7):
    names = [f"n{number}" for number in range(count)]
    return names, [(names[(number - 1) // children], names[number]) for number in range(1, count)]


@pytest.mark.parametrize(("count", "children"), [(300, 7), (62, 61), (300, 20), (120, 3)])
def test_long_layers_are_wrapped_so_that_the_graph_keeps_the_shape_of_a_page(count, children):
    names, arrows = tree_of(count, children)
    placed = place(names, arrows, dict.fromkeys(names, 120.0), {})
    assert overlaps(placed) == []
    left, top, right, bottom = placed.extent
    assert bottom - top < max(1.8 * (right - left), 21 * 50)
    depths = dict(zip(names, [0] * count, strict=True))
    for source, target in arrows:
        depths[target] = depths[source] + 1
    for one, other in pairwise(sorted({(depths[node], x) for node, (x, _) in placed.nodes.items()})):
        assert one[1] < other[1]  # what lies deeper stands further to the right


def test_in_a_wrapped_graph_no_arrow_passes_a_box_or_what_stands_above_one():
    names, arrows = tree_of(300)
    placed = place(names, arrows, dict.fromkeys(names, 120.0), {}).stretched(10, 1.2)
    found = boxes(placed)
    for points in placed.arrows.values():
        for (x, y), (end, _) in zip(points[1:-1:2], points[2:-1:2], strict=True):
            struck = [box for box in found if box[0] < end and x < box[2] and box[1] - 17 < y < box[3]]
            assert struck == []
        for (x, _), (end, _) in zip(points[::2], points[1::2], strict=True):  # the curves are between the columns
            assert not any(box[0] < (x + end) / 2 < box[2] for box in found)


def test_a_file_stands_in_the_middle_of_what_it_includes():
    names, arrows = tree_of(300)
    placed = place(names, arrows, dict.fromkeys(names, 120.0), {})
    inside = 0
    for node in (one for one in names if any(source == one for source, _ in arrows)):
        heights = [placed.nodes[target][1] for source, target in arrows if source == node]
        inside += min(heights) - 50 <= placed.nodes[node][1] <= max(heights) + 50
    assert inside > 0.9 * len({source for source, _ in arrows})


def test_the_job_is_not_lifted_beyond_the_first_that_it_includes():
    names, arrows = tree_of(300)
    placed = place(names, arrows, dict.fromkeys(names, 120.0), {})
    first = min(placed.nodes[target][1] for source, target in arrows if source == "n0")
    assert placed.lifted("n0", 0.0).nodes["n0"][1] == first < placed.nodes["n0"][1]


def test_what_many_files_include_is_named_where_no_arrow_leads_to_it(view, qtbot):
    nodes = ("job", "g/all", *(f"g/n{number}" for number in range(20)))
    edges = [Edge("job", node, f"p{node[3:]}") for node in nodes[2:]]
    edges += [Edge(node, "g/all", f"p{node[3:]}.common", optional=node == "g/n3") for node in nodes[2:]]
    view.show_composed(Composed(Selection(""), nodes=tuple(Node(node, "") for node in nodes), edges=tuple(edges)))
    assert [ends for ends in view.arrows if ends[1] == "g/all"] == [("g/n0", "g/all")]
    assert view.arrows["g/n0", "g/all"].label == "p0.common · and 19 more"
    assert {item.look.reference for node, item in view.nodes.items() if node in nodes[3:]} == {"↗ all"}
    assert "includes g/all at p3.common · optional, as 19 others do" in view.nodes["g/n3"].toolTip()
    view.set_current("g/n3")
    assert list(view.called) == [("g/n3", "g/all")]
    assert view.called["g/n3", "g/all"].packages == ["p3.common · optional"]
    view.fit()
    view.set_current("g/all")
    assert view.called == {}
    assert [node for node, item in view.nodes.items() if item.names_it] == list(nodes[3:])
    view.set_current("g/n5")
    view.set_folded(frozenset({"g/n5"}))
    assert view.called == {}


def test_the_whole_graph_has_the_job_in_the_middle(view):
    names, arrows = tree_of(300)
    edges = tuple(Edge(*ends, "p") for ends in arrows)
    view.show_composed(Composed(Selection(""), nodes=tuple(Node(name, "") for name in names), edges=edges))
    view.unfold_all()
    lifted = view.nodes["n0"].pos().y()
    view.fit_all()
    assert view.nodes["n0"].pos().y() == pytest.approx(view.extent.center().y(), rel=0.2)
    view.fit()
    assert view.nodes["n0"].pos().y() == lifted


def test_ops_stand_in_their_order_whether_or_not_they_include_anything():
    ops = ["experiment", "train", "prediction", "analysis", "exptests"]
    arrows = [*(("job", op) for op in ops), ("train", "base"), ("train", "data"), ("prediction", "handler")]
    names = ["job", *ops, "base", "data", "handler"]
    placed = place(names, arrows, dict.fromkeys(names, 120.0), {})
    assert sorted(ops, key=lambda op: placed.nodes[op][1]) == ops
