"""The confusion matrix: counts and rates, cells that are chosen, and many classes."""

import pytest
from PySide6.QtCore import QPoint, Qt

from niceml_engine.results import Confusion
from niceml_gui.workspaces.runs.analysis.confusion import ANY, Cell, ConfusionMatrix
from tests.gui.analysed import found, two


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


def test_a_class_without_samples_has_no_rates(matrix):
    matrix.show_value(Confusion(("3", "8"), ((4, 1), (0, 0))))
    assert matrix.texts == [[("4", "80.0%"), ("1", "20.0%")], [("0", "–"), ("0", "–")]]
    matrix.show_rates(True)
    assert matrix.texts[1] == [("–", "0"), ("–", "0")]
    assert not matrix.grab().isNull()


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
