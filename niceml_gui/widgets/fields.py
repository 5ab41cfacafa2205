"""Buttons that look like fields and segments: they paint their own text from the theme's tokens."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from niceml_gui.theme import style, theme
from niceml_gui.theme.icons import pixmap

HEIGHT = 30


class FieldButton(QPushButton):
    """A button in the shape of a field: an icon, a text that gives way, and something small at the right.

    Args:
        name: What it is called aloud and in the tooltip.
        icon: Icon at the left.
        trailing: Icon at the right.
        mono: Whether the text is code.
        muted: Whether the text is only an invitation.
    """

    def __init__(
        self, name: str, *, icon: str = "", trailing: str = "", mono: bool = False, muted: bool = False
    ) -> None:
        super().__init__()
        self._icon, self._trailing, self._mono, self._muted = icon, trailing, mono, muted
        self._text = self._hint = ""
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme().changed.connect(self.update)

    def show_text(self, text: str, hint: str = "", tip: str = "") -> None:
        """Sets the text, and what stands faint at the right."""
        self._text, self._hint = text, hint
        self.setToolTip(tip or self.accessibleName())
        self.setAccessibleDescription(f"{text}, {hint}" if hint else text)
        self.updateGeometry()
        self.update()

    def shown_text(self) -> str:
        """The whole text."""
        return self._text

    def sizeHint(self) -> QSize:
        """As wide as its text."""
        hint = QFontMetrics(style.font(11.5)).horizontalAdvance(self._hint) + 12 if self._hint else 0
        icons = 20 * (bool(self._icon) + bool(self._trailing))
        return QSize(QFontMetrics(self._font()).horizontalAdvance(self._text) + hint + icons + 24, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Narrow: the text gives way."""
        return QSize(96, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws the frame as the style sheet says, and the rest from the tokens."""
        super().paintEvent(event)
        tokens = theme().tokens
        painter = QPainter(self)
        ratio = self.devicePixelRatioF()
        rect = self.rect().adjusted(10, 0, -10, 0)
        middle = rect.center().y() - 7
        if self._icon:
            painter.drawPixmap(rect.left() - 1, middle, pixmap(self._icon, tokens.muted, 16, ratio))
            rect.adjust(21, 0, 0, 0)
        if self._trailing:
            painter.drawPixmap(rect.right() - 13, middle, pixmap(self._trailing, tokens.muted, 16, ratio))
            rect.adjust(0, 0, -20, 0)
        align = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(tokens.muted))
        if self._hint:
            painter.setFont(style.font(11.5))
            width = QFontMetrics(painter.font()).horizontalAdvance(self._hint)
            if rect.width() > width + 60:
                painter.drawText(rect, align | Qt.AlignmentFlag.AlignRight, self._hint)
                rect.adjust(0, 0, -width - 12, 0)
        painter.setFont(self._font())
        painter.setPen(QColor(tokens.muted if self._muted else tokens.text))
        elide = Qt.TextElideMode.ElideRight if self._muted else Qt.TextElideMode.ElideMiddle
        shown = QFontMetrics(painter.font()).elidedText(self._text, elide, rect.width())
        painter.drawText(rect, align | Qt.AlignmentFlag.AlignLeft, shown)
        painter.end()

    def _font(self) -> QFont:
        return style.mono() if self._mono else style.font()


class Segment(QAbstractButton):
    """One of the choices of `Segments`; a number stands behind a dot."""

    def __init__(self, text: str, tip: str) -> None:
        super().__init__()
        self.setText(text)
        self.setCheckable(True)
        self.setToolTip(tip)
        self.setAccessibleName(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._count = 0
        theme().changed.connect(self.update)

    def set_count(self, count: int) -> None:
        """Shows how many are active; 0 shows nothing."""
        if count != self._count:
            self._count = count
            self.setAccessibleDescription(f"{count} active" if count else "")
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """As wide as the text in bold, so that choosing moves nothing."""
        metrics = QFontMetrics(self._font())
        count = 18 + metrics.horizontalAdvance(str(self._count)) if self._count else 0
        return QSize(metrics.horizontalAdvance(self.text()) + count + 28, 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws text, dot and number, and a raised ground when chosen."""
        tokens = theme().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self.isChecked():
            painter.setPen(QColor(tokens.line))
            painter.setBrush(QColor(tokens.panel))
            painter.drawRoundedRect(ground, 6, 6)
        bright = self.isChecked() or self.underMouse()
        painter.setFont(self._font())
        painter.setPen(QColor(tokens.text if bright else tokens.muted))
        rect = QRect(14, 0, self.width() - 28, self.height())
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        if self._count:
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, str(self._count))
            left = 14 + QFontMetrics(painter.font()).horizontalAdvance(self.text()) + 5
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.ok))
            painter.drawEllipse(QRectF(left, self.height() / 2 - 4, 8, 8))
        painter.end()

    def _font(self) -> QFont:
        return style.font(weight=QFont.Weight.Medium)


class Segments(QWidget):
    """A switch between a few views, one of which is always chosen."""

    chosen = Signal(int)

    def __init__(self, choices: list[tuple[str, str]]) -> None:
        super().__init__()
        self.setObjectName("segments")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(3, 3, 3, 3)
        layout.setSpacing(2)
        self._group = QButtonGroup(self)
        self.segments = [Segment(text, tip) for text, tip in choices]
        for number, segment in enumerate(self.segments):
            self._group.addButton(segment, number)
            layout.addWidget(segment)
        self._group.idClicked.connect(self.chosen)

    def choose(self, number: int) -> None:
        """Shows a choice as the chosen one."""
        self.segments[number].setChecked(True)
