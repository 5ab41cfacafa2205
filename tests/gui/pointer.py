"""A pointer over a chart, for tests."""

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton


def pixels(widget, color):
    image = widget.grab().toImage()
    wanted = QColor(color).rgb()
    return sum(image.pixel(x, y) == wanted for x in range(image.width()) for y in range(image.height()))


def in_view(chart):
    return chart.canvas.picture.low, chart.canvas.picture.high


def turn(chart, *, at=None, keys=Qt.KeyboardModifier.NoModifier, by=120):
    canvas = chart.canvas
    place = QPointF(at if at is not None else canvas.rect().center())
    where = QPointF(canvas.mapToGlobal(place.toPoint()))
    event = QWheelEvent(
        place, where, QPoint(), QPoint(0, by), Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(canvas, event)


def drag(canvas, start, end, button=LEFT, keys=Qt.KeyboardModifier.NoModifier):
    QTest.mousePress(canvas, button, keys, start)
    for part in (0.3, 0.7, 1.0):
        QTest.mouseMove(canvas, start + (end - start) * part)
    QTest.mouseRelease(canvas, button, keys, end)


def at(chart, x, y=None):
    frame = chart.canvas.frame
    return QPoint(round(frame.x(x)), round(frame.y(y) if y is not None else frame.top + frame.height / 2))


def shown_at(chart, x):
    """What the crosshair says where the pointer is over a chart."""
    place = at(chart, x)
    QTest.mouseMove(chart.canvas, place + QPoint(1, 0))
    QTest.mouseMove(chart.canvas, place)
    return chart.read_out
