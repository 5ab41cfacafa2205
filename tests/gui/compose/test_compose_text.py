import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetricsF, QGuiApplication

from niceml_engine.values import Composed, Fix, Head, Leaf, Origin, Place, Problem, Selection
from niceml_gui.theme import theme
from niceml_gui.theme.style import mono
from niceml_gui.workspaces.compose.banner import ErrorBanner
from niceml_gui.workspaces.compose.text.code_view import LINE_PX, CodeView
from niceml_gui.workspaces.compose.text.composed_pane import ComposedPane
from niceml_gui.workspaces.compose.yaml_spans import spans

EPOCHS = "ops.train.config.train_params.epochs"
PARAMS = "ops/train/train_params/trainparams_default"


def kinds(line):
    return [(line[start:end].strip(), kind) for start, end, kind in spans(line) if line[start:end].strip()]


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40) | st.text("a:#'\"${}[] -1.,", max_size=20))
def test_spans_cover_every_line(line):
    found = spans(line)
    assert "".join(line[start:end] for start, end, _ in found) == line


def test_spans_tell_keys_values_and_comments_apart():
    assert kinds("  epochs: 5  # enough") == [
        ("epochs", "key"),
        (":", "text"),
        ("5", "number"),
        ("# enough", "comment"),
    ]
    assert kinds("uri: ${oc.env:A,${b}}/x") == [
        ("uri", "key"),
        (":", "text"),
        ("${oc.env:A,${b}}", "interpolation"),
        ("/x", "string"),
    ]
    assert ("true", "number") in kinds("- a: true")
    assert kinds("name: 'a # b'")[-1] == ("'a # b'", "string")


@pytest.fixture
def pane(session, qtbot):
    pane = ComposedPane(session)
    qtbot.addWidget(pane)
    pane.resize(900, 400)
    pane.show()
    qtbot.waitExposed(pane)
    return pane


def click(qtbot, pane, line, x=None):
    pane.view.reveal(line)
    rect = pane.view.line_rect(line)
    left = pane.view.gutter_width + 60 if x is None else x
    qtbot.mouseClick(pane.view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(left, rect.center().y()))


def test_each_line_belongs_to_its_key(pane, session, qtbot):
    for line, text in enumerate(session.composed.yaml.splitlines()):
        click(qtbot, pane, line)
        name = session.focus.key.rsplit(".", 1)[-1]
        assert text.strip().startswith((f"{name}:", "- "))
    assert pane.lines_of("ops.train.config.model.filters") == range(
        pane.keys.index("ops.train.config.model.filters"), pane.keys.index("ops.train.config.model.filters") + 4
    )


def test_a_click_selects_the_key_and_the_file_that_set_it(pane, session, qtbot):
    click(qtbot, pane, pane.keys.index(EPOCHS))
    assert (session.focus.key, session.focus.node) == (EPOCHS, PARAMS)
    assert pane.view.focused == pane.lines_of(EPOCHS)


def test_the_gutter_and_f4_open_the_source(pane, session, qtbot):
    opened = []
    session.source_requested.connect(lambda file, line: opened.append((file.rsplit("/", 1)[-1], line)))
    click(qtbot, pane, pane.keys.index(EPOCHS), x=40)
    qtbot.keyClick(pane.view, Qt.Key.Key_F4)
    assert opened == [("trainparams_default.yaml", 2)] * 2


def test_the_line_of_a_mapping_names_who_made_it_last_and_how_many_others_do(pane, session, qtbot):
    key, opened = "ops.train.config.model", []
    session.source_requested.connect(lambda file, line: opened.append((file, line)))
    places = [Origin("job", "/p/job.yaml", 4), Origin("train", "/p/train.yaml", 7, "ops.train.config")]
    heads = (Head(key, tuple(places), 3), Head("ops", (Origin("override", "", 1),)))
    session.composed = msgspec.structs.replace(session.composed, heads=heads)
    session.composed_changed.emit()
    line = pane.keys.index(key)
    assert (pane.view._gutter[line], pane.view._gutter[pane.keys.index("ops")]) == ("train:7 +4", "override")
    tip = "a mapping, from train:7 at ops.train.config\nand job:4\nand 3 more"
    assert pane._tip(line) == f"{key}\n{tip}"
    click(qtbot, pane, line)
    assert (session.focus.key, session.focus.node) == (key, "train")
    qtbot.keyClick(pane.view, Qt.Key.Key_F4)
    menu = pane.menu_for(key)
    next(action for action in menu.actions() if action.text() == "Open source\tF4").trigger()
    menu.close()
    assert opened == [("/p/train.yaml", 7)] * 2
    pane._open(pane.keys.index("ops"))  # which is in no file
    assert len(opened) == 2


def test_an_item_of_a_list_stands_where_its_own_line_is(pane, session, qtbot):
    key, opened = "ops.train.config.model.filters", []
    session.source_requested.connect(lambda file, line: opened.append(line))
    leaf = pane.leaf(key)
    inside = tuple(Place(f"[{number}]", line) for number, line in enumerate((31, 32, 34)))
    origin = msgspec.structs.replace(leaf.origin, inside=inside)
    leaves = [msgspec.structs.replace(one, origin=origin) if one.key == key else one for one in session.composed.leaves]
    session.composed = msgspec.structs.replace(session.composed, leaves=tuple(leaves))
    session.composed_changed.emit()
    start = pane.keys.index(key)
    name = pane.view._gutter[start].partition(":")[0]
    assert [*pane.view._gutter[start + 1 : start + 4]] == [f"{name}:31", f"{name}:32", f"{name}:34"]
    click(qtbot, pane, start + 2, x=40)
    assert opened == [32]


def test_every_line_of_a_value_names_its_file_and_line(pane, session):
    flow = ("data.yaml", 3, ["a", ["b", "c"]])
    given = {"data.flow": flow, "data.text": ("data.yaml", 4, "x\ny\n"), "data.many": ("job.yaml", 9, [0] * 200)}
    leaves = tuple(
        Leaf(key, value, Origin(file.removesuffix(".yaml"), f"/p/{file}", line), (), value)
        for key, (file, line, value) in given.items()
    )
    text = "data:\n  flow:\n  - a\n  - - b\n    - c\n  text: |\n    x\n    y\n  many:\n" + "  - 0\n" * 200
    keys = ("data", "data.flow", "", "", "", "data.text", "", "", "data.many", *[""] * 200)
    session.composed = msgspec.structs.replace(
        session.composed, yaml=text, resolved_yaml=text, lines=keys, resolved_lines=keys, leaves=leaves
    )
    session.composed_changed.emit()
    assert list(pane.view._gutter) == ["", *["data:3"] * 4, *["data:4"] * 3, *["job:9"] * 201]


def test_a_selected_file_marks_what_it_set(pane, session):
    session.set_focus(node="shared/datasets/dataset_cls_test")
    assert {pane.keys[line].rsplit(".", 1)[-1] for line in pane.view.marked} == {"batch_size", "subset"}


def test_the_focused_line_is_painted(pane, session):
    session.set_focus(key=EPOCHS)
    rect = pane.view.line_rect(pane.view.focused[0])
    picture = pane.view.viewport().grab().toImage()
    assert picture.pixelColor(rect.right() - 4, rect.center().y()).name() == theme().tokens.selection


def test_copying(pane, session, qtbot):
    click(qtbot, pane, pane.keys.index(EPOCHS))
    qtbot.keyClick(pane.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().strip() == "epochs: 10"
    actions = {action.text(): action for action in pane.menu_for("ops.train.config.model.filters").actions()}
    actions["Copy as override"].trigger()
    assert QGuiApplication.clipboard().text() == "ops.train.config.model.filters=[16,32,64]"
    actions["Copy key"].trigger()
    assert QGuiApplication.clipboard().text() == "ops.train.config.model.filters"


def test_resolved_values_are_shown_on_demand(pane):
    assert "${oc.env:DATA_URI,./data}/numbers" in "\n".join(pane.view._lines)
    pane.set_resolved(True)
    assert "uri: ./data/numbers_cropped_split" in "\n".join(line.strip() for line in pane.view._lines)


def test_the_last_good_text_stays_after_an_error(pane, session):
    before = list(pane.view._lines)
    error = Problem("error", "missing-option", "there is no such option", "/project/configs/a.yaml", 3, "ops/train")
    session.show(msgspec.structs.replace(Composed(session.selection), error=error))
    assert list(pane.view._lines) == before
    assert pane.view.dimmed
    assert pane.banner.isVisible()
    assert pane.banner.text.full_text() == "ops/train: there is no such option"
    assert pane.banner.place.text() == "a.yaml:3"
    session.show(Composed(Selection("/project/configs/other.yaml"), error=error))
    assert "Mend" in pane.hint.text.text()


def test_an_error_is_shown_whole_and_its_places_lead_to_their_lines(session, qtbot):
    banner = ErrorBanner(session)
    qtbot.addWidget(banner)
    opened = []
    banner.source_wanted.connect(lambda file, line: opened.append((file, line)))
    long = "`<b>` exists only in Python, at conf/app.py:33; trust the project, so that its own interpreter composes it"
    banner.show_problem(Problem("error", "only-in-python", long))
    banner.resize(900, 40)
    banner.show()
    text = banner.text
    assert (text.full_text(), text.accessibleName(), text.places) == (long, long, ["conf/app.py:33"])
    assert "&lt;b&gt;" in text.text()
    qtbot.waitUntil(lambda: banner.copy_button.x() > text.geometry().right())
    wide = banner.heightForWidth(900)
    banner.resize(320, 40)
    qtbot.waitUntil(lambda: banner.copy_button.y() > text.y())
    assert banner.heightForWidth(320) > 2 * wide  # all of the text, and the buttons below it
    text.setFocus()
    qtbot.keyClick(text, Qt.Key.Key_Tab)
    qtbot.keyClick(text, Qt.Key.Key_Return)
    assert opened == [(f"{session.project.root}/conf/app.py", 33)]
    banner.show_problem(Problem("error", "x", "word " * 1000))
    assert len(text.text()) < 1000
    assert len(text.toolTip()) > 4000


def test_an_error_is_mended_where_it_is_shown(pane, session):
    button, refused = pane.banner.mend_button, Composed(session.selection)
    error = Problem("error", "missing-option", "there is no such option")
    session.show(msgspec.structs.replace(refused, error=error))
    assert button.isHidden()
    session.checks = (msgspec.structs.replace(error, fixes=(Fix("choose a", adds=("db=a",)),)),)
    session.problems_changed.emit()
    assert (button.isVisible(), button.text(), button.toolTip()) == (True, "Fix", "Choose a")
    button.click()
    assert session.selection.overrides[-1] == "db=a"
    session.checks = ()
    asked = []
    session.trust.ask = asked.append
    session.show(msgspec.structs.replace(refused, error=Problem("error", "only-in-python", "exists only in Python")))
    assert button.text() == "Trust…"
    button.click()
    assert asked == [session.selection]


def test_searching_walks_the_matches(pane, session, qtbot):
    qtbot.keyClicks(pane.find_bar.edit, "BATCH")
    assert pane.find_bar.count.text().endswith("3 found") or pane.find_bar.count.text() == "1 of 3"
    seen = set()
    for _ in range(3):
        qtbot.keyClick(pane.find_bar.edit, Qt.Key.Key_Return)
        seen.add(session.focus.key)
    assert len(seen) == 3
    assert all(key.endswith("batch_size") for key in seen)


def test_only_visible_lines_are_painted(qtbot, monkeypatch):
    view = CodeView()
    qtbot.addWidget(view)
    view.resize(600, 10 * LINE_PX)
    view.show_lines([f"key{number}: {number}" for number in range(5000)], [str(number) for number in range(5000)])
    painted = []
    paint_line = CodeView._paint_line
    monkeypatch.setattr(
        CodeView, "_paint_line", lambda self, painter, line: (painted.append(line), paint_line(self, painter, line))
    )
    view.go_to(4000)
    view.viewport().grab()
    assert 4000 in painted
    assert len(set(painted)) <= 12


def test_wide_letters_do_not_cover_what_stands_behind_them(qtbot):
    view = CodeView()
    qtbot.addWidget(view)
    text = "模型: wide"
    assert view._across("plain", 3) == 3 * view._advance
    assert view._across(text, 2) == QFontMetricsF(mono()).horizontalAdvance("模型")
    assert view._across(text, 3) > view._across(text, 2)
