"""How a row of the list of runs looks: two lines for a run or a sweep, one for a heading."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from time import time

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from niceml_gui import words
from niceml_gui.theme import icons, style, theme
from niceml_gui.workspaces.runs.listing.lines import (
    Fits,
    fitting,
    overrides_line,
    program_line,
    second_line,
    sweep_line,
    swept_line,
    tag_line,
)
from niceml_gui.workspaces.runs.listing.model import ROW, TICKED
from niceml_gui.workspaces.runs.listing.rows import Heading, One, Row, Sweep, summaries
from niceml_gui.workspaces.runs.op_strip import ICONS

Index = QModelIndex | QPersistentModelIndex
HEIGHT = 52
HEADING = 26
LEFT, INDENT = 34, 14
TICK = 14  #: pixels of the box that a run is ticked in to be compared
TICK_LEFT = 10
ARROW = 16  #: pixels that the mark of a sweep takes
_MARKED = QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected  #: a faint box would not be seen there
RIGHT_OF = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT_OF = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class RunDelegate(QStyledItemDelegate):
    """Paints headings, sweeps and runs."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """All runs and sweeps are equally high."""
        return QSize(120, HEADING if isinstance(index.data(ROW), Heading) else HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paints a row, with an accent bar beside the selected one."""
        tokens = theme().tokens
        row: Row = index.data(ROW)
        area, flags = QRect(option.rect), option.state
        painter.save()
        if isinstance(row, Heading):
            _paint_heading(painter, area, row)
            painter.restore()
            return
        if flags & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, QColor(tokens.selection))
            painter.fillRect(QRect(area.left(), area.top(), 2, area.height()), QColor(tokens.accent))
        elif flags & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, QColor(tokens.raised))
        painter.fillRect(QRect(area.left(), area.bottom(), area.width(), 1), QColor(tokens.line))
        _paint_tick(painter, area, row, index, bool(flags & _MARKED))
        inner = area.adjusted(LEFT, 7, -14, -8)
        now = time()
        if isinstance(row, Sweep):
            mark = "chevron-down" if row.is_open else "chevron-right"
            pixmap = icons.pixmap(mark, tokens.muted, 12, painter.device().devicePixelRatioF())
            painter.drawPixmap(inner.left() - 2, inner.top() + 4, pixmap)
            moment = "followed" if row.followed else words.moment(max(state.created for state in row.runs), now)
            inner.adjust(ARROW, 0, 0, 0)
            _paint_status(painter, area, row.status, words.status_color(row.status, tokens))
            second = partial(fitting, summaries(row))
            shorten = _whole if row.has_name else sweep_line
            _paint_lines(painter, inner, shorten, second, name=row.apart, tags=row.tags, moment=moment)
        else:
            if row.inside:
                inner.adjust(INDENT, 0, 0, 0)
            state = row.state
            word = "" if row.place and not state.stopping else words.status(state)  # that it waits is told by its place
            color = str(getattr(tokens, words.token(state)))
            last = _place(row.place) if row.place else words.moment(state.created, now)
            name = words.told(state, row.shared)
            said = "" if state.stopping else words.subtitle(state, now)
            _paint_status(painter, area, state.status, color)
            shorten = partial(swept_line, longest=row.longest) if row.inside else _whole
            if not row.inside and name != words.title(state):
                shorten = program_line
            second = partial(second_line, word, said, again=words.again(state))
            if row.given and said and not words.again(state):
                second = partial(overrides_line, row.given)
            _paint_lines(painter, inner, shorten, second, name=name, tags=row.tags, moment=last)
        painter.restore()

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Puts the editor over the name."""
        area = QRect(option.rect)
        editor.setGeometry(area.adjusted(6, 4, -6, -HEIGHT // 2 + 4))


def in_tick(place: QPoint, area: QRect) -> bool:
    """Whether a place of a row is where its tick is."""
    return place.x() < area.left() + TICK_LEFT + TICK + 6


def _paint_tick(painter: QPainter, area: QRect, row: Sweep | One, index: Index, marked: bool) -> None:
    """A box: empty, or filled with the colour that the run has in the charts; of a sweep in part, with a dash."""
    tokens, ticked = theme().tokens, index.data(TICKED)
    box = QRectF(area.left() + TICK_LEFT, area.top() + 10, TICK, TICK)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    color = QColor(ticked.color or (tokens.muted if marked else tokens.line))
    painter.setPen(QPen(color, 1.2))
    painter.setBrush(color if ticked.whole else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box, 4, 4)
    if ticked.whole:
        painter.setPen(QPen(QColor(tokens.panel), 1.8))
        painter.drawPolyline([box.topLeft() + QPointF(x, y) for x, y in ((3.5, 7.5), (6, 10), (10.5, 4.5))])
    elif ticked.color:
        painter.setPen(QPen(color, 2))
        painter.drawLine(box.topLeft() + QPointF(4, 7), box.topLeft() + QPointF(10, 7))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _whole(name: str, fits: Fits) -> str:
    """A name as it is."""
    return name


def _place(place: int) -> str:
    return "next" if place == 1 else f"#{place}"


def _paint_heading(painter: QPainter, area: QRect, row: Heading) -> None:
    tokens = theme().tokens
    font = style.font(11.5, weight=QFont.Weight.DemiBold)
    inner = area.adjusted(TICK_LEFT + 2, 4, -14, 0)
    painter.setFont(font)
    painter.setPen(QColor(tokens.muted))
    painter.drawText(inner, LEFT_OF, row.title.upper())
    painter.setFont(style.font(11.5))
    painter.drawText(inner, RIGHT_OF, row.counted)


def _paint_status(painter: QPainter, area: QRect, status: str, color: str) -> None:
    """The mark of a run's state, below its tick: the lines beside it are left to what tells runs apart."""
    mark = ICONS.get("running" if status == "starting" else status, "ring")
    pixmap = icons.pixmap(mark, color, TICK, painter.device().devicePixelRatioF())
    painter.drawPixmap(area.left() + TICK_LEFT, area.top() + 29, pixmap)


def _paint_lines(
    painter: QPainter,
    inner: QRect,
    shorten: Callable[[str, Fits], str],
    second: Callable[[Fits], str],
    *,
    name: str,
    tags: Sequence[str],
    moment: str,
) -> None:
    """A name with as many tags beside it as it leaves room for; below, how it goes, and when."""
    tokens = theme().tokens
    half = inner.height() // 2
    top = QRect(inner.left(), inner.top(), inner.width(), half)
    bottom = QRect(inner.left(), inner.top() + half, inner.width(), half)
    small, mono = style.font(12), style.mono(12.5)
    measure, measure_mono = QFontMetrics(small), QFontMetrics(mono)
    painter.setFont(small)
    painter.setPen(QColor(tokens.muted))
    painter.drawText(bottom, RIGHT_OF, moment)
    bottom.adjust(0, 0, -measure.horizontalAdvance(moment) - 8, 0)
    text = second(lambda text: measure.horizontalAdvance(text) <= bottom.width())
    painter.drawText(bottom, LEFT_OF, measure.elidedText(text, Qt.TextElideMode.ElideRight, bottom.width()))
    free = top.width() - measure_mono.horizontalAdvance(name) - 8
    marked = tag_line(tags, lambda text: measure.horizontalAdvance(text) <= free)
    painter.drawText(top, RIGHT_OF, marked)
    if marked:
        top.adjust(0, 0, -measure.horizontalAdvance(marked) - 8, 0)
    painter.setFont(mono)
    painter.setPen(QColor(tokens.text))
    name = shorten(name, lambda text: measure_mono.horizontalAdvance(text) <= top.width())
    short = measure_mono.elidedText(name, Qt.TextElideMode.ElideMiddle, top.width())
    painter.drawText(top, LEFT_OF, short.replace("……", "…"))
