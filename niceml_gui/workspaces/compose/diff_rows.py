"""The differences of two configs as rows: what happened, to which key, from what to what, and whose file did it."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from niceml_engine.protocol.comparing import Change
from niceml_engine.values import Origin
from niceml_gui.names import Names
from niceml_gui.session import Session
from niceml_gui.theme import style, theme
from niceml_gui.theme.icons import pixmap
from niceml_gui.workspaces.compose.graph.merge import value_text
from niceml_gui.workspaces.compose.usage import describe, place

Index = QModelIndex | QPersistentModelIndex
CHANGE = Qt.ItemDataRole.UserRole
PLACES = Qt.ItemDataRole.UserRole + 1
ARROW = " → "
ROW = 48  #: pixels: key and place above, values below
_PAD, _ICON, _WORD = 10, 16, 66  #: pixels beside a row, of the icon, and of the word that says what happened
_LONGEST = 400  #: characters of a value that are laid out
_ROOT = QModelIndex()
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_SHAPES = {
    "added": ("plus", "ok"),
    "removed": ("minus", "error"),
    "changed": ("edit", "warning"),
    "moved": ("forward", "accent"),
}


class DiffModel(QAbstractListModel):
    """The changes that hold every word of a filter, in the order of the config.

    Args:
        parent: The Qt parent.
        session: What the window works on.
    """

    def __init__(self, parent: QObject, session: Session) -> None:
        super().__init__(parent)
        self._session = session
        self.shown: list[Change] = []

    def show(self, changes: tuple[Change, ...], filter_: str = "") -> None:
        """Shows changes."""
        words = filter_.lower().split()
        names = self._session.names
        shown = [one for one in changes if not words or all(word in line_of(one, names).lower() for word in words)]
        if shown != self.shown:
            self.beginResetModel()
            self.shown = shown
            self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """One row for each change."""
        return 0 if parent.isValid() else len(self.shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The change itself, and what is said of it."""
        change = self.shown[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return line_of(change, self._session.names)
            case Qt.ItemDataRole.ToolTipRole:
                return _tip(change)
            case _ if role == PLACES:
                return places(change, self._session.names)
        return change if role == CHANGE else None


class DiffDelegate(QStyledItemDelegate):
    """Draws a change on two lines: what, which key and whose file; and below it, from what to what."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """All rows are alike."""
        return QSize(200, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draws a row."""
        change, tokens = index.data(CHANGE), theme().tokens
        painter.save()
        if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            chosen = bool(option.state & QStyle.StateFlag.State_Selected)
            painter.fillRect(option.rect, QColor(tokens.selection if chosen else tokens.raised))
        icon, token = _SHAPES[change.kind]
        above = QRect(option.rect.left() + _PAD, option.rect.top() + 4, option.rect.width() - 2 * _PAD, ROW // 2 - 4)
        below = above.translated(0, above.height())
        drawn = pixmap(icon, getattr(tokens, token), _ICON, painter.device().devicePixelRatioF())
        painter.drawPixmap(above.left(), above.center().y() - _ICON // 2 + 1, drawn)
        above.adjust(_ICON + 8, 0, 0, 0)
        _draw(painter, above, change.kind, style.font(), tokens.text)
        above.adjust(_WORD, 0, 0, 0)
        below.setLeft(above.left())
        files = QFontMetrics(style.font(11.5)).elidedText(
            index.data(PLACES), Qt.TextElideMode.ElideMiddle, above.width() // 2
        )
        room = QFontMetrics(style.font(11.5)).horizontalAdvance(files)
        right = QRect(above.right() - room, above.top(), room + 1, above.height())
        _draw(painter, right, files, style.font(11.5), tokens.muted)
        above.adjust(0, 0, -room - 16, 0)
        _draw(painter, above, change.key, style.mono(), tokens.text, Qt.TextElideMode.ElideLeft)
        self._values(painter, below, change)
        painter.setPen(QColor(tokens.line))
        painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
        painter.restore()

    def _values(self, painter: QPainter, rect: QRect, change: Change) -> None:
        tokens, font = theme().tokens, style.mono()
        before, now = _sides(change)
        if before:
            room = QFontMetrics(font).horizontalAdvance(ARROW + now) if now else 0
            width = max(rect.width() - room, rect.width() // 2)
            used = _draw(painter, rect.adjusted(0, 0, width - rect.width(), 0), before, font, tokens.muted)
            rect = rect.adjusted(used, 0, 0, 0)
        if before and now:
            rect = rect.adjusted(_draw(painter, rect, ARROW, font, tokens.muted), 0, 0, 0)
        _draw(painter, rect, now, font, tokens.text)


def line_of(change: Change, names: Names) -> str:
    """A change as a line of text, to be read aloud, searched and copied."""
    values = ARROW.join(part for part in _sides(change) if part)
    return f"{change.kind} {change.key}: {values}  ({places(change, names)})"


def places(change: Change, names: Names) -> str:
    """Whose file set the value before and now: `trainparams_default:2 → override`."""
    found = [place(origin, names) for origin in (change.before_origin, change.origin) if origin is not None]
    said = ARROW.join(dict.fromkeys(found))
    return f"environment · {said}" if change.outside else said


def _sides(change: Change) -> tuple[str, str]:
    """What stands left and right of the arrow; of what moved, where it was and its value."""
    before, now = (value_text(value)[:_LONGEST] for value in (change.before, change.after))
    if change.kind == "moved":
        return f"from {change.before_key}", now
    return "" if change.kind == "added" else before, "" if change.kind == "removed" else now


def _tip(change: Change) -> str:
    told = (("before", change.before_origin), ("now", change.origin))
    lines = [f"{word}: {describe(origin)}" for word, origin in told if isinstance(origin, Origin)]
    if change.outside:
        lines.append("What is written is the same: the environment gave another value")
    return "\n".join([change.key, *(f"was {change.before_key}" for _ in change.before_key[:1]), *lines])


def _draw(
    painter: QPainter,
    rect: QRect,
    text: str,
    font: QFont,
    color: str,
    elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> int:
    """Draws a text as far as it fits, and returns how wide it is."""
    shown = QFontMetrics(font).elidedText(text, elide, rect.width())
    painter.setFont(font)
    painter.setPen(QColor(color))
    painter.drawText(rect, _LEFT, shown)
    return QFontMetrics(font).horizontalAdvance(shown)
