"""The ops of a job as a strip of cards, from left to right as they run; drawn before the run, too."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from niceml_gui import words
from niceml_gui.theme import icons, style, theme
from niceml_gui.workspaces.runs.record import OpState

GAP = 20  #: between two cards; an arrow stands in it
MARGIN = 12
HEIGHT = 102
NARROW = 130  #: below this width a card moves its mark to the second line, to have room for the name
ICONS = {"succeeded": "check", "running": "half", "failed": "error", "stopped": "stop", "waiting": "ring"}


def describe(op: OpState, now: float) -> str:
    """What an op's card says below its name.

    Args:
        op: The op.
        now: Seconds since the epoch, for how long it has been running.
    """
    if op.status == "waiting":
        return "waiting"
    if op.status == "succeeded":
        return f"done · {words.duration(op.seconds)}"
    if op.status in ("failed", "stopped"):
        return f"{op.status} after {words.duration(op.seconds)}"
    parts = []
    progress = op.progress
    if progress is None:
        return f"running · {words.duration(now - op.started)}"
    if progress.epoch:
        parts.append(f"epoch {progress.epoch}/{progress.epochs}" if progress.epochs else f"epoch {progress.epoch}")
    elif progress.total:
        parts.append(f"{progress.done}/{progress.total} {progress.unit}")
    if op.rate:
        parts.append(f"{op.rate:.0f} it/s" if op.rate >= 10 else f"{op.rate:.1f} it/s")
    if op.remaining is not None:
        parts.append(f"{words.countdown(op.remaining)} left")
    return " · ".join(parts) or "running"


class OpStrip(QWidget):
    """Cards in the order of the job, with arrows between them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ops: tuple[OpState, ...] = ()
        self._now = 0.0
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
            self.setToolTip("\n".join(texts))
            self.update()

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
        count = len(self._ops)
        if not count:
            return
        width = (self.width() - 2 * MARGIN - GAP * (count - 1)) / count
        for index, op in enumerate(self._ops):
            left = MARGIN + index * (width + GAP)
            area = QRectF(left, 11, width, self.height() - 22)
            self._paint_card(painter, op, area)
            if index:
                self._paint_arrow(painter, left - GAP, area.center().y(), self._ops[index - 1].status == "succeeded")

    def _paint_card(self, painter: QPainter, op: OpState, area: QRectF) -> None:
        tokens = theme().tokens
        color = QColor(tokens.op(op.name))
        running, bad = op.status == "running", op.status == "failed"
        border = tokens.accent if running else tokens.error if bad else tokens.line
        painter.setPen(QPen(QColor(border), 1))
        painter.setBrush(QColor(tokens.panel))
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        narrow = area.width() < NARROW
        inner = area.adjusted(8, 8, -8, -9) if narrow else area.adjusted(11, 8, -11, -9)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(QPointF(inner.left() + 4, inner.top() + 9), 4, 4)
        ratio = painter.device().devicePixelRatio()
        mark = icons.pixmap(ICONS.get(op.status, "ring"), self._mark_color(op.status), 14, ratio)
        painter.drawPixmap(QPointF(inner.right() - 14, inner.top() + (25 if narrow else 2)), mark)
        bold = style.font(12 if narrow else 13, weight=QFont.Weight.DemiBold)
        painter.setFont(bold)
        painter.setPen(QColor(tokens.text))
        left = round(inner.left()) + (12 if narrow else 15)
        name = QRect(left, round(inner.top()), round(inner.right()) - left - (0 if narrow else 16), 18)
        short = QFontMetrics(bold).elidedText(op.name, Qt.TextElideMode.ElideRight, name.width())
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, short)
        painter.setFont(style.font(11.5 if narrow else 12))
        painter.setPen(QColor(tokens.error if bad else tokens.muted))
        below = inner.adjusted(0, 22, -18 if narrow else 0, -8)
        wrapped = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
        painter.drawText(below, wrapped, describe(op, self._now))
        bar = QRectF(inner.left(), inner.bottom() - 4, inner.width(), 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.raised))
        painter.drawRoundedRect(bar, 2, 2)
        fraction = op.fraction
        if fraction:
            painter.setBrush(QColor(tokens.error) if bad else color)
            painter.drawRoundedRect(QRectF(bar.left(), bar.top(), max(bar.width() * fraction, 4), 4), 2, 2)

    def _mark_color(self, status: str) -> str:
        tokens = theme().tokens
        if status == "succeeded":
            return tokens.ok
        return words.status_color(status, tokens)

    def _paint_arrow(self, painter: QPainter, left: float, middle: float, passed: bool) -> None:
        tokens = theme().tokens
        painter.setPen(QPen(QColor(tokens.muted if passed else tokens.faint), 1.2))
        right = left + GAP - 5
        painter.drawLine(QPointF(left + 4, middle), QPointF(right, middle))
        painter.drawLine(QPointF(right - 4, middle - 3.5), QPointF(right, middle))
        painter.drawLine(QPointF(right - 4, middle + 3.5), QPointF(right, middle))
