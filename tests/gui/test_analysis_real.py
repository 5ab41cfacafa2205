"""What an analysis found, asked of the service that people use, of a run and of an experiment with real predictions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from niceml_engine.results import Confusion, Histogram, Lines
from niceml_engine.store.location import Location
from niceml_gui.engine import Engine
from niceml_gui.session import Session
from niceml_gui.workspaces.experiments.panel import ExperimentsWorkspace
from niceml_gui.workspaces.runs.analysis.confusion import Cell
from niceml_gui.workspaces.runs.analysis.confusion_section import ConfusionSection
from niceml_gui.workspaces.runs.analysis.pane import AnalysisPane
from niceml_gui.workspaces.runs.analysis.sample_model import PICTURE, SampleModel
from niceml_gui.workspaces.runs.analysis.viewer import SampleViewer
from niceml_gui.workspaces.runs.panel import RunsWorkspace
from tests.engine.finished import TEN, TWO, Finished, finish
from tests.engine.projects import copy_project
from tests.engine.s3 import S3

SECONDS = 30_000


def opened(qtbot: QtBot, root: Path, job: str) -> Session:
    session = Session(Engine())
    session.engine.start()
    session.open(str(root), str(root / job))
    qtbot.waitUntil(lambda: bool(session.composed.digest) and bool(session.runs.states), timeout=SECONDS)
    return session


def end(session: Session) -> None:
    session.close()
    session.deleteLater()
    session.engine.deleteLater()


@pytest.fixture
def made(tmp_path: Path) -> Finished:
    return finish(copy_project(tmp_path), TEN)


@pytest.fixture
def session(clean: None, tmp_path: Path, made: Finished, qtbot: QtBot) -> Iterator[Session]:
    session = opened(qtbot, tmp_path, TEN)
    yield session
    end(session)


def open_worst(section: ConfusionSection, made: Finished, subset: str) -> tuple[str, str]:
    """Opens the cell beside the diagonal with most samples."""
    matrix = made.analyses[subset].results[0]
    assert isinstance(matrix, Confusion)
    pairs = [(row, column) for row in range(10) for column in range(10) if row != column]
    row, column = max(pairs, key=lambda pair: matrix.counts[pair[0]][pair[1]])
    section.matrix.chosen.emit(Cell(row, column))
    return matrix.labels[row], matrix.labels[column]


def pictured(model: SampleModel) -> bool:
    return model.rowCount() > 0 and isinstance(model.index(0).data(PICTURE), QImage)


def shows_stored(model: SampleModel, folder: Path) -> bool:
    """Whether the first picture is that of its file."""
    sample = model.sample(0)
    assert sample is not None
    stored = QImage(str(folder / sample.file))
    shown = model.index(0).data(PICTURE)
    assert isinstance(shown, QImage)
    return shown.convertToFormat(QImage.Format.Format_Grayscale8) == stored.convertToFormat(
        QImage.Format.Format_Grayscale8
    )


def test_a_run_shows_all_sections_and_the_images_behind_a_cell(
    session: Session, made: Finished, tmp_path: Path, qtbot: QtBot
) -> None:
    workspace = RunsWorkspace(session)
    qtbot.addWidget(workspace, before_close_func=lambda widget: widget.close_plots())
    workspace.resize(1400, 900)
    workspace.show()
    session.runs.select(made.run.id)
    pane = workspace.analysis
    qtbot.waitUntil(lambda: len(pane.sections) == 5 and len(workspace.record.analysis) == 3, timeout=SECONDS)
    assert [(kind, name) for kind, name in pane.sections] == [
        (Confusion, ""),
        (Lines, "roc"),
        (Lines, "pr"),
        (Histogram, "scores"),
        (Lines, "calibration"),
    ]
    pane.choose("train_eval")
    section = pane.section(Confusion)
    assert isinstance(section, ConfusionSection)
    true, predicted = open_worst(section, made, "train_eval")
    model = section.samples.model
    qtbot.waitUntil(lambda: pictured(model), timeout=SECONDS)
    table = made.tables["train_eval"]
    columns = [name for name in table.columns if name.startswith("prd_")]
    cell = table[(table["class"] == true) & (table[columns].idxmax(axis=1) == f"prd_{predicted}")]
    assert model.total == len(cell)
    first = model.sample(0)
    assert first is not None
    assert first.file == cell.sort_values(f"prd_{true}").iloc[0]["file"]
    assert shows_stored(model, tmp_path / "data/digits_handwritten_split/train")
    section.samples.enlarge(0)
    viewer = QApplication.activeModalWidget()
    assert isinstance(viewer, SampleViewer)
    qtbot.waitUntil(lambda: viewer.place.text().endswith("8×8"), timeout=SECONDS)
    viewer.reject()


def test_an_experiment_shows_the_same_sections(session: Session, made: Finished, tmp_path: Path, qtbot: QtBot) -> None:
    workspace = ExperimentsWorkspace(session)
    qtbot.addWidget(workspace)
    workspace.show()
    qtbot.waitUntil(lambda: workspace.current() is not None, timeout=SECONDS)
    pane = workspace.analysis
    assert not pane.sections  # nobody has looked yet
    workspace.show_pane(pane)
    qtbot.waitUntil(lambda: len(pane.sections) == 5, timeout=SECONDS)
    assert [head for head, _ in pane.metrics.table.texts()] == ["accuracy", "auc"]
    assert pane.checks.count.text() == "1 of 1 passed"
    assert not pane.training.isVisibleTo(pane)
    pane.choose("test")
    section = pane.section(Confusion)
    assert isinstance(section, ConfusionSection)
    open_worst(section, made, "test")
    qtbot.waitUntil(lambda: pictured(section.samples.model), timeout=SECONDS)
    assert shows_stored(section.samples.model, tmp_path / "data/digits_handwritten_split/test")
    workspace.show_experiments(())
    assert pane.empty.isVisibleTo(pane)


def test_an_experiment_that_is_gone_says_so(session: Session, made: Finished, qtbot: QtBot) -> None:
    workspace = ExperimentsWorkspace(session)
    qtbot.addWidget(workspace)
    workspace.show()
    qtbot.waitUntil(lambda: workspace.current() is not None, timeout=SECONDS)
    made.experiment.delete()
    workspace.show_pane(workspace.analysis)
    qtbot.waitUntil(lambda: "it is not there" in workspace.analysis.empty.text.text(), timeout=SECONDS)


def test_images_in_a_bucket_are_shown(
    clean: None, tmp_path: Path, s3: S3, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    base = Location(f"s3://{s3.bucket}/{tmp_path.name}", s3.options)
    monkeypatch.setenv("DATA_URI", f"{base.uri}/data")
    made = finish(copy_project(tmp_path), TWO, data=base / "data")
    session = opened(qtbot, tmp_path, TWO)
    pane = AnalysisPane(session)
    qtbot.addWidget(pane)
    pane.resize(320, 800)
    pane.show()
    workspace = RunsWorkspace(session)
    qtbot.addWidget(workspace, before_close_func=lambda widget: widget.close_plots())
    session.runs.select(made.run.id)
    qtbot.waitUntil(lambda: len(workspace.record.analysis) == 3, timeout=SECONDS)
    pane.show_record(workspace.record, "")
    section = pane.section(Confusion)
    assert isinstance(section, ConfusionSection)
    section.open_all()
    model = section.samples.model
    qtbot.waitUntil(lambda: pictured(model), timeout=SECONDS)
    assert model.folder == f"{base.uri}/data/digits_handwritten_split/validation"
    assert shows_stored(model, tmp_path / "data/digits_handwritten_split/validation")
    assert not section.samples.menu_for(0).actions()[1].isEnabled()
    end(session)
