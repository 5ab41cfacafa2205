"""Curves and bars of an analysis: how they are told apart and read off."""

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor

from niceml_engine.events import Analysis
from niceml_engine.results import Histogram, Lines
from niceml_gui.theme import theme
from niceml_gui.workspaces.runs.analysis.plot import Area, Axis, Spot
from niceml_gui.workspaces.runs.analysis.section import EACH
from niceml_gui.workspaces.runs.analysis.tables import metric_rows
from tests.gui.analysed import SUBSETS, found, ten, two


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


def test_points_are_where_the_values_say():
    area = Area(QRectF(10, 20, 100, 50), Axis(low=0, high=2), Axis(low=-1, high=1))
    assert area.at(0, -1) == QPointF(10, 70)
    assert area.at(2, 1) == QPointF(110, 20)
    assert area.at(1, 0) == QPointF(60, 45)
