"""Comparing runs: ticks, curves over each other, legend, groups, differences, the table and its pictures."""

import csv
import io
from datetime import datetime

import msgspec
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from niceml_engine.leaves import Leaves
from niceml_engine.protocol.comparing import ReadLeaves
from niceml_engine.protocol.runs import RunRemoved, TagRun, UnwatchRun, WatchRun
from niceml_gui import words
from niceml_gui.theme import style, theme
from niceml_gui.workspaces.runs.comparison.colors import Colors
from niceml_gui.workspaces.runs.comparison.differences import differing
from niceml_gui.workspaces.runs.comparison.grid import Choice, grid_of, shown, titles, usual_columns
from niceml_gui.workspaces.runs.comparison.pane import PARALLEL, SCATTER
from niceml_gui.workspaces.runs.comparison.scale import scale_of
from niceml_gui.workspaces.runs.listing.model import ROW, TICKED
from niceml_gui.workspaces.runs.listing.rows import Sweep

RATES = {"a": 0.1, "b": 0.01, "c": 0.001}
EPOCHS = {"a": 3, "b": 3, "c": 5}
LOSS = {"a": 0.5, "b": 0.25, "c": 0.125}


@pytest.fixture
def answer(engine):
    """Answers requests for configs, as the service does."""
    table = Leaves("s")
    for run, rate in RATES.items():
        table.add(run, {"train.rate": rate, "train.optimizer.rate": rate, "train.epochs": EPOCHS[run], "same": True})
    ask = engine.ask

    def answered(request, then=None, failed=None, timeout=30.0):
        if isinstance(request, ReadLeaves):
            engine.asked.append(request)
            then(table.part(request.stamp, request.keys, request.values, request.rows))
            return 0
        return ask(request, then, failed, timeout)

    engine.ask = answered
    return table


@pytest.fixture
def three(workspace, tell, feed, streams, answer, qtbot):
    """Three runs that have ended, whose curves come when they are asked for."""
    for age, run in enumerate(RATES):
        metrics = {"val_loss": LOSS[run], "test.f1": 1 - LOSS[run]}
        tell(streams.state(run, "succeeded", age=100 - age, metrics=metrics, lows={"val_loss": LOSS[run] / 2}))

    def compare(*runs):
        workspace.comparison.set(runs)
        for run in runs:
            feed(run, streams.finished())
        qtbot.waitUntil(lambda: not workspace.feeder.busy and len(workspace.charts.shown) == max(len(runs), 1))
        qtbot.waitUntil(lambda: not runs or "loss" in workspace.charts.charts)
        return workspace

    return compare


def shown_runs(workspace):
    return [one.run for one in workspace.charts.shown]


def legend(workspace):
    return [(line.text, line.hidden, line.solo) for line in workspace.side.legend.lines.lines]


# ---------------------------------------------------------------------------------------------- which, in what colour


def test_ticked_runs_are_drawn_over_each_other_in_the_order_of_their_making(three):
    workspace = three("c", "a")
    assert shown_runs(workspace) == ["a", "c"]
    assert len({one.hue for one in workspace.charts.shown}) == 2
    assert workspace.in_front(workspace.side)
    assert not workspace.strip.isVisible()
    workspace.comparison.clear()
    assert workspace.in_front(workspace.analysis)
    assert workspace.strip.isVisible()
    assert [one.hue for one in workspace.charts.shown] == [-1]


def test_a_run_is_ticked_by_mouse_and_by_the_space_bar(three, qtbot):
    workspace = three()
    view, model = workspace.runs.view, workspace.runs.model

    def click(row, keys=Qt.KeyboardModifier.NoModifier):
        area = view.visualRect(model.index(row))
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, keys, area.topLeft() + QPoint(15, 16))

    current = workspace.runs._session.runs.current
    click(0)
    assert workspace.comparison.chosen.runs == ("c",)
    assert model.index(0).data(TICKED).whole
    assert model.index(0).data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
    click(2, Qt.KeyboardModifier.ShiftModifier)
    assert workspace.comparison.chosen.runs == ("a", "b", "c")
    assert workspace.runs._session.runs.current == current  # ticking selects nothing
    view.setCurrentIndex(model.index(1))
    QTest.keyClick(view, Qt.Key.Key_Space)
    assert workspace.comparison.chosen.runs == ("a", "c")


def test_a_sweep_is_ticked_as_a_whole_and_shown_as_a_table(workspace, tell, streams, answer):
    for age, run in enumerate(RATES):
        tell(streams.state(run, "succeeded", age=age, group="rate x2y3", overrides=(f"train.rate={RATES[run]}",)))
    row = workspace.runs.model.index(0).data(ROW)
    assert isinstance(row, Sweep)
    actions = {action.text(): action for action in workspace.runs.menu_of(row).actions()}
    workspace.table.show_view(SCATTER)  # as somebody had it the last time
    actions["Show as table"].trigger()
    assert workspace.table.pages.currentWidget() is workspace.table.table
    assert workspace.comparison.chosen.runs == ("a", "b", "c")
    assert workspace.in_front(workspace.table)
    assert workspace.runs.model.index(0).data(TICKED).whole
    assert workspace.table.grid.column("name") == ["rate=0.1", "rate=0.01", "rate=0.001"]
    workspace.comparison.toggle(["b"])
    assert not workspace.runs.model.index(0).data(TICKED).whole
    assert workspace.runs.model.index(0).data(TICKED).color


def test_a_run_keeps_its_colour_for_ever(three, tmp_path):
    workspace = three("b", "c")
    first = {one.run: one.hue for one in workspace.charts.shown}
    workspace.comparison.set(("a", "c"))
    assert workspace.comparison.hues(["c"]) == {"c": first["c"]}
    colors = Colors("some project")
    given = colors.of(["x", "y"])
    assert Colors("some project").of(["y", "z"])["y"] == given["y"]
    assert Colors("another project").of(["y"]) == {"y": 0}
    many = Colors("some project").of([f"r{number}" for number in range(12)])
    assert sorted(many.values()) == list(range(12))


def test_a_run_that_is_deleted_is_compared_no_more(three, engine):
    workspace = three("a", "b")
    engine.notified.emit(RunRemoved("a"))
    assert workspace.comparison.chosen.runs == ("b",)
    assert shown_runs(workspace) == ["b"]


def test_each_run_is_read_once_and_live_ones_are_followed(three, engine, tell, feed, streams, qtbot):
    workspace = three("a", "b")
    assert {one.run for one in engine.asked if isinstance(one, UnwatchRun)} == {"b"}  # the first is the selected one
    tell(streams.state("live"))
    workspace.comparison.toggle(["live"])
    feed("live", streams.training(steps=5))
    qtbot.waitUntil(lambda: "live" in shown_runs(workspace) and bool(workspace.feeder.records["live"].series))
    assert "live" not in {one.run for one in engine.asked if isinstance(one, UnwatchRun)}
    watched = [one.run for one in engine.asked if isinstance(one, WatchRun)]
    assert sorted(watched) == ["a", "b", "live"]
    workspace.comparison.toggle(["live"])
    assert "live" in {one.run for one in engine.asked if isinstance(one, UnwatchRun)}


# ---------------------------------------------------------------------------------------------- legend and groups


def test_the_legend_hides_and_shows_alone_and_the_zoom_stays(three):
    workspace = three("a", "b", "c")
    workspace.charts.zoom(1, 5)
    view, model = workspace.side.legend, workspace.side.legend.lines
    first = view.visualRect(model.index(0))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(15, first.center().y()))
    assert shown_runs(workspace) == ["b", "c"]
    assert legend(workspace)[0][1]
    assert not workspace.charts.controls.follow.isChecked()  # still zoomed
    place = QPoint(view.viewport().width() - 10, view.visualRect(model.index(2)).center().y())
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert shown_runs(workspace) == ["c"]
    assert workspace.side.count.text() == "1 of 3 runs"
    workspace.side.all.click()
    assert shown_runs(workspace) == ["a", "b", "c"]
    assert [text for text, _, _ in legend(workspace)] == ["CLB-a", "CLB-b", "CLB-c"]


def test_the_legend_works_by_keys(three):
    workspace = three("a", "b")
    view = workspace.side.legend
    view.setCurrentIndex(view.lines.index(1))
    QTest.keyClick(view, Qt.Key.Key_S)
    assert shown_runs(workspace) == ["b"]
    QTest.keyClick(view, Qt.Key.Key_S)
    QTest.keyClick(view, Qt.Key.Key_Space)
    assert shown_runs(workspace) == ["a"]
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert workspace.comparison.chosen.runs == ("a",)


def test_curves_are_grouped_by_a_value_with_a_mean_and_a_band(three, qtbot):
    workspace = three("a", "b", "c")
    index = workspace.side.group.findData("train.epochs")
    workspace.side.group.setCurrentIndex(index)
    workspace.side.group.activated.emit(index)
    assert [(one.run, one.group, one.hue) for one in workspace.charts.shown] == [
        ("a", "3", 0),
        ("b", "3", 0),
        ("c", "5", 1),
    ]
    texts = [line.text for line in workspace.side.legend.lines.lines]
    assert texts == ["epochs = 3", "CLB-a", "CLB-b", "epochs = 5", "CLB-c"]
    chart = workspace.charts.charts["loss"]
    qtbot.waitUntil(lambda: len(chart.canvas.picture.bands) == 4)  # training and validation of both groups
    assert not chart.canvas.picture.dots
    workspace.side.spread.setCurrentIndex(1)
    workspace.side.spread.activated.emit(1)
    assert workspace.charts.controls.settings.spread == "std"
    assert workspace.charts.layout_of_charts.settings("loss").spread == "std"


def test_a_band_of_the_standard_deviation_lies_around_the_mean(three, feed, streams, qtbot):
    workspace = three("a", "b")
    workspace.comparison.group_by("same")
    workspace.charts.controls.change(spread="std")
    chart = workspace.charts.charts["loss"]
    qtbot.waitUntil(lambda: bool(chart.canvas.picture.bands))
    for band in chart.canvas.picture.bands:  # both runs measured the same
        assert band.low == pytest.approx(band.high)


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


def offered(workspace):
    group = workspace.side.group
    return [group.itemText(row) for row in range(group.count())]


def test_each_value_is_offered_once_for_grouping_and_under_a_name_of_its_own(three, session):
    workspace = three("a", "b", "c")
    assert offered(workspace) == ["no groups", "by rate", "by epochs"]
    workspace.comparison.group_by("train.optimizer.rate")  # from the head of a column
    assert offered(workspace) == ["no groups", "by rate", "by epochs"]
    assert workspace.side.group.currentText() == "by rate"
    assert workspace.side.legend.lines.lines[0].text == "rate = 0.001"
    workspace.comparison.group_by("same")
    assert offered(workspace)[-1] == "by same"
    session.leaves.table = Leaves("other")
    for run, seed in (("a", 1), ("b", 2), ("c", 2)):
        session.leaves.table.add(run, {"train.seed": seed, "data.seed": 3 - seed if run != "c" else 7})
    workspace.comparison.group_by("train.seed")
    assert offered(workspace) == ["no groups", "by train.seed", "by data.seed"]
    assert workspace.side.legend.lines.lines[0].text == "train.seed = 1"


# ---------------------------------------------------------------------------------------------- the table


def test_the_table_has_what_differs_and_what_was_measured_sorted_by_any_column(three):
    workspace = three("a", "b", "c")
    workspace.show_pane(workspace.table)
    table = workspace.table
    assert table.grid.columns == (
        *("name", "status", "created", "duration", "config.train.rate", "config.train.epochs"),
        *("min.val_loss", "metric.test.f1", "metric.val_loss"),
    )
    assert [run.id for run in table.grid.runs] == ["c", "b", "a"]  # newest first
    table.table._sort(table.grid.columns.index("metric.val_loss"))
    assert table.grid.column("metric.val_loss") == [0.125, 0.25, 0.5]
    table.table._sort(table.grid.columns.index("metric.val_loss"))
    assert table.grid.column("metric.val_loss") == [0.5, 0.25, 0.125]
    place = table.grid.columns.index("metric.test.f1")
    assert table.grid.best(place) == 0.875
    assert table.grid.best(table.grid.columns.index("min.val_loss")) == 0.0625
    best = table.table.grid.index(2, place).data(Qt.ItemDataRole.ForegroundRole)
    assert best.name() == theme().tokens.ok


def test_a_name_in_the_table_has_the_room_that_it_needs(workspace, tell, streams, answer):
    values = ("learning_rate=0.001", "batch_size=16", "weight_decay=0.0001")
    for run in RATES:
        group = "learning_rate, batch_size, weight_decay x2y3"
        tell(streams.state(run, "succeeded", group=group, overrides=tuple(f"train.{value}" for value in values)))
    workspace.comparison.set(RATES)
    workspace.show_pane(workspace.table)
    workspace.table.refresh()
    table = workspace.table.table
    assert workspace.table.grid.column("name")[0] == " ".join(values)
    width = QFontMetrics(style.mono(12)).horizontalAdvance(" ".join(values))
    assert table.columnWidth(0) > width + table.iconSize().width()
    assert table.columnWidth(workspace.table.grid.columns.index("created")) < width / 2


def test_when_a_run_was_made_is_told_in_few_letters():
    now = datetime(2026, 11, 28, 9, 30).timestamp()
    told = {
        datetime(2026, 11, 28, 8, 55, 39): "08:55:39",
        datetime(2026, 11, 27, 8, 55, 39): "27 Nov 08:55",
        datetime(2025, 11, 27, 8, 55, 39): "27 Nov 2025 08:55",
    }
    assert {then: words.day_or_clock(then.timestamp(), now) for then in told} == told


def test_columns_are_chosen_and_remembered(three, engine, qtbot):
    workspace = three("a", "b")
    workspace.show_pane(workspace.table)
    table = workspace.table
    table._key = "a project"
    table.choose()
    chooser = table.chooser
    names = [chooser.list.item(row).text() for row in range(chooser.list.count())]
    assert {"config.same", "max.val_loss", "metric.test.f1", "tag"} <= set(names)
    chooser.search.setText("same")
    (item,) = [chooser.list.item(row) for row in range(len(names)) if not chooser.list.item(row).isHidden()]
    item.setCheckState(Qt.CheckState.Checked)
    table.turn("status", False)
    assert "config.same" in table.grid.columns
    assert "status" not in table.grid.columns
    assert table.grid.column("config.same") == ["true", "true"]
    chooser.close()
    table._key = ""
    assert msgspec.json.decode(msgspec.json.encode(table._choice), type=Choice) == table._choice


def test_the_table_is_saved_and_copied_with_exact_values(three, tmp_path):
    workspace = three("a", "b", "c")
    workspace.show_pane(workspace.table)
    said = []
    workspace.table.said.connect(lambda text, wrong: said.append((text, wrong)))
    workspace.table.save_to(tmp_path / "runs.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "runs.csv").read_text())))
    assert [(row["run"], row["config.train.rate"], row["metric.val_loss"]) for row in rows] == [
        ("c", "0.001", "0.125"),
        ("b", "0.01", "0.25"),
        ("a", "0.1", "0.5"),
    ]
    workspace.table.table.selectRow(1)
    workspace.table.copy()
    assert len(QApplication.clipboard().text().splitlines()) == 4  # one row alone is no choice
    (tmp_path / "file").touch()
    workspace.table.save_to(tmp_path / "file" / "runs.csv")
    assert said[0] == (f"Saved {tmp_path / 'runs.csv'}", False)
    assert said[-1][1]


def test_without_a_comparison_the_table_has_what_is_listed(three):
    workspace = three()
    workspace.show_pane(workspace.table)
    table = workspace.table
    assert len(table.grid.runs) == 3
    workspace.runs.query.set_text("config.rate < 0.05 and metric.test.f1 > 0.8")
    table.refresh()
    assert [run.id for run in table.grid.runs] == ["c"]
    assert table.count.text() == "1 run listed"
    workspace.runs.query.set_text("nothing at all")
    table.refresh()
    assert table.pages.currentWidget() is table.empty


def test_parallel_axes_are_brushed(three, qtbot):
    workspace = three("a", "b", "c")
    workspace.show_pane(workspace.table)
    table = workspace.table
    table.show_view(PARALLEL)
    axes = table.parallel
    assert axes.columns == (
        *("config.train.rate", "config.train.epochs", "min.val_loss", "metric.val_loss", "metric.test.f1"),
    )
    assert axes.inside == ["c", "b", "a"]
    x = round(axes.axis_x(0))
    middle, end = round(axes.axis_y(0.4)), round(axes.axis_y(1.0))
    QTest.mousePress(axes, Qt.MouseButton.LeftButton, pos=QPoint(x, middle))
    QTest.mouseMove(axes, QPoint(x, end))
    QTest.mouseRelease(axes, Qt.MouseButton.LeftButton, pos=QPoint(x, end))
    assert axes.inside == ["b", "a"]
    assert table.brushed.text() == "Compare 2 of 3"
    table.brushed.click()
    assert workspace.comparison.chosen.runs == ("a", "b")
    axes.clear()
    qtbot.waitUntil(lambda: axes.inside == ["b", "a"])
    axes.repaint()


def test_points_are_shown_over_two_columns_and_lead_to_their_runs(three):
    workspace = three("a", "b", "c")
    workspace.show_pane(workspace.table)
    table = workspace.table
    table.show_view(SCATTER)
    assert (table.scatter.across, table.scatter.up) == ("config.train.rate", "metric.test.f1")
    assert sorted(table.scatter.told_runs) == ["a", "b", "c"]
    left, right = table.scatter.place_of("c"), table.scatter.place_of("a")
    assert left.x() < right.x()
    assert left.y() < right.y()  # the higher the better
    QTest.mouseClick(table.scatter, Qt.MouseButton.LeftButton, pos=QPointF(right).toPoint())
    assert workspace.runs._session.runs.current == "a"
    table.up.setCurrentIndex(table.up.findData("duration"))
    table.up.activated.emit(table.up.currentIndex())
    assert table.scatter.up == "duration"


def test_points_over_each_other_are_counted_and_each_of_their_runs_is_reached(three, tell, streams):
    workspace = three("a", "b", "c")
    for run in ("b", "c"):
        tell(streams.state(run, "succeeded", metrics={"test.f1": 0.5, "val_loss": 0.25}))
    workspace.show_pane(workspace.table)
    table, session = workspace.table, workspace.runs._session
    table.show_view(SCATTER)
    table.refresh()
    table.scatter.show_grid(table.grid, "metric.test.f1", "metric.val_loss")
    assert sorted(map(len, table.scatter.spots().values())) == [1, 2]
    (rows,) = [rows for rows in table.scatter.spots().values() if len(rows) == 2]
    assert table.scatter.told(rows).splitlines()[-2:] == ["test.f1: 0.5000", "val_loss: 0.2500"]
    assert sorted(table.scatter.told(rows).splitlines()[:2]) == ["CLB-b", "CLB-c"]
    place, reached = table.scatter.place_of("b").toPoint(), set()
    for _ in rows:
        QTest.mouseClick(table.scatter, Qt.MouseButton.LeftButton, pos=place)
        reached.add(session.runs.current)
    assert reached == {"b", "c"}
    table.scatter.repaint()


def test_axes_are_those_of_the_job_that_most_runs_do(three, tell, streams, answer):
    workspace = three()
    for run, count in (("x", 16), ("y", 60)):  # an older job, of which the table comes first
        answer.add(run, {"data.count": count, "data.place": "here", "same": False})
        tell(streams.state(run, "succeeded", age=500, dagster_job="job_data"))
    workspace.show_pane(workspace.table)
    table = workspace.table
    table.refresh()
    assert table.count.text() == "5 runs listed"
    configs = [column for column in table.grid.columns if column.startswith("config.")]
    assert configs == ["config.train.rate", "config.train.epochs"]
    table.show_view(PARALLEL)
    assert table.parallel.columns[:2] == ("config.train.rate", "config.train.epochs")
    table.show_view(SCATTER)
    assert (table.scatter.across, table.scatter.up) == ("config.train.rate", "metric.test.f1")


def test_where_values_stand_on_an_axis():
    wide = scale_of("config.rate", [1e-4, 1e-3, 1e-2])
    assert wide.log
    assert wide.place(1e-3) == pytest.approx(0.5)
    assert [text for _, text in wide.ticks] == ["0.0001", "0.001", "0.01"]
    assert scale_of("config.rate", [0.001, 0.003, 0.01]).log
    assert scale_of("config.rate", [0.001, 0.01]).titled("rate") == "rate (log)"
    assert not scale_of("config.epochs", [3.0, 10.0]).log
    assert not scale_of("config.decay", [0.0, 0.001, 0.1]).log
    assert scale_of("metric.val_loss", [0.02, 0.9]).log
    assert not scale_of("metric.test.auc", [0.02, 0.9]).log
    texts = scale_of("config.optimizer", ["sgd", "adam", None])
    assert texts.texts == ("adam", "sgd", "–")
    assert texts.place("adam") == pytest.approx(1 / 6)
    assert scale_of("metric.loss", [float("nan"), 1.0]).place(float("nan")) is None
    alone = scale_of("metric.loss", [0.0])
    assert 0 < alone.place(0.0) < 1


def test_what_stands_in_cells(streams):
    state = streams.state("a", "failed", metrics={"loss": None, "val_loss": 0.12345678})
    leaves = Leaves()
    leaves.add("a", {"x.a.epochs": 3, "x.b.epochs": 4, "on": True, "none": None})
    columns = ("config.epochs", "config.on", "config.none", "metric.loss", "metric.val_loss", "metric.gone", "duration")
    grid = grid_of(columns, [state], leaves, 0.0)
    cells = [shown(column, value) for column, value in zip(columns, grid.values[0], strict=True)]
    assert cells == ["3, 4", "true", "–", "nan", "0.1235", "–", "1 min 00 s"]
    heads = titles(("config.a.optimizer._target_", "config.a.rate", "config.rate", "metric.rate", "min.rate", "age"))
    assert list(heads.values()) == ["optimizer._target_", "a.rate", "rate", "last rate", "min rate", "age"]
    assert usual_columns([state], ["x"])[-3:] == ["min.val_loss", "metric.val_loss", "metric.loss"]
    assert Choice(("age",), frozenset({"status"})).of(["name", "status"]) == ["name", "age"]


# ---------------------------------------------------------------------------------------------- the query


def test_a_query_with_a_mistake_says_what_and_where_and_the_last_good_one_stays(three, qtbot):
    workspace = three()
    query, model = workspace.runs.query, workspace.runs.model
    query.set_text("val_loss < 0.3")
    assert model.listed() == ["c", "b"]
    query.line.setText("val_loss < 0.3 and status = faild")
    assert not query.problem.isVisibleTo(query)  # somebody may still be typing
    qtbot.waitUntil(lambda: query.problem.isVisibleTo(query))
    assert query.problem.text() == "status is never faild; did you mean failed?"
    assert query.line.property("invalid") == "true"
    assert model.listed() == ["c", "b"]
    query.set_text("val_los < 0.3 or status = succeeded")
    assert query.problem.text() == "nothing has val_los; did you mean metric.val_loss?"
    query.set_text("")
    assert model.listed() == ["c", "b", "a"]
    assert not query.problem.isVisibleTo(query)


def test_a_query_that_leaves_nothing_says_why_and_offers_what_is_meant(three, tell, streams):
    workspace = three("a")
    runs = workspace.runs
    for run in RATES:  # measured under the name of a value that was set
        tell(streams.state(run, "succeeded", metrics={"val_loss": LOSS[run], "rate": 1e-6}))
    runs.query.set_text("val_loss < 1 and rate > 0.005")
    assert runs.model.listed() == []
    assert runs.nothing.isVisibleTo(runs)
    said = runs.nothing.text.text().replace("\u200b", "")  # it may be broken within a long key
    assert said == "rate is read as metric.rate, its last value; what was set is config.rate"
    assert not runs.query.problem.isVisibleTo(runs.query)  # it is not said twice
    assert runs.nothing.instead.toolTip() == "Ask for config.rate"
    runs.nothing.instead.click()
    assert runs.query.line.text() == "val_loss < 1 and config.rate > 0.005"
    assert sorted(runs.model.listed()) == ["a", "b"]
    assert not runs.nothing.isVisibleTo(runs)
    runs.query.set_text("config.rat > 0.005")
    assert runs.nothing.text.text().replace("\u200b", "").startswith("nothing has config.rat; did you mean config.")
    runs.query.set_text("status = failed")
    assert runs.nothing.text.text() == "None of 3 runs is like that."
    assert not runs.nothing.instead.isVisibleTo(runs.nothing)
    runs.nothing.everything.click()
    assert len(runs.model.listed()) == 3


def test_what_fits_is_offered_while_a_query_is_typed(three, qtbot):
    workspace = three()
    workspace.activateWindow()
    query = workspace.runs.query
    query.line.setFocus()
    qtbot.waitUntil(query.line.hasFocus)
    QTest.keyClicks(query.line, "config.ep")
    assert query.offered == ["config.train.epochs"]
    QTest.keyClick(query.popup, Qt.Key.Key_Return)
    assert query.line.text() == "config.train.epochs "
    qtbot.waitUntil(lambda: query.offered[:2] == ["=", "!="])
    query.popup.hide()
    QTest.keyClicks(query.line, "> 4")
    query.popup.hide()
    assert workspace.runs.model.listed() == ["c"]
    QTest.keyClick(query.line, Qt.Key.Key_Escape)
    assert query.line.text() == ""


def test_examples_can_be_tried(three):
    workspace = three()
    query = workspace.runs.query
    query.help.click()
    examples = query._examples
    assert examples.isVisible()
    examples.chosen.emit("status = failed and age < 2d")
    assert query.line.text() == "status = failed and age < 2d"
    assert not examples.isVisible()
    assert workspace.runs.model.listed() == []


def test_a_run_gets_tags(three, engine, monkeypatch):
    workspace = three()
    workspace.runs._session.runs.tag("a", ["baseline", "paper"])
    assert TagRun("a", ("baseline", "paper")) in engine.asked
