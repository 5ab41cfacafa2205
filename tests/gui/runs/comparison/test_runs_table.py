"""The table of runs: columns, sorting, and exact values for elsewhere."""

import csv
import io
from datetime import datetime

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from niceml_engine.leaves import Leaves
from niceml_engine.values import RunState
from niceml_gui import words
from niceml_gui.theme import style, theme
from niceml_gui.workspaces.runs.comparison.grid import Choice, Grid, grid_of, shown, titles, usual_columns
from tests.gui.compared import RATES


def test_the_table_has_what_differs_and_what_was_measured_sorted_by_any_column(three):
    workspace = three("a", "b", "c")
    workspace.show_pane(workspace.table)
    table = workspace.table
    assert table.grid.columns == (
        *("name", "status", "config.train.rate", "config.train.epochs"),
        *("min.val_loss", "metric.test.f1", "metric.val_loss", "created", "duration"),
    )
    assert [run.id for run in table.grid.runs] == ["c", "b", "a"]  # newest first
    table.table._sort(table.grid.columns.index("metric.val_loss"))
    assert table.grid.column("metric.val_loss") == [0.125, 0.25, 0.5]
    table.table._sort(table.grid.columns.index("metric.val_loss"))
    assert table.grid.column("metric.val_loss") == [0.5, 0.25, 0.125]
    place = table.grid.columns.index("metric.test.f1")
    assert table.grid.best(place) == 0.875
    assert table.grid.best(table.grid.columns.index("min.val_loss")) == 0.0625
    assert table.grid.best(table.grid.columns.index("metric.val_loss")) == 0.125
    best = table.table.grid.index(2, place).data(Qt.ItemDataRole.ForegroundRole)
    assert best.name() == theme().tokens.ok


def test_nothing_is_best_where_all_are_equal_and_the_validation_comes_first(tell, streams):
    metrics = {"test.f1": 0.5, "validation.f1": 0.5, "val_loss": 0.2}
    states = [streams.state(run, "succeeded", metrics=metrics) for run in "ab"]
    columns = usual_columns(states, ())
    assert [column for column in columns if "." in column][1:] == [
        "metric.validation.f1",
        "metric.test.f1",
        "metric.val_loss",
    ]
    grid = grid_of(columns, states, Leaves(), 0.0)
    assert grid.best(columns.index("metric.test.f1")) is None


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


def test_a_name_has_room_for_the_dot_that_it_gets_when_runs_are_compared(workspace, tell, streams, answer):
    for run in RATES:
        tell(streams.state(run, "succeeded", name=f"{run}-with-a-name-of-some-length"))
    workspace.show_pane(workspace.table)
    workspace.table.refresh()
    table = workspace.table.table
    before = table.columnWidth(0)
    workspace.comparison.set(RATES)
    workspace.table.refresh()
    assert table.sizeHintForColumn(0) <= table.columnWidth(0) == before


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


def test_what_is_not_finite_is_told_as_it_is_and_what_is_not_defined_is_not(streams):
    broken = {"loss": "inf", "test.mine": "-inf", "test.f1": "nan"}
    metrics = {"loss": None, "test.mine": None, "test.f1": None, "test.auc": None}
    columns = ("metric.loss", "metric.test.mine", "metric.test.f1", "metric.test.auc")
    states = [streams.state("a", metrics=metrics, nonfinite=broken), streams.state("b", metrics={"test.mine": 3.0})]
    grid = grid_of(columns, states, Leaves(), 0.0)
    cells = [shown(column, value) for column, value in zip(columns, grid.values[0], strict=True)]
    assert cells == ["∞", "−∞", "nan", "–"]
    assert [run.id for run in grid.ordered(1, descending=True).runs] == ["b", "a"]
    assert [run.id for run in grid.ordered(1, descending=False).runs] == ["a", "b"]


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


def test_names_with_numbers_are_sorted_by_the_size_of_these():
    names = ("rate=0.1", "epochs=10 rate=1e-3", "epochs=4 rate=1e-3", "rate=0.02", "epochs=4 rate=1e-4", "7", "")
    grid = Grid(("name",), tuple(RunState(name, name, "succeeded", "/a.yaml") for name in names), tuple(zip(names)))
    found = grid.ordered(0, descending=False).column("name")
    assert found == [
        "",
        "7",
        "epochs=4 rate=1e-4",
        "epochs=4 rate=1e-3",
        "epochs=10 rate=1e-3",
        "rate=0.02",
        "rate=0.1",
    ]
