"""What the charts show of several runs."""

from dataclasses import replace

import msgspec
import pytest
from PySide6.QtGui import QTextDocument

from niceml_engine.columns import gather
from niceml_engine.events import metrics
from niceml_gui.theme import theme
from niceml_gui.workspaces.runs.charts.pane import ChartsPane
from niceml_gui.workspaces.runs.charts.styles import Shown, hue_color, hues
from niceml_gui.workspaces.runs.record import RunRecord
from tests.gui.pointer import shown_at


@pytest.fixture
def three(qtbot, session, streams):
    """Shows three runs over each other, the first two of one group if asked for."""
    pane = ChartsPane()
    qtbot.addWidget(pane, before_close_func=ChartsPane.close_plots)
    pane.resize(900, 600)
    pane.show()

    def show(group="", first=20):
        shown = []
        for number in range(3):
            record = RunRecord(f"r{number}")
            values = [{"loss": number + 1.0, "val_loss": 4.0} for _ in range(20 if number else first)]
            record.feed(gather(streams.numbered([metrics("batch", n, 1, v) for n, v in enumerate(values, 1)])))
            shown.append(Shown(record.run, record, f"run {number}", number, group if number < 2 else "", 5))
        pane.show_runs(shown, "")
        qtbot.waitUntil(lambda: bool(pane.charts) and not pane._timer.isActive())
        return pane.charts["loss"]

    return show


def test_runs_lie_over_each_other_in_their_colours(three):
    chart = three()
    front = [stroke for stroke in chart.canvas.picture.strokes if not stroke.faint]
    colors = [hue_color(hue, theme().tokens) for hue in range(3)]
    assert [(stroke.color, stroke.dashed) for stroke in front] == [(c, d) for c in colors for d in (False, True)]
    assert "3 runs" in chart.last.text()
    assert chart.key.isVisible()
    assert chart.key.accessibleDescription() == "train solid, val dashed"
    said = shown_at(chart, 10)
    names = ("run 2", "run 1", "run 0")
    assert sorted(names, key=said.index) == ["run 2", "run 1", "run 0"]


def test_the_runs_of_a_read_out_are_named_where_a_person_points_and_short(three, streams):
    chart = three()
    rows = [metrics("batch", n, 1, {"loss": 1.0}) for n in range(1, 21)]
    rows += [metrics("epoch", 20, 1, {"val_loss": 2.0})]
    shown = []
    for number, rate in enumerate((0.001, 0.03)):
        record = RunRecord(f"r{number}")
        record.feed(gather(streams.numbered(rows)))
        shown.append(Shown(record.run, record, f"learning_rate={rate} batch_size=16", number))
    chart.draw(shown, chart.view)

    def said(**how):
        chart.point_at(10.0, **how)
        text = QTextDocument()
        text.setHtml(chart.read_out)
        return text.toPlainText().replace("\N{BLACK CIRCLE}", "").splitlines()

    assert said() == ["step 10 · val at step 20", *[" 1.000 val 2.000"] * 2]
    _, first, second = said(leads=True)
    assert "=0.001" in first
    assert "=0.03" in second
    assert max(map(len, (first, second))) < 45


def test_a_group_is_a_mean_in_a_band_before_runs_in_their_own_colours(three):
    picture = three("batch_size 16").canvas.picture
    band = picture.bands[0]
    assert (band.low[5], band.high[5]) == (1, 2)
    colors = {round(float(stroke.y[5]), 6): (stroke.color, stroke.faint) for stroke in picture.strokes}
    assert colors[1.5] == (hue_color(5, theme().tokens), False)
    assert [colors[loss] for loss in (1, 2)] == [(hue_color(hue, theme().tokens), True) for hue in (0, 1)]


def test_where_a_run_of_a_group_ends_its_mean_is_interrupted_and_faint(three):
    chart = three("batch_size 16", first=10)
    picture = chart.canvas.picture
    color = hue_color(5, theme().tokens)
    whole, fewer = [stroke for stroke in picture.strokes if stroke.color == color and not stroke.dashed]
    assert (whole.faint, fewer.faint) == (False, True)
    assert (whole.y.mean(), fewer.y.mean()) == (pytest.approx(1.5), pytest.approx(2.0))
    assert whole.x[-1] <= 10 < fewer.x[0]
    assert "faint: mean of fewer runs" in picture.note
    chart.point_at(15.0, leads=True)
    said = QTextDocument()
    said.setHtml(chart.read_out)
    assert said.toPlainText().splitlines()[1] == "— 2.000 val 4.000 smoothed mean (1 of 2) of batch_size 16"
    chart.point_at(5.0, leads=True)
    said.setHtml(chart.read_out)
    assert said.toPlainText().splitlines()[1] == "— 1.500 val 4.000 smoothed mean of batch_size 16"


@pytest.mark.parametrize(("axis", "mean"), [({}, "1.500"), ({"log_y": True}, "1.414")])
def test_the_mean_of_a_group_is_read_out_as_it_is_drawn_before_its_runs(three, axis, mean):
    chart = three("batch_size 16")
    chart.view = replace(chart.view, settings=msgspec.structs.replace(chart.view.settings, smoothing=0.0, **axis))
    chart.point_at(10.0, leads=True)
    said = QTextDocument()
    said.setHtml(chart.read_out)
    _, first, *runs = said.toPlainText().splitlines()
    assert first == f"— {mean} val 4.000 mean of batch_size 16"
    assert [line.split()[1] for line in runs] == ["3.000", "2.000", "1.000"]
    line = chart.read_out.split("<br>")[1]
    assert line.startswith(f'<span style="color:{hue_color(5, theme().tokens)}">')


def test_colours_of_runs_are_kept_while_others_come_and_go():
    first = hues(["a", "b", "c"], {})
    assert first == {"a": 0, "b": 1, "c": 2}
    second = hues(["c", "d", "a"], first)
    assert second == {"c": 2, "d": 3, "a": 0}  # 1 stays that of b
