"""What analysis found, painted: the confusion matrix and the receiver operating characteristic."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from niceml_engine.events import Analysis, Curve
from niceml_gui.theme import style, theme
from niceml_gui.theme.tokens import Tokens

CELL = 52
LEFT = 64
TOP = 22
CENTRE = Qt.AlignmentFlag.AlignCenter


def blend(color: str, other: str, part: float) -> QColor:
    """A colour between two: `part` 0 is the first, 1 the second."""
    one, two = QColor(color), QColor(other)
    pairs = ((one.red(), two.red()), (one.green(), two.green()), (one.blue(), two.blue()))
    return QColor(*(round(a + (b - a) * part) for a, b in pairs))


def cells(confusion: tuple[tuple[int, ...], ...]) -> list[list[tuple[int, float]]]:
    """Count and share of its true class (0 to 1) of each cell."""
    return [[(count, count / sum(row) if sum(row) else 0.0) for count in row] for row in confusion]


def subset_color(subset: str, tokens: Tokens) -> str:
    """The colour of a subset's curve, the same wherever it is drawn."""
    if subset.startswith("train"):
        return tokens.train
    return tokens.prediction if subset.startswith("val") else tokens.exptests


def subset_pen(subset: str) -> Qt.PenStyle:
    """The dashes of a subset's curve: never the colour alone tells them apart."""
    if subset.startswith("train"):
        return Qt.PenStyle.SolidLine
    return Qt.PenStyle.DashLine if subset.startswith("val") else Qt.PenStyle.DotLine


class ConfusionMatrix(QWidget):
    """Counts with the shares of their true classes; or the other way round."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._analysis = Analysis(subset="", metrics={})
        self.rates_first = False
        self.setAccessibleName("Confusion matrix")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def show_analysis(self, analysis: Analysis, rates_first: bool) -> None:
        """Shows the matrix of one subset."""
        self._analysis, self.rates_first = analysis, rates_first
        self.setFixedHeight(TOP + len(analysis.confusion) * self._cell_height() + 2)
        self.setAccessibleDescription(
            "; ".join(f"true {name}: {row}" for name, row in zip(self._labels(), analysis.confusion, strict=True))
        )
        self.setToolTip("Rows: true class. Columns: predicted class. Shares are of the true class.")
        self.update()

    @property
    def texts(self) -> list[list[tuple[str, str]]]:
        """The large and the small text of each cell."""
        pairs = [[(str(count), f"{rate:.1%}") for count, rate in row] for row in cells(self._analysis.confusion)]
        return [[(b, a) if self.rates_first else (a, b) for a, b in row] for row in pairs]

    def sizeHint(self) -> QSize:
        """As high as the classes need."""
        return QSize(300, max(self.height(), TOP))

    def _labels(self) -> tuple[str, ...]:
        count = len(self._analysis.confusion)
        labels = self._analysis.labels
        return labels if len(labels) == count else tuple(str(number) for number in range(count))

    def _cell_height(self) -> int:
        count = max(len(self._analysis.confusion), 1)
        return CELL if count <= 3 else max(CELL * 4 // count, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the cells; the darker, the larger the share."""
        tokens = theme().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rows = cells(self._analysis.confusion)
        if not rows:
            return
        labels, texts = self._labels(), self.texts
        width, height = (self.width() - LEFT) / len(rows), self._cell_height()
        small, large = style.font(11.5), style.font(13, weight=QFont.Weight.DemiBold)
        metrics = QFontMetrics(small)
        roomy = height >= 40 and width >= 56
        for index, name in enumerate(labels):
            painter.setFont(small)
            painter.setPen(QColor(tokens.muted))
            head = metrics.elidedText(
                f"predicted {name}" if width > 84 else name, Qt.TextElideMode.ElideRight, int(width)
            )
            painter.drawText(QRectF(LEFT + index * width, 0, width, TOP), CENTRE, head)
            side = metrics.elidedText(f"true {name}", Qt.TextElideMode.ElideRight, LEFT - 8)
            middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            painter.drawText(QRectF(0, TOP + index * height, LEFT - 4, height), middle, side)
        for row, line in enumerate(rows):
            for column, (_, rate) in enumerate(line):
                area = QRectF(LEFT + column * width, TOP + row * height, width, height).adjusted(1.5, 1.5, -1.5, -1.5)
                painter.setPen(Qt.PenStyle.NoPen)
                fill = blend(tokens.raised, tokens.accent, 0.08 + 0.6 * rate)
                painter.setBrush(fill)
                painter.drawRoundedRect(area, 5, 5)
                painter.setPen(QColor("#ffffff" if fill.lightnessF() < 0.52 else "#10151d"))
                first, second = texts[row][column]
                painter.setFont(large if roomy else small)
                painter.drawText(area.adjusted(0, 0, 0, -height * 0.36) if roomy else area, CENTRE, first)
                if roomy:
                    painter.setFont(small)
                    painter.drawText(area.adjusted(0, height * 0.4, 0, 0), CENTRE, second)


class RocPlot(QWidget):
    """The curves of all subsets in one square, with the area under each."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curves: list[tuple[str, Curve]] = []
        self.setAccessibleName("Receiver operating characteristic")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(170)
        theme().changed.connect(self.update)

    def show_analyses(self, analyses: tuple[Analysis, ...]) -> None:
        """Shows the curves of some subsets."""
        self._curves = [(analysis.subset, curve) for analysis in analyses for curve in analysis.roc]
        self.setAccessibleDescription("; ".join(self.labels))
        self.update()

    @property
    def labels(self) -> list[str]:
        """What stands beside the curves."""
        several = len({curve.label for _, curve in self._curves}) > 1
        parts = [
            (subset, curve.label if several else "", "" if curve.area is None else f"{curve.area:.3f}")
            for subset, curve in self._curves
        ]
        return [" ".join(part for part in texts if part) for texts in parts]

    def sizeHint(self) -> QSize:
        """Nearly square."""
        return QSize(280, 230)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints frame, diagonal, curves and their areas."""
        tokens = theme().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(22, 4, self.width() - 26, self.height() - 26)
        painter.setPen(QPen(QColor(tokens.line), 1))
        painter.drawRect(area)
        painter.setPen(QPen(QColor(tokens.line), 1, Qt.PenStyle.DashLine))
        painter.drawLine(area.bottomLeft(), area.topRight())
        small = style.font(11)
        painter.setFont(small)
        painter.setPen(QColor(tokens.muted))
        painter.drawText(QRectF(area.left(), area.bottom() + 4, area.width(), 18), CENTRE, "false positive rate")
        painter.save()
        painter.translate(8, area.center().y())
        painter.rotate(-90)
        painter.drawText(QRectF(-80, -9, 160, 18), CENTRE, "true positive rate")
        painter.restore()
        painter.save()
        painter.setClipRect(area.adjusted(-1, -1, 1, 1))
        for subset, curve in self._curves:
            x, y = np.asarray(curve.x), np.asarray(curve.y)
            points = [
                QPointF(area.left() + float(a) * area.width(), area.bottom() - float(b) * area.height())
                for a, b in zip(x, y, strict=True)
            ]
            painter.setPen(QPen(QColor(subset_color(subset, tokens)), 1.6, subset_pen(subset)))
            painter.drawPolyline(QPolygonF(points))
        painter.restore()
        metrics = QFontMetrics(small)
        shown = list(zip(self.labels, self._curves, strict=True))[:8]
        top = area.bottom() - 10 - 17 * len(shown)
        left = area.right() - 12 - max((metrics.horizontalAdvance(text) for text, _ in shown), default=0)
        for row, (text, (subset, _)) in enumerate(shown):
            color = QColor(subset_color(subset, tokens))
            middle = top + 17 * row + 9
            painter.setPen(QPen(color, 1.6, subset_pen(subset)))
            painter.drawLine(QPointF(left - 26, middle), QPointF(left - 6, middle))
            painter.drawText(QPointF(left, middle + 4), text)
