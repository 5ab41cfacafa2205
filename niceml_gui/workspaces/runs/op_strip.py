"""The ops of a job as a strip of cards, from left to right as they run; drawn before the run, too."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from niceml_gui import words
from niceml_gui.theme import icons, style, theme
from niceml_gui.workspaces.runs.progress import facts, in_full
from niceml_gui.workspaces.runs.record import OpState

GAP = 20  #: between two cards; an arrow stands in it
MARGIN = 12
HEIGHT = 102
NARROW = 156  #: below this width a card's mark stands in the place of its dot, to have room for the name
NAMES = (11.5, 11.0, 10.5, 10.0)  #: pixels of a name where there is little room for it: the largest that fits
MORE = 22  #: pixels of the mark that opens a card's menu
SWEEP = 5  #: seconds in which the mark of an op that does not know how far it is goes along its bar
TINY = 100  #: below this width there is neither: the bar has the op's colour, the words say the rest
_STEPS = {Qt.Key.Key_Left.value: -1, Qt.Key.Key_Right.value: 1}
ICONS = {
    "succeeded": "check",
    "running": "half",
    "failed": "error",
    "stopped": "stop",
    "waiting": "ring",
    "kept": "check",
}


def describe(op: OpState, now: float) -> str:
    """The same as one text."""
    return " · ".join(facts(op, now))


def shown(parts: list[str], width: Callable[[str], int], room: int, lines: int) -> str:
    """Parts in lines that break only between them; where there is no room for all, the last but one is left out first.

    Args:
        parts: What is to be said, the most important first and last.
        width: Of a text, in pixels.
        room: Pixels of a line.
        lines: How many lines there is room for.
    """
    packed: list[str] = []
    for part in parts:
        if packed and width(longer := f"{packed[-1]} · {part}") <= room:
            packed[-1] = longer
        else:
            packed.append(part)
    if len(packed) > lines and len(parts) > lines:
        fewer = [*parts[:-2], parts[-1]] if len(parts) > 2 else parts[:lines]
        return shown(fewer, width, room, lines)
    return "\n".join(packed[:lines])


class OpStrip(QWidget):
    """Cards in the order of the job, with arrows between them; a click selects one, and a double click opens it."""

    selected = Signal(str)  #: an op
    opened = Signal(str)  #: an op is to be shown where it is configured
    menu_wanted = Signal(str, QPoint)  #: what can be done with an op is to be shown at a global place

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ops: tuple[OpState, ...] = ()
        self._now = 0.0
        self._chosen = ""
        self._hovered = ""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("Ops of the run")
        theme().changed.connect(self.update)

    def set_ops(self, ops: tuple[OpState, ...], now: float) -> None:
        """Shows ops as they stand at a time (seconds since the epoch)."""
        texts = [f"{op.name}: {describe(op, now)}" for op in ops]
        if texts != [f"{op.name}: {describe(op, self._now)}" for op in self._ops] or ops != self._ops:
            self._ops, self._now = ops, now
            self.setAccessibleDescription("; ".join(texts))
            self.update()

    def choose(self, op: str) -> None:
        """Selects an op, without telling of it."""
        if op != self._chosen:
            self._chosen = op
            self.update()

    @property
    def chosen(self) -> str:
        """The selected op; empty without one."""
        return self._chosen

    @property
    def texts(self) -> list[str]:
        """What each card says."""
        return [describe(op, self._now) for op in self._ops]

    def sizeHint(self) -> QSize:
        """Wide enough to read the names."""
        return QSize(600, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints cards and arrows."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(theme().tokens.background))
        before = 0.0
        for index, (op, area) in enumerate(zip(self._ops, self._areas(), strict=True)):
            self._paint_card(painter, op, area)
            if index:
                passed = self._ops[index - 1].status in ("succeeded", "kept")
                self._paint_arrow(painter, before, area.left(), area.center().y(), passed)
            before = area.right()

    def event(self, event: QEvent) -> bool:
        """Tells all about the op under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            op = self._at(event.pos())
            QToolTip.showText(event.globalPos(), "" if op is None else self._tip(op), self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Selects the op that is clicked, or shows its menu where that is clicked."""
        place = event.position().toPoint()
        op = self._at(place)
        if op is not None and event.button() == Qt.MouseButton.LeftButton and self._more(op).contains(QPointF(place)):
            self._show_menu(op)
        else:
            self._choose(op)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Shows what can be done with an op: the one below the pointer, by keyboard the selected one."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            op = next((one for one in self._ops if one.name == self._chosen), None)
        else:
            op = self._at(event.pos())
        if op is not None:
            self._show_menu(op, None if event.reason() == QContextMenuEvent.Reason.Keyboard else event.globalPos())

    def _show_menu(self, op: OpState, place: QPoint | None = None) -> None:
        corner = self._more(op).bottomLeft().toPoint()
        self.menu_wanted.emit(op.name, place if place is not None else self.mapToGlobal(corner))

    def _more(self, op: OpState) -> QRectF:
        """Where a card has the mark of its menu; where there is little room, only while the card is pointed at."""
        area = self._areas()[self._ops.index(op)]
        narrow = area.width() < NARROW
        if self._is_cramped(op, area):
            if op.name not in (self._hovered, self._chosen):
                return QRectF()
            return QRectF(area.right() - 3 - MORE, area.bottom() - 18 - MORE, MORE, MORE)
        right, top = (area.right() - 4, area.top() + 26) if narrow else (area.right() - 28, area.top() + 6)
        return QRectF(right - MORE, top, MORE, MORE)

    def _is_cramped(self, op: OpState, area: QRectF) -> bool:
        """Whether the words of a card take the room of the mark of its menu."""
        return area.width() < TINY or (area.width() < NARROW and op.status == "running")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Offers the menu of the card under the pointer."""
        self._hover(self._at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        """Offers no menu any more."""
        self._hover(None)

    def _hover(self, op: OpState | None) -> None:
        hovered = op.name if op is not None else ""
        if hovered != self._hovered:
            self._hovered = hovered
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Shows where the op is configured."""
        op = self._at(event.position().toPoint())
        if op is not None:
            self.opened.emit(op.name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Goes to the next op, or shows where it is configured."""
        names, key = [op.name for op in self._ops], event.key()
        if key in _STEPS and names:
            at = names.index(self._chosen) + _STEPS[key] if self._chosen in names else 0
            self._choose(self._ops[min(max(at, 0), len(names) - 1)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._chosen in names:
            self.opened.emit(self._chosen)
        else:
            super().keyPressEvent(event)

    def _choose(self, op: OpState | None) -> None:
        if op is not None:
            self.choose(op.name)
            self.selected.emit(op.name)

    def _areas(self) -> list[QRectF]:
        count = len(self._ops)
        if not count:
            return []
        margin, gap = (MARGIN, GAP) if self.width() >= count * (TINY + GAP) else (8, 12)
        width = (self.width() - 2 * margin - gap * (count - 1)) / count
        return [QRectF(margin + index * (width + gap), 11, width, self.height() - 22) for index in range(count)]

    def _at(self, place: QPoint) -> OpState | None:
        areas = zip(self._ops, self._areas(), strict=True)
        return next((op for op, area in areas if area.contains(QPointF(place))), None)

    def _tip(self, op: OpState) -> str:
        is_kept = op.kept or op.status == "kept"
        before = ["done by the run that this one goes on from"] if is_kept else []
        before += [
            f"attempt {number}: {one.status} after {words.duration(one.seconds)}"
            for number, one in enumerate(op.attempts, 1)
        ]
        return "\n".join([in_full(op, self._now), *before, *([op.message] if op.message else [])])

    def _paint_card(self, painter: QPainter, op: OpState, area: QRectF) -> None:
        tokens = theme().tokens
        color = QColor(tokens.op(op.name))
        running, bad = op.status == "running", op.status == "failed"
        border = tokens.accent if running else tokens.error if bad else tokens.line
        painter.setPen(QPen(QColor(border), 1))
        painter.setBrush(QColor(tokens.selection if op.name == self._chosen else tokens.panel))
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        narrow, tiny = area.width() < NARROW, area.width() < TINY
        side = 6 if tiny else 8 if narrow else 11
        inner = area.adjusted(side, 8, -side, -9)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        if not narrow:
            painter.drawEllipse(QPointF(inner.left() + 4, inner.top() + 9), 4, 4)
        if not tiny:
            ratio = painter.device().devicePixelRatio()
            mark = icons.pixmap(ICONS.get(op.status, "ring"), self._mark_color(op.status), 14, ratio)
            painter.drawPixmap(QPointF(inner.left() - 1 if narrow else inner.right() - 14, inner.top() + 2), mark)
        left = round(inner.left()) + (0 if tiny else 16)
        more, cramped = self._more(op), self._is_cramped(op, area)
        right = round(inner.right() if narrow else more.left())
        name = QRect(left, round(inner.top()), right - left, 18)
        bold = _fitting(op.name, name.width()) if narrow else style.font(13, weight=QFont.Weight.DemiBold)
        painter.setFont(bold)
        painter.setPen(QColor(tokens.text))
        short = QFontMetrics(bold).elidedText(op.name, Qt.TextElideMode.ElideRight, name.width())
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, short)
        painter.setFont(style.font(11.5 if narrow else 12))
        painter.setPen(QColor(tokens.error if bad else tokens.muted))
        beside = narrow and not cramped
        below = inner.adjusted(0, 22, 6 - MORE if beside else 0, -8)
        metrics = QFontMetrics(painter.font())
        lines = max(1, int(below.height()) // metrics.height())
        text = shown(facts(op, self._now), metrics.horizontalAdvance, int(below.width()), lines)
        painter.drawText(below, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, text)
        if not more.isEmpty():
            if cramped:
                painter.fillRect(more, QColor(tokens.selection if op.name == self._chosen else tokens.panel))
            dots = icons.pixmap("more", tokens.muted, 14, painter.device().devicePixelRatio())
            painter.drawPixmap(more.topLeft() + QPointF(MORE - 14, MORE - 14) / 2, dots)
        bar = QRectF(inner.left(), inner.bottom() - 4, inner.width(), 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.raised))
        painter.drawRoundedRect(bar, 2, 2)
        fraction = op.fraction
        if fraction is None and running:  # nobody knows how far: what moves says that it goes on
            away = abs((self._now - op.started) / SWEEP % 2 - 1)
            painter.setBrush(color)
            painter.drawRoundedRect(QRectF(bar.left() + bar.width() * 0.8 * away, bar.top(), bar.width() / 5, 4), 2, 2)
        elif fraction:
            painter.setBrush(QColor(tokens.error) if bad else color)
            painter.drawRoundedRect(QRectF(bar.left(), bar.top(), max(bar.width() * fraction, 4), 4), 2, 2)

    def _mark_color(self, status: str) -> str:
        tokens = theme().tokens
        if status in ("succeeded", "kept"):
            return tokens.ok
        return words.status_color(status, tokens)

    def _paint_arrow(self, painter: QPainter, left: float, right: float, middle: float, passed: bool) -> None:
        tokens = theme().tokens
        painter.setPen(QPen(QColor(tokens.muted if passed else tokens.faint), 1.2))
        space = (right - left) / 5
        right -= space
        painter.drawLine(QPointF(left + space, middle), QPointF(right, middle))
        painter.drawLine(QPointF(right - 4, middle - 3.5), QPointF(right, middle))
        painter.drawLine(QPointF(right - 4, middle + 3.5), QPointF(right, middle))


def _fitting(text: str, room: int) -> QFont:
    """The typeface of a name in the largest size in which it fits, or the smallest that can be read."""
    fonts = [style.font(pixels, weight=QFont.Weight.DemiBold) for pixels in NAMES]
    return next((font for font in fonts if QFontMetrics(font).horizontalAdvance(text) <= room), fonts[-1])
