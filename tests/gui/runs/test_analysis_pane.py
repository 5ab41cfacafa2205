"""The sections of an analysis: what they show, how they fit, and what can be done with them."""

import csv
import io

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMessageBox

from niceml_engine.events import Analysis
from niceml_engine.protocol.samples import Source
from niceml_engine.results import ALL, Bars, Confusion, Curve, Histogram, Lines, Spread
from niceml_gui.theme import theme
from niceml_gui.workspaces.runs.analysis import pane as pane_module
from niceml_gui.workspaces.runs.analysis.confusion import ANY, Cell, ConfusionMatrix
from niceml_gui.workspaces.runs.analysis.export import Export
from niceml_gui.workspaces.runs.analysis.pane import AnalysisPane, Found
from niceml_gui.workspaces.runs.analysis.plot import Axis, Spot
from niceml_gui.workspaces.runs.analysis.section import EACH, ResultSection
from niceml_gui.workspaces.runs.analysis.tables import metric_rows

DASH = "\N{EN DASH}"
SUBSETS = ("train_eval", "validation", "test")


def two(f1=0.9, counts=((78, 1), (2, 77))):
    curve = Curve("8", (0.0, 0.1, 1.0), (0.0, 0.9, 1.0), (None, 0.5, 0.1), 0.97, 1)
    reliability = Curve("8", (0.1, 0.9), (0.2, 0.8), (60.0, 98.0), 0.05)
    bars = (Bars("true 3", (70, 9)), Bars("true 8", (2, 77)))
    return (
        Confusion(("3", "8"), counts, threshold=0.5),
        Lines("roc", "ROC", "false positive rate", "true positive rate", (curve,), "threshold", "AUC", diagonal=True),
        Histogram("scores", "Scores", (0.0, 0.5, 1.0), (Spread("8", "probability of 8", bars),), 0.5),
        Lines("calibration", "Calibration", "predicted", "observed", (reliability,), "samples", "ECE", dots=True),
    )


def ten():
    labels = tuple(map(str, range(10)))
    counts = tuple(tuple(40 if row == column else (row + column) % 3 for column in range(10)) for row in range(10))
    curves = tuple(Curve(name, (0.0, 0.2, 1.0), (0.0, 0.7, 1.0), value=0.9) for name in (ALL, *labels))
    overall = Spread(ALL, "probability of the predicted class", (Bars("wrong", (3, 1)), Bars("right", (1, 30))))
    third = Spread("3", "probability of 3", (Bars("others", (30, 1)), Bars("true 3", (1, 3))))
    return (
        Confusion(labels, counts),
        Lines("roc", "ROC", "false positive rate", "true positive rate", curves, value="AUC"),
        Histogram("scores", "Scores", (0.0, 0.5, 1.0), (overall, third)),
    )


def found(results, subsets=SUBSETS, **values):
    metrics = {"f1": 0.9, "odd": 0.1, "accuracy": None}
    return Found(
        Source(run="a"), tuple(Analysis(subset=name, metrics=metrics, results=results) for name in subsets), **values
    )


@pytest.fixture
def pane(qtbot, session):
    pane = AnalysisPane(session)
    qtbot.addWidget(pane)
    pane.resize(300, 900)
    pane.show()
    return pane


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


# ---------------------------------------------------------------------------------------------- sections


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


# ---------------------------------------------------------------------------------------------- confusion matrix


def test_the_matrix_shows_counts_and_rates(pane):
    pane.show_found(found(two()))
    section = pane.section(Confusion)
    assert section.matrix.texts == [[("78", "98.7%"), ("1", "1.3%")], [("2", "2.5%"), ("77", "97.5%")]]
    before = section.matrix.grab().toImage()
    right, wrong = QPoint(80, 30), QPoint(before.width() - 20, 30)
    assert before.pixelColor(right) != before.pixelColor(wrong)
    section.rates.click()
    assert section.matrix.texts[0][0] == ("98.7%", "78")
    assert section.matrix.grab().toImage() != before
    assert section.matrix.words_of(Cell(1, 0)) == "true 8, predicted 3: 2\n2.5% of true 8\n2.5% of predicted 3"


def test_a_matrix_of_a_part_of_the_classes_says_so(pane):
    value = Confusion(("b", "d"), ((8, 1), (2, 7)), totals=(10, 9), classes=40)
    pane.show_found(found((value,)))
    section = pane.section(Confusion)
    assert section.hint.text() == "2 of 40 classes, those with most mistakes."
    assert section.matrix.texts[0] == [("8", "80.0%"), ("1", "10.0%")]
    assert section.matrix.words_of(Cell(0, 1)) == "true b, predicted d: 1\n10.0% of true b"
    assert section.matrix.words_of(Cell(ANY, 1)) == "predicted d"


@pytest.fixture
def matrix(qtbot):
    matrix = ConfusionMatrix()
    qtbot.addWidget(matrix)
    matrix.show_value(Confusion(("3", "8"), ((78, 1), (2, 77))))
    matrix.resize(280, matrix.heightForWidth(280))
    matrix.show()
    return matrix


@pytest.mark.parametrize(
    ("place", "cell"),
    [
        ((100, 40), Cell(0, 0)),
        ((250, 40), Cell(0, 1)),
        ((100, 100), Cell(1, 0)),
        ((20, 100), Cell(1, ANY)),
        ((250, 8), Cell(ANY, 1)),
        ((20, 8), None),
    ],
)
def test_a_click_chooses_a_cell_a_row_or_a_column(matrix, qtbot, place, cell):
    chosen = []
    matrix.chosen.connect(chosen.append)
    qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=QPoint(*place))
    assert chosen == ([cell] if cell else [])


def test_keys_go_from_cell_to_cell_and_say_where_they_are(matrix, qtbot):
    chosen = []
    matrix.chosen.connect(chosen.append)
    keys = Qt.Key
    for key in (keys.Key_Right, keys.Key_Down, keys.Key_Return, keys.Key_Right):
        qtbot.keyClick(matrix, key)
    assert matrix.accessibleDescription() == "true 8, predicted 8: 77, 97.5% of true 8, 98.7% of predicted 8"
    for key in (keys.Key_Left, keys.Key_Left, keys.Key_Space):
        qtbot.keyClick(matrix, key)
    assert matrix.accessibleDescription() == "true 8: 79"
    for key in (keys.Key_Up, keys.Key_Up, keys.Key_Right, keys.Key_Up, keys.Key_Enter):
        qtbot.keyClick(matrix, key)
    assert chosen == [Cell(1, 1), Cell(1, ANY), Cell(ANY, 0)]


def test_where_the_keys_are_is_seen(matrix, qtbot):
    matrix.clearFocus()
    before = matrix.grab().toImage()
    matrix.activateWindow()
    matrix.setFocus()
    qtbot.waitUntil(matrix.hasFocus)
    assert matrix.grab().toImage() != before


def test_a_matrix_of_a_hundred_classes_is_a_map(qtbot):
    matrix = ConfusionMatrix()
    qtbot.addWidget(matrix)
    labels = tuple(f"class {number}" for number in range(100))
    matrix.show_value(Confusion(labels, tuple(tuple(int(a == b) for b in range(100)) for a in range(100))))
    matrix.resize(300, matrix.heightForWidth(300))
    image = matrix.grab().toImage()
    on, off = (matrix.grid(300).area(Cell(0, column)).center().toPoint() for column in (0, 50))
    assert image.pixelColor(on) != image.pixelColor(off)
    assert matrix.height() < 300
    assert matrix.cell_at(matrix.grid(300).area(Cell(70, 20)).center()) == Cell(70, 20)


# ---------------------------------------------------------------------------------------------- plots


def test_classes_have_curves_of_their_own_or_together(pane):
    pane.show_found(found(ten()))
    roc, scores = pane.section(Lines, "roc").plot, pane.section(Histogram, "scores").plot
    assert pane.classes.isVisibleTo(pane)
    assert roc.texts == [f"{name} 0.900" for name in SUBSETS]
    assert [legend.text for legend in scores.legend()] == ["wrong  4", "right  31"]
    pane.choose_class(EACH)
    assert roc.texts == [f"{name} 0.900" for name in range(10)]
    assert len({(legend.look.color, legend.look.dashes) for legend in roc.legend()}) == 10
    pane.choose_class("3")
    assert [one.curve.label for one in roc.curves] == ["3"] * 3
    assert [legend.text for legend in scores.legend()] == ["others  31", "true 3  4"]
    pane.show_found(found(two()))
    assert not pane.classes.isVisibleTo(pane)
    assert roc.texts == [f"{name} 0.970" for name in SUBSETS]


def test_a_metric_that_is_not_finite_is_told_as_what_it_is():
    found = Analysis(subset="test", metrics={"far": None, "f1": 0.5, "auc": None}, nonfinite={"far": "-inf"})
    assert metric_rows((found,)) == [("f1", ["0.500"]), ("auc", ["–"]), ("far", ["−∞"])]


def test_subsets_are_told_apart_by_more_than_colour(pane):
    pane.show_found(found(two(), (*SUBSETS, "holdout", "wild")))
    looks = [legend.look for legend in pane.section(Lines, "roc").plot.legend()]
    assert len(set(looks)) == 5
    assert len({look.dashes for look in looks[:3]}) == 3


def test_the_pointer_reads_off_what_lies_nearest(pane, qtbot):
    pane.show_found(found(two(), ("test",)))
    plot = pane.section(Lines, "roc").plot
    qtbot.waitUntil(lambda: plot.height() == plot.heightForWidth(plot.width()))
    area = plot._area(plot.size().toSizeF())
    qtbot.mouseMove(plot, (area.at(0.12, 0.85)).toPoint())
    assert plot.read_out.splitlines() == [
        "test",
        "false positive rate 0.100",
        "true positive rate 0.900",
        "threshold 0.5",
    ]
    assert plot.accessibleDescription().startswith("test, false positive rate 0.100")
    qtbot.mouseMove(plot, area.at(0.01, 0.02).toPoint())
    assert "threshold" not in plot.read_out  # nothing is predicted there
    bars = pane.section(Histogram, "scores").plot
    qtbot.keyClick(bars, Qt.Key.Key_End)
    assert bars.read_out.splitlines() == ["0.5 – 1", "true 3  9 · 11.4%", "true 8  77 · 97.5%"]


def test_keys_walk_along_the_curves(pane, qtbot):
    pane.show_found(found(two()))
    plot = pane.section(Lines, "roc").plot
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(plot, key)
    assert plot.spot == Spot(1, 1)
    assert plot.read_out.startswith("validation")
    with_mark = plot.grab().toImage()
    qtbot.keyClick(plot, Qt.Key.Key_Escape)
    assert plot.spot is None
    assert plot.grab().toImage() != with_mark


def inked(image, color):
    """How many pixels have about a colour: the edges of lines are mixed with what lies behind them."""
    wanted = QColor(getattr(theme().tokens, color)).getRgb()
    all_pixels = (image.pixelColor(x, y).getRgb() for x in range(image.width()) for y in range(image.height()))
    return sum(sum(abs(one - other) for one, other in zip(pixel, wanted, strict=True)) < 60 for pixel in all_pixels)


@pytest.mark.parametrize("dark", [True, False])
def test_plots_take_the_colours_of_the_theme(pane, dark):
    theme().set_dark(dark)
    pane.show_found(found(two()))
    image = pane.section(Lines, "roc").plot.grab().toImage()
    assert inked(image, "train") > 20
    theme().set_dark(not dark)
    again = pane.section(Lines, "roc").plot.grab().toImage()
    assert again != image
    assert inked(again, "train") > 20


@pytest.mark.parametrize(
    ("axis", "texts"),
    [
        (Axis(), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (Axis(high=0.42, percent=True), ["0%", "10%", "20%", "30%", "40%"]),
        (Axis(low=-3, high=12), ["0", "5", "10"]),
        (Axis(low=0.5, high=0.6), ["0.50", "0.52", "0.54", "0.56", "0.58", "0.60"]),
        (Axis(low=0, high=0), ["0.0"]),
    ],
)
def test_an_axis_has_a_few_round_labels(axis, texts):
    assert [text for _, text in axis.ticks()][: len(texts)] == texts


# ---------------------------------------------------------------------------------------------- export


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


def test_points_are_where_the_values_say():
    from PySide6.QtCore import QRectF

    from niceml_gui.workspaces.runs.analysis.plot import Area

    area = Area(QRectF(10, 20, 100, 50), Axis(low=0, high=2), Axis(low=-1, high=1))
    assert area.at(0, -1) == QPointF(10, 70)
    assert area.at(2, 1) == QPointF(110, 20)
    assert area.at(1, 0) == QPointF(60, 45)
