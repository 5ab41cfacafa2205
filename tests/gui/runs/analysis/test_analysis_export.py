"""Saving and copying what an analysis shows."""

import csv
import io

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox

from niceml_engine.results import Confusion, Histogram, Lines
from niceml_gui.theme import theme
from niceml_gui.theme.tokens import DARK, LIGHT
from niceml_gui.workspaces.runs.analysis.export import Export
from tests.gui.analysed import found, two


def test_what_is_shown_is_saved_and_copied(pane, tmp_path, monkeypatch):
    pane.show_found(found(two()))
    plots = {
        "roc": pane.section(Lines, "roc").plot,
        "matrix": pane.section(Confusion).matrix,
        "scores": pane.section(Histogram, "scores").plot,
    }
    for name, widget in plots.items():
        for ending, start in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("csv", b"")):
            file = tmp_path / f"{name}.{ending}"
            Export(widget, name).save(file)
            assert file.read_bytes().startswith(start)
    rows = list(csv.reader(io.StringIO((tmp_path / "roc.csv").read_text())))
    assert rows[:3] == [
        ["curve", "false positive rate", "true positive rate", "threshold"],
        ["train_eval", "0.0", "0.0", ""],
        ["train_eval", "0.1", "0.9", "0.5"],
    ]
    assert len(rows) == 1 + 9
    assert list(csv.reader(io.StringIO((tmp_path / "matrix.csv").read_text())))[1] == ["3", "78", "1", "79"]
    assert list(csv.reader(io.StringIO((tmp_path / "scores.csv").read_text())))[2] == ["0.5", "1.0", "9", "77"]
    assert ">ROC<" in (tmp_path / "roc.svg").read_text() or "roc" in (tmp_path / "roc.svg").read_text()
    Export(plots["roc"], "ROC").copy()
    clipboard = QApplication.clipboard()
    assert clipboard.text().startswith("curve,false positive rate")
    assert clipboard.image().width() == 2 * (plots["roc"].width() + 24)


@pytest.mark.parametrize("name", ["roc", "matrix", "scores"])
def test_pictures_are_for_paper_whatever_the_theme(pane, qtbot, name):
    pane.show_found(found(two()))
    shown = {
        "roc": pane.section(Lines, "roc").plot,
        "matrix": pane.section(Confusion).matrix,
        "scores": pane.section(Histogram, "scores").plot,
    }[name]
    qtbot.waitUntil(lambda: shown.height() == shown.heightForWidth(shown.width()))
    dark = Export(shown, name).image()
    assert theme().tokens is DARK
    assert dark.pixelColor(1, 1).name() == LIGHT.panel
    theme().set_dark(False)
    assert Export(shown, name).image() == dark


def test_a_picture_holds_no_read_out(pane, qtbot):
    pane.show_found(found(two()))
    plot = pane.section(Lines, "roc").plot
    before = Export(plot, "ROC").image()
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    assert plot.spot is not None
    assert Export(plot, "ROC").image() == before


def test_the_menu_of_a_plot_saves_where_it_is_told_to_or_says_why_not(pane, tmp_path, monkeypatch):
    pane.show_found(found(two()))
    section = pane.section(Lines, "calibration")
    texts = [action.text() for action in section.more.menu().actions()]
    assert texts == ["Save as PNG…", "Save as SVG…", "Save as CSV…", "Copy picture and table"]
    asked, told = [], []
    target = tmp_path / "here.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a: (asked.append(a[2]) or str(target), ""))
    monkeypatch.setattr(QMessageBox, "warning", lambda *a: told.append(a[2]))
    section.more.menu().actions()[2].trigger()
    assert asked == ["calibration.csv"]
    assert target.read_text().startswith("curve,predicted,observed,samples\n")
    target = tmp_path / "missing" / "here.csv"
    for place in (0, 1, 2):
        section.more.menu().actions()[place].trigger()
    assert len(told) == 3
    assert all("was not saved" in text for text in told)
