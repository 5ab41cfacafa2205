"""Where there is little room, things are said in fewer words, or left out whole: nothing that is cut can be read."""

from itertools import pairwise

import pytest
from PySide6.QtWidgets import QMenu, QWidget

from niceml_gui.widgets.basics import ElidedButton
from niceml_gui.workspaces.runs.charts.controls import ROOM_TO_SLIDE, ROOM_TO_SMOOTH, Controls
from niceml_gui.workspaces.runs.charts.menu import AllMenu
from niceml_gui.workspaces.runs.log_delegate import layout_of


@pytest.mark.parametrize("width", [ROOM_TO_SLIDE, ROOM_TO_SLIDE - 1, ROOM_TO_SMOOTH, ROOM_TO_SMOOTH - 1])
def test_the_slider_of_the_smoothing_is_named_or_not_there(qtbot, width):
    pane = QWidget()
    qtbot.addWidget(pane)
    controls = Controls(pane)
    pane.show()
    controls.resize(width, 40)
    parts = controls.smooth_label, controls.smooth, controls.axis, controls.log, controls.follow, controls.more

    def apart():
        shown = [part for part in parts if part.isVisible()]
        wide = all(part.width() >= part.minimumSizeHint().width() for part in shown)
        beside = all(left.geometry().right() < right.x() for left, right in pairwise(shown))
        return wide and beside and controls.more.geometry().right() < width

    qtbot.waitUntil(apart)
    assert controls.smooth_label.isVisible() == controls.smooth.isVisible() == (width >= ROOM_TO_SMOOTH)
    assert controls.minimumSizeHint().width() < ROOM_TO_SMOOTH


def test_the_menu_of_all_charts_has_the_smoothing_too(charts, settled):
    (menu,) = [one for one in AllMenu(charts).findChildren(QMenu) if one.title() == "Smoothing"]
    {action.text(): action for action in menu.actions()}["0.97"].trigger()
    settled()
    assert charts.controls.settings.smoothing == 0.97
    assert charts.controls.smooth.value() == 97


@pytest.mark.parametrize(("width", "clock"), [(900, 8), (430, 5), (300, 0)])
def test_a_narrow_log_has_shorter_times(qapp, width, clock):
    layout = layout_of(width, timed=True)
    assert layout.clock == clock
    assert layout.time == 0 or layout.time > clock * layout.letter
    assert layout_of(width, timed=False).time == 0


def test_a_note_beside_the_title_of_a_chart_is_said_in_fewer_words_or_not_at_all(charts, settled):
    charts.controls.change(smooth_epochs=False)
    note = charts.charts["loss"].note
    note.set_texts(("averages only", "averages", ""), "averages only")
    for room, said in ((200, "averages only"), (60, "averages"), (20, "")):
        note.resize(room, note.height())
        assert note.text() == said
    assert note.toolTip() == "averages only"


def test_a_button_says_less_where_there_is_no_room(qtbot):
    button = ElidedButton("1 at a time · worker warming up")
    qtbot.addWidget(button)
    button.resize(130, 28)
    cut = button.grab().toImage()
    button.set_shorter("1 at a time")
    shorter = button.grab().toImage()
    assert shorter != cut
    button.setText("1 at a time and more")
    assert button.grab().toImage() == shorter


def test_of_which_run_the_other_panes_are_is_whole_or_left_out(workspace, tell, streams):
    tell(*(streams.state(name, "succeeded", name=f"CLB-2026-id_{name}", age=age) for age, name in enumerate("abc")))
    workspace.comparison.toggle(["a", "b"])
    bar = workspace.head.compared
    bar.show_run(streams.state("c", "succeeded", name="CLB-2026-id_c"))
    for room in range(900, 0, -20):
        bar.one.resize(room, bar.one.height())
        assert not bar.one.text().endswith("…")
    assert bar.one.text() == ""
    assert "everything else is of" in bar.one.toolTip()
