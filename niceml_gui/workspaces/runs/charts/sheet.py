"""Charts as a picture for elsewhere, such as paper: with the names of runs, a key to the lines, and titled axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from niceml_gui import words
from niceml_gui.theme import style
from niceml_gui.theme.tokens import Tokens
from niceml_gui.workspaces.runs.charts.drawing import title_of
from niceml_gui.workspaces.runs.charts.key import ROW, Entry, entries_of, marks_of, paint_key, rows_of
from niceml_gui.workspaces.runs.charts.picture import Picture, paint_titled
from niceml_gui.workspaces.runs.charts.styles import NO_HUE, Shown

if TYPE_CHECKING:
    from niceml_gui.workspaces.runs.charts.chart import Chart

PAD = 12  #: pixels around the heading
HEADING = 22.0  #: pixels of the line that names the runs
HEADER = 28.0  #: pixels above a plot
LEFT, RIGHT, BELOW = 4, 8, 4  #: pixels around a plot
Placed = Sequence[tuple["Chart", QRect]]  #: charts, and where each lies below the heading


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Charts below a heading that says of what they are.

    Attributes:
        placed: The charts.
        pictures: What each of them shows.
        area: How large they are together.
        title: What stands above them.
        entries: What their lines and marks mean.
        tokens: In which colours.
    """

    placed: Placed
    pictures: Sequence[Picture]
    area: QSize
    title: str
    entries: Sequence[Entry]
    tokens: Tokens

    @classmethod
    def of(cls, placed: Placed, area: QSize, shown: Sequence[Shown], name: str, tokens: Tokens) -> Sheet:
        """The sheet of some charts.

        Args:
            placed: The charts.
            area: How large they are together.
            shown: The runs that they show.
            name: Of the run, if none is compared with another.
            tokens: In which colours.
        """
        curves = [curve for chart, _ in placed for curve in chart.curves()]
        pictures = [chart.picture(_plot(QRectF(place)), tokens) for chart, place in placed]
        return cls(
            placed,
            pictures,
            area,
            name if all(one.hue == NO_HUE for one in shown) else words.counted(len(shown), "run"),
            [*entries_of(shown, {curve.key.split for curve in curves}, tokens), *marks_of(pictures, tokens)],
            tokens,
        )

    @property
    def heading(self) -> int:
        """How high the heading is."""
        rows = rows_of(self.entries, self.area.width() - 2 * PAD)
        return round(PAD + HEADING + len(rows) * ROW + 4)

    @property
    def size(self) -> QSize:
        """How large it is."""
        return self.area + QSize(0, self.heading)

    def paint(self, painter: QPainter) -> None:
        """Paints all of it."""
        painter.fillRect(QRect(0, 0, self.size.width(), self.size.height()), QColor(self.tokens.panel))
        width = self.area.width() - 2.0 * PAD
        line = QRectF(PAD, PAD, width, HEADING)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(style.font(weight=QFont.Weight.DemiBold))
        painter.setPen(QColor(self.tokens.text))
        metrics = QFontMetricsF(painter.font())
        painter.drawText(line, middle, metrics.elidedText(self.title, Qt.TextElideMode.ElideMiddle, width))
        paint_key(painter, QPointF(PAD, PAD + HEADING), width, self.entries, self.tokens)
        for (chart, place), picture in zip(self.placed, self.pictures, strict=True):
            self._paint_chart(painter, QRectF(place.translated(0, self.heading)), chart, picture)

    def _paint_chart(self, painter: QPainter, area: QRectF, chart: Chart, picture: Picture) -> None:
        painter.setFont(style.font(weight=QFont.Weight.DemiBold))
        painter.setPen(QColor(self.tokens.text))
        line = QRectF(area.left() + PAD, area.top(), area.width() - 2 * PAD, HEADER)
        middle, title = Qt.AlignmentFlag.AlignVCenter, title_of(chart.quantity)
        painter.drawText(line, middle, title)
        free = line.width() - QFontMetricsF(painter.font()).horizontalAdvance(title) - PAD
        painter.setFont(style.font(11))
        painter.setPen(QColor(self.tokens.muted))
        fits = (aside for aside in _asides(chart) if QFontMetricsF(painter.font()).horizontalAdvance(aside) < free)
        painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, next(fits, ""))
        paint_titled(painter, _plot(area), picture, self.tokens)


def _plot(area: QRectF) -> QRectF:
    return area.adjusted(LEFT, HEADER, -RIGHT, -BELOW)


def _asides(chart: Chart) -> tuple[str, ...]:
    """What is said of a chart beside its title, at length and in short; nothing where no curve is averaged."""
    settings = chart.view.settings
    if all(curve.smoothed(settings) is None for curve in chart.curves()):
        return ()
    short = f"smoothed {settings.smoothing:g}"
    return f"{short} (moving average)", short


def image_of(sheet: Sheet, ratio: float) -> QImage:
    """A sheet as a picture, with so many pixels for each of its own."""
    image = QImage(sheet.size * ratio, QImage.Format.Format_ARGB32)
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    sheet.paint(painter)
    painter.end()
    return image


def save_picture(sheet: Sheet, file: str, ratio: float = 1.0) -> bool:
    """Saves a sheet as SVG or, by any other ending, as a picture of pixels.

    Returns:
        Whether the file could be written.
    """
    if not file.lower().endswith(".svg"):
        return image_of(sheet, ratio).save(file)
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)  # the smaller SVG of the default cannot clip
    generator.setFileName(file)
    generator.setResolution(96)  # else text is scaled as if for a printer
    generator.setSize(sheet.size)
    generator.setViewBox(QRect(0, 0, sheet.size.width(), sheet.size.height()))
    names = ", ".join(title_of(chart.quantity) for chart, _ in sheet.placed)
    generator.setTitle(f"{sheet.title}: {names}" if sheet.title else names)
    painter = QPainter()
    if not painter.begin(generator):
        return False
    sheet.paint(painter)
    painter.end()
    return True
