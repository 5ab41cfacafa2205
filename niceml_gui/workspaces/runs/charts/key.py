"""The key to charts: which colour is which run, that validation is dashed, and what is marked on the lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from niceml_gui.theme import style, theme
from niceml_gui.theme.tokens import Tokens
from niceml_gui.workspaces.runs.charts.picture import Picture, flag_color, paint_dot, paint_flag
from niceml_gui.workspaces.runs.charts.styles import NO_HUE, SHORT, Shown, hue_color, look_of
from niceml_gui.workspaces.runs.measured import Split

LINE, MARK, BESIDE, APART = 22.0, 9.0, 6.0, 16.0  #: pixels: of a line, of a mark, to its name, and to the next
ROW = 18.0  #: pixels


@dataclass(frozen=True, slots=True)
class Entry:
    """A line, or what is marked on lines, and what it is called."""

    text: str
    color: str
    dashed: bool = False
    mark: Literal["line", "dot", "ring", "flag"] = "line"

    @property
    def begin(self) -> float:
        """Where the text begins, in pixels."""
        return (LINE if self.mark == "line" else MARK) + BESIDE


def entries_of(shown: Sequence[Shown], splits: Iterable[Split], tokens: Tokens) -> list[Entry]:
    """What the lines of some runs mean.

    Args:
        shown: The runs.
        splits: What of them is drawn.
        tokens: The theme.
    """
    drawn = [split for split in SHORT if split in set(splits)]
    if all(one.hue == NO_HUE for one in shown):
        looks = {split: look_of(shown[0], split, tokens) for split in drawn} if shown else {}
        return [Entry(split, look.color, look.dashed) for split, look in looks.items()]
    named = dict.fromkeys((one.group, one.group_hue) if one.group else (one.name or one.run, one.hue) for one in shown)
    apart = [Entry(split, tokens.muted, split == "validation") for split in drawn if len(drawn) > 1]
    return [Entry(name, hue_color(hue, tokens)) for name, hue in named] + apart


def marks_of(pictures: Iterable[Picture], tokens: Tokens) -> list[Entry]:
    """What is marked on the lines of some pictures, as far as it is in view.

    Args:
        pictures: The pictures.
        tokens: The theme.
    """
    points: dict[tuple[str, bool], set[str]] = {}
    flags: dict[str, Entry] = {}
    for picture in pictures:
        for dots in picture.dots:
            if ((dots.x >= picture.low) & (dots.x <= picture.high)).any():
                points.setdefault((dots.text, dots.ring), set()).add(dots.color)
        for flag in picture.flags:
            flags.setdefault(flag.kind, Entry(flag.kind, flag_color(flag.kind, tokens), mark="flag"))
    marks = [
        Entry(text, colors.pop() if len(colors) == 1 else tokens.muted, mark="ring" if ring else "dot")
        for (text, ring), colors in sorted(points.items(), key=lambda point: point[0][1])
    ]
    return [*marks, *flags.values()]


def rows_of(entries: Sequence[Entry], width: float) -> list[list[tuple[float, Entry]]]:
    """Entries from left to right in as many rows as they need, each with where it begins."""
    metrics = QFontMetricsF(style.font(11))
    rows: list[list[tuple[float, Entry]]] = []
    x = 0.0
    for entry in entries:
        wide = entry.begin + metrics.horizontalAdvance(entry.text)
        if not rows or x + wide > width:
            rows.append([])
            x = 0.0
        rows[-1].append((x, entry))
        x += wide + APART
    return rows


def paint_key(painter: QPainter, place: QPointF, width: float, entries: Sequence[Entry], tokens: Tokens) -> None:
    """Paints entries below each other and side by side; names that are wider than all of it are elided."""
    painter.setFont(style.font(11))
    metrics = QFontMetricsF(painter.font())
    for start, entry, area in _placed(place, width, entries):
        _paint_mark(painter, start, entry, tokens)
        painter.setPen(QColor(tokens.text))
        text = metrics.elidedText(entry.text, Qt.TextElideMode.ElideMiddle, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


def _paint_mark(painter: QPainter, start: QPointF, entry: Entry, tokens: Tokens) -> None:
    if entry.mark == "line":
        dashes = Qt.PenStyle.DashLine if entry.dashed else Qt.PenStyle.SolidLine
        painter.setPen(QPen(QColor(entry.color), 2, dashes))
        painter.drawLine(start, start + QPointF(LINE, 0))
    elif entry.mark == "flag":
        paint_flag(painter, start + QPointF(MARK / 2 - 2, ROW / 2 - 4), entry.text, tokens)
    else:
        paint_dot(painter, start + QPointF(MARK / 2, 0), entry.color, tokens, ring=entry.mark == "ring")


def _placed(place: QPointF, width: float, entries: Sequence[Entry]) -> Iterator[tuple[QPointF, Entry, QRectF]]:
    for number, row in enumerate(rows_of(entries, width)):
        top = place.y() + number * ROW
        for x, entry in row:
            begin = x + entry.begin
            yield (
                QPointF(place.x() + x, top + ROW / 2),
                entry,
                QRectF(place.x() + begin, top, width - begin, ROW),
            )


class SplitsKey(QWidget):
    """Says in the head of a chart that validation is dashed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._splits: tuple[Split, ...] = ()
        self.setAccessibleName("Key")
        self.hide()

    @property
    def texts(self) -> list[str]:
        """What is named."""
        return [entry.text for entry in self._entries()]

    def show_splits(self, splits: Iterable[Split]) -> None:
        """Shows the key to what is drawn, if there is more than one."""
        self._splits = tuple(split for split in SHORT if split in set(splits))
        self.setAccessibleDescription(
            ", ".join(f"{one.text} {'dashed' if one.dashed else 'solid'}" for one in self._entries())
        )
        self.setVisible(bool(self._entries()))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for one row."""
        metrics = QFontMetricsF(style.font(11))
        wide = [LINE + BESIDE + metrics.horizontalAdvance(text) for text in self.texts]
        return QSize(round(sum(wide) + APART * max(len(wide) - 1, 0)) + 1, round(ROW))

    def minimumSizeHint(self) -> QSize:
        """It is whole or not there."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the entries."""
        with QPainter(self) as painter:
            place = QPointF(0, (self.height() - ROW) / 2)
            paint_key(painter, place, self.width() + 1, self._entries(), theme().tokens)

    def _entries(self) -> list[Entry]:
        color, several = theme().tokens.muted, len(self._splits) > 1
        return [Entry(SHORT[split], color, split == "validation") for split in self._splits if several]
