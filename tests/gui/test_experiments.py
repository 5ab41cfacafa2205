from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from niceml_engine.protocol.configs import OpReference
from niceml_engine.protocol.runs import RunChanged
from niceml_engine.values import Experiment, JobSpec, RunState
from niceml_gui.session import Session
from niceml_gui.workspaces.experiments.model import metric_names
from niceml_gui.workspaces.experiments.panel import ExperimentsWorkspace

FOUND = (
    Experiment("/e/one", "CLB-one", 30.0, "succeeded", "/j/a.yaml", run_id="r1", metrics={"test.f1": 0.9, "loss": 0.1}),
    Experiment("s3://b/two", "CLB-two", 20.0, "failed", "/j/b.yaml", metrics={"test.f1": None}),
    Experiment(
        "/e/three", "OCR-three", 10.0, "succeeded", "/j/a.yaml", metrics={"test.f1": 0.95, "validation.f1": 1.0}
    ),
)


def _column(workspace: ExperimentsWorkspace, column: int) -> list[str]:
    model = workspace.table.model()
    return [str(model.index(row, column).data()) for row in range(model.rowCount())]


def test_the_list_is_read_when_it_comes_into_view(session: Session, project: Path, qtbot: QtBot) -> None:
    workspace = ExperimentsWorkspace(session)
    qtbot.addWidget(workspace)
    assert workspace.pages.currentWidget() is workspace.empty
    workspace.show()
    qtbot.waitUntil(lambda: _column(workspace, 0) == ["CLB-1"])
    assert workspace.pages.currentWidget() is workspace.table
    current = workspace.current()
    assert current is not None
    assert current.uri == f"{project}/e"


def test_an_ended_run_refreshes_what_is_seen(session: Session, qtbot: QtBot) -> None:
    workspace = ExperimentsWorkspace(session)
    qtbot.addWidget(workspace)
    workspace.show()
    qtbot.waitUntil(lambda: bool(_column(workspace, 0)))
    workspace.show_experiments(())
    session.engine.notified.emit(RunChanged(RunState("r1", "first", "succeeded", "j", created=1.0)))
    qtbot.waitUntil(lambda: _column(workspace, 0) == ["CLB-1"])


def test_some_ops_run_again_upon_the_experiment_that_is_chosen(session: Session, qtbot: QtBot) -> None:
    session.reference = OpReference((), (JobSpec("job_a", "", ("experiment", "train", "prediction")),))
    run = RunState("r1", "first", "running", "/j/a.yaml", "job_a", created=1.0, experiment="/e/one")
    workspace = ExperimentsWorkspace(session)
    qtbot.addWidget(workspace)

    def offered(run: RunState) -> QPushButton:
        session.engine.notified.emit(RunChanged(run))
        workspace.detail.show_experiment(FOUND[0])
        return next(one for one in workspace.detail.findChildren(QPushButton) if "Run some ops" in one.text())

    assert offered(run).toolTip() == "The run has not ended"
    with qtbot.waitSignal(workspace.ops_wanted) as asked:
        offered(replace(run, status="succeeded")).click()
    assert asked.args == ["r1"]


def test_columns_sort_by_value_and_filter_by_words(session: Session, qtbot: QtBot) -> None:
    workspace = ExperimentsWorkspace(session)
    qtbot.addWidget(workspace)
    workspace.show_experiments(FOUND)
    assert _column(workspace, 0) == ["CLB-one", "CLB-two", "OCR-three"]  # newest first
    workspace.table.sortByColumn(5, Qt.SortOrder.DescendingOrder)
    assert _column(workspace, 5) == ["0.9500", "0.9000", "–"]
    worse = replace(FOUND[1], nonfinite={"test.f1": "inf"})
    workspace.show_experiments((FOUND[0], worse, FOUND[2]))
    assert _column(workspace, 5) == ["∞", "0.9500", "0.9000"]
    workspace.search.setText("clb succ")
    assert _column(workspace, 0) == ["CLB-one"]
    assert workspace.list.windowTitle() == "Experiments  1 of 3"


def test_the_selected_experiment_stays_selected(session: Session, qtbot: QtBot) -> None:
    workspace = ExperimentsWorkspace(session)
    qtbot.addWidget(workspace)
    workspace.show_experiments(FOUND[1:])
    workspace.table.selectRow(1)
    workspace.show_experiments(FOUND)
    assert workspace.current() == FOUND[2]


def test_the_detail_offers_what_can_be_done(session: Session, qtbot: QtBot) -> None:
    workspace = ExperimentsWorkspace(session)
    qtbot.addWidget(workspace)
    workspace.show_experiments(FOUND)
    detail = workspace.detail.widget()
    buttons = {made.accessibleName(): made for made in detail.findChildren(QPushButton)}
    assert set(buttons) == {
        *("Show its run", "Open as selection", "Run again", "Run some ops…"),
        *("Open folder", "Copy location"),
    }
    assert "0.9000" in {shown.text() for shown in detail.findChildren(QLabel)}
    buttons["Copy location"].click()
    assert QGuiApplication.clipboard().text() == "/e/one"
    with qtbot.waitSignal(session.runs.requested):
        buttons["Show its run"].click()
    workspace.table.selectRow(1)
    remote = {made.accessibleName() for made in workspace.detail.widget().findChildren(QPushButton)}
    assert remote == {"Copy location"}


def test_a_name_stands_without_its_stamp_but_is_found_by_it(session: Session, qtbot: QtBot) -> None:
    workspace = ExperimentsWorkspace(session)
    qtbot.addWidget(workspace)
    workspace.show_experiments((replace(FOUND[0], name="CLB-20261124T033249-id_je79"), FOUND[1]))
    assert _column(workspace, 0)[0] == "CLB-…id_je79"
    workspace.search.setText("20261124t033249")
    assert workspace.list.windowTitle() == "Experiments  1 of 2"


def test_metrics_are_ordered() -> None:
    assert metric_names(FOUND) == ("validation.f1", "test.f1", "loss")


def test_experiments_are_looked_for_by_a_query(session: Session, qtbot: QtBot) -> None:
    workspace = ExperimentsWorkspace(session)
    qtbot.addWidget(workspace)
    workspace.show_experiments(FOUND)
    workspace.query.set_text("metric.test.f1 > 0.92 and status = succeeded")
    assert _column(workspace, 0) == ["OCR-three"]
    workspace.show_experiments((FOUND[0], replace(FOUND[1], nonfinite={"test.f1": "nan"}), FOUND[2]))
    workspace.query.set_text("metric.test.f1 = nan or loss < 1")
    assert _column(workspace, 0) == ["CLB-one", "CLB-two"]
    session.leaves.table.add("r1", {"train.epochs": 3})
    session.leaves.table.add("s3://b/two", {"train.epochs": 5})  # no run of the project has made it
    workspace.query.set_text("config.epochs >= 3")
    assert _column(workspace, 0) == ["CLB-one", "CLB-two"]
    workspace.query.set_text("epochs = 5")
    assert _column(workspace, 0) == ["CLB-two"]
    workspace.query.set_text("config.epoch = 5")
    assert workspace.pages.currentWidget() is workspace.nothing
    assert (
        workspace.nothing.text.text().replace("\u200b", "")
        == "nothing has config.epoch; did you mean config.train.epochs?"
    )
    workspace.nothing.instead.click()
    assert workspace.query.line.text() == "config.train.epochs = 5"
    assert workspace.pages.currentWidget() is workspace.table
    workspace.query.set_text("status = suceeded")
    assert workspace.query.problem.text() == "status is never suceeded; did you mean succeeded?"
