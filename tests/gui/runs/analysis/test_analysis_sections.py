"""The sections of an analysis: which there are, in which order, and how they fit."""

from dataclasses import replace

import msgspec
import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QLabel

from niceml_engine.results import Confusion, Lines
from niceml_engine.values import Checkpoint
from niceml_gui.workspaces.runs.analysis import pane as pane_module
from niceml_gui.workspaces.runs.analysis.pane import AnalysisPane
from niceml_gui.workspaces.runs.analysis.section import ResultSection
from niceml_gui.workspaces.runs.analysis.value_table import ValueTable
from tests.gui.analysed import SUBSETS, found, ten, two

DASH = "\N{EN DASH}"


def ordered(pane):
    """The titles of the sections that are shown, by their place."""
    shown = [*pane.sections.values(), pane.metrics, pane.training, pane.checks]
    shown = [section for section in shown if section.isVisibleTo(pane)]
    shown.sort(key=lambda section: (section.mapTo(pane, QPoint()).x() // 100, section.mapTo(pane, QPoint()).y()))
    return [section.title.accessibleName() for section in shown]


def places(pane):
    """Where the sections lie."""
    shown = [*pane.sections.values(), pane.metrics]
    return [QRect(section.mapTo(pane.columns, QPoint()), section.size()) for section in shown]


def test_each_result_has_its_section_in_order(pane, qtbot):
    pane.show_found(found(two(), training=(("loss", ["1", "2", "3", "4"]),)))
    wanted = ["Metrics", "Training", "Confusion matrix", "ROC", "Scores", "Calibration"]
    qtbot.waitUntil(lambda: ordered(pane) == wanted)
    assert pane.metrics.table.texts() == [
        ("accuracy", [DASH] * 3),
        ("f1", ["0.900"] * 3),
        ("odd", ["0.100"] * 3),
    ]
    pane.show_found(found(two()[:1], ("test",)))
    qtbot.waitUntil(lambda: ordered(pane) == ["Metrics", "Confusion matrix"])


def test_it_is_said_of_which_checkpoint_the_metrics_are(pane, qtbot):
    made = found(two())
    pane.show_found(made)
    assert not pane.metrics.model.isVisibleTo(pane)
    model = Checkpoint("models/m-ep002.keras", "best", 2, "val_loss", 0.3125)
    pane.show_found(replace(made, analyses=tuple(msgspec.structs.replace(one, model=model) for one in made.analyses)))
    qtbot.waitUntil(lambda: pane.metrics.model.isVisibleTo(pane))
    assert pane.metrics.model.full_text() == "of the best checkpoint: epoch 2, val_loss 0.3125"


def test_another_kind_of_result_needs_only_its_section(pane, qtbot, monkeypatch):
    class Residuals(Lines, frozen=True, tag="residuals"):
        pass

    class ResidualsSection(ResultSection):
        def show_results(self, results, shown):
            self.body.addWidget(QLabel(f"{len(results)} of {shown.source.run}"))

    monkeypatch.setitem(pane_module.SECTIONS, Residuals, lambda session, title: ResidualsSection(title))
    pane.show_found(found((Residuals("residuals", "Residuals", "x", "y", ()),)))
    section = pane.section(Residuals, "residuals")
    assert section.title.text() == "RESIDUALS"
    assert [label.text() for label in section.inner.findChildren(QLabel)] == ["3 of a"]


@pytest.mark.parametrize("results", [two(), ten()], ids=["two", "ten"])
@pytest.mark.parametrize(("width", "columns"), [(300, 1), (356, 1), (760, 2), (1200, 3)])
def test_sections_fit_a_narrow_and_a_wide_pane(pane, qtbot, results, width, columns):
    pane.show_found(found(results))
    pane.resize(width, 900)
    qtbot.waitUntil(lambda: pane.columns.count == columns)
    matrix = pane.section(Confusion).matrix

    def settled():
        areas = places(pane)
        apart = all(not a.intersects(b) for a in areas for b in areas if a is not b)
        wide = all(abs(section.width() - pane.columns.column_width) <= 1 for section in pane.sections.values())
        return apart and wide and matrix.height() == matrix.heightForWidth(matrix.width())

    qtbot.waitUntil(settled)
    assert all(area.right() <= pane.columns.width() for area in places(pane))
    assert pane.columns.width() <= pane.width()
    for section in pane.sections.values():
        plot = getattr(section, "plot", None)
        if plot is not None:
            assert plot.height() == plot.heightForWidth(plot.width())


def test_many_subsets_are_chosen_from_a_list_and_have_one_column(pane, qtbot):
    names = tuple(f"part{number}" for number in range(7))
    pane.show_found(found(two(), names))
    assert pane.subsets.isVisibleTo(pane)
    qtbot.waitUntil(lambda: pane.metrics.note.text() == "1 of 7 subsets")
    assert pane.metrics.table.texts()[1] == ("f1", ["0.900"])
    pane.subsets.setCurrentIndex(3)
    pane.subsets.activated.emit(3)
    assert pane.subset == "part3"
    pane.resize(600, 900)
    qtbot.waitUntil(lambda: pane.metrics.note.text() == "")


def test_a_section_folds_and_stays_folded(pane, session, qtbot):
    pane.show_found(found(two()))
    roc = pane.section(Lines, "roc")
    assert roc.plot.isVisible()
    roc.title.click()
    assert not roc.plot.isVisible()
    again = AnalysisPane(session)
    qtbot.addWidget(again)
    again.show_found(found(two()))
    assert not again.section(Lines, "roc").title.isChecked()
    assert again.section(Lines, "calibration").title.isChecked()
    roc.title.click()
    assert roc.plot.isVisible()


def test_sections_appear_as_each_subset_is_analysed(pane):
    pane.show_found(found((), (), training=(("loss", ["1", "2", "3", "4"]),), waiting="soon"))
    assert pane.hint.text() == "soon"
    assert pane.hint.isVisibleTo(pane)
    assert not pane.head.isVisibleTo(pane)
    pane.show_found(found(two(), SUBSETS[:1], waiting="soon"))
    assert not pane.hint.isVisibleTo(pane)
    assert pane.subset == "train_eval"
    assert pane.section(Lines, "roc").plot.texts == ["train_eval 0.970"]
    pane.show_found(found(two(), SUBSETS, waiting="soon"))
    assert pane.subset == "train_eval"  # what is looked at stays
    assert pane.section(Lines, "roc").plot.texts == [f"{name} 0.970" for name in SUBSETS]


def test_a_table_with_fewer_rows_than_before_leaves_no_room_for_those_that_are_gone(qtbot):
    table, fresh = ValueTable(), ValueTable()
    qtbot.addWidget(table)
    qtbot.addWidget(fresh)
    one = [("loss", ["0.3"])]
    table.show_rows(("last",), [*one, ("accuracy", ["0.9"]), ("f1", ["0.8"])])
    table.show_rows(("last",), one)
    fresh.show_rows(("last",), one)
    assert table.sizeHint().height() == fresh.sizeHint().height()
