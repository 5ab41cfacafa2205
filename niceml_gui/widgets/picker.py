"""A list that pops up over the window, filtered by typing: the palette, the job picker, the run picker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsDropShadowEffect,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from niceml_engine.visible import visible
from niceml_gui.theme import style, theme
from niceml_gui.theme.icons import pixmap
from niceml_gui.theme.tokens import ROW
from niceml_gui.widgets.basics import add_clear_button

LIMIT = 100  #: so many rows are enough to choose from; typing narrows them
ENTRY = Qt.ItemDataRole.UserRole
_NOTHING = "Nothing fits. Type less, or something else."

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: what it says, what stands faint at its right, and what choosing it does."""

    title: str
    chosen: Callable[[], object]
    hint: str = ""
    icon: str = ""
    mono: bool = False
    current: bool = False


def rank(entries: Sequence[Entry], query: str, limit: int = LIMIT) -> list[Entry]:
    """The entries that fit what was typed, best first: a whole name, parts of the title, what is only alike."""
    query = query.strip().lower()
    if not query:
        return list(entries[:limit])
    parts: list[tuple[int, int, int, Entry]] = []
    rest: list[Entry] = []
    for number, entry in enumerate(entries):
        place = entry.title.lower().find(query)
        if place >= 0:
            starts = place == 0 or not entry.title[place - 1].isalnum()
            ends = entry.title.lower().endswith(query) and (place == 0 or entry.title[-len(query) - 1] == ".")
            parts.append((0 if ends else 1 if starts else 2, len(entry.title), number, entry))
        else:
            rest.append(entry)
    parts.sort(key=lambda part: part[:3])
    found = [part[3] for part in parts[:limit]]
    if len(found) < limit and len(query) > 1:
        from rapidfuzz import fuzz, process, utils

        alike = process.extract(
            query,
            [entry.title for entry in rest],
            scorer=fuzz.WRatio,
            processor=utils.default_process,
            limit=limit - len(found),
            score_cutoff=65,
        )
        found += [rest[number] for _, _, number in alike]
    return found


def count(entries: Sequence[Entry], query: str) -> int:
    """How many entries have in their titles what was typed."""
    query = query.strip().lower()
    return sum(query in entry.title.lower() for entry in entries) if query else len(entries)


class Picker(QFrame):
    """The list; `open` shows it, choosing or leaving hides it again.

    Args:
        window: The window over which it lies.
        placeholder: What the empty search field says.
    """

    def __init__(self, window: QWidget, placeholder: str) -> None:
        super().__init__(window)
        self.setObjectName("popup")
        self.setAccessibleName(placeholder)
        self._all: list[Entry] = []
        self._back: QWidget | None = None
        self.field = QLineEdit()
        self.field.setPlaceholderText(placeholder)
        self.field.setAccessibleName(placeholder)
        add_clear_button(self.field)
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        self._model = _Entries(self)
        self.view = QListView()
        self.view.setModel(self._model)
        self.view.setItemDelegate(_EntryDelegate(self.view))
        self.view.setUniformItemSizes(True)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setMouseTracking(True)
        self.view.clicked.connect(self._choose)
        self._nothing = QLabel(_NOTHING)
        self._nothing.setProperty("role", "muted")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.more = QLabel()
        self.more.setProperty("role", "muted")
        self.more.setContentsMargins(8, 0, 8, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        layout.addWidget(self.field)
        layout.addWidget(self.view)
        layout.addWidget(self._nothing)
        layout.addWidget(self.more)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(32)
        shadow.setOffset(0, 8)
        shadow.setColor(QColor(0, 0, 0, 110))
        self.setGraphicsEffect(shadow)
        self.hide()

    def open(self, entries: Sequence[Entry], at: QPoint, width: int, what: str = "") -> None:
        """Shows entries.

        Args:
            entries: What can be chosen.
            at: Top left corner in the window.
            width: Width in pixels.
            what: What the empty search field says, if not what it said at first.
        """
        self.field.setPlaceholderText(what or self.accessibleName())
        self.fill(entries)
        self._back = self.window().focusWidget()
        self.setFixedWidth(min(width, self.window().width() - 16))
        self.move(max(8, min(at.x(), self.window().width() - self.width() - 8)), at.y())
        self.field.clear()
        self._filter()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def wait(self, what: str) -> None:
        """Says that the entries are still looked for; `fill` shows them."""
        self._nothing.setText(what)

    def fill(self, entries: Sequence[Entry]) -> None:
        """Shows other entries; what was typed meanwhile filters them."""
        self._nothing.setText(_NOTHING)
        self._all = list(entries)
        self._filter()

    def entries(self) -> list[Entry]:
        """What is listed right now."""
        return self._model.entries

    def leave(self) -> None:
        """Hides it, and gives the focus back."""
        if self.isVisible():
            self.hide()
            if self._back is not None:
                self._back.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Moves in the list while the field keeps the focus."""
        if event.type() == QEvent.Type.FocusOut and not self.isAncestorOf(self.window().focusWidget() or self.window()):
            self.hide()
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10, Qt.Key.Key_PageUp: -10}
        key = Qt.Key(event.key())
        if key in steps:
            count = self._model.rowCount()
            row = self.view.currentIndex().row() + steps[key]
            if count:
                row = row % count if abs(steps[key]) == 1 else max(0, min(count - 1, row))
                self.view.setCurrentIndex(self._model.index(row))
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.view.currentIndex())
            return True
        if key == Qt.Key.Key_Escape:
            self.leave()
            return True
        return super().eventFilter(watched, event)

    def _filter(self) -> None:
        self._model.show(rank(self._all, self.field.text()))
        shown = self._model.rowCount()
        self.view.setVisible(shown > 0)
        self._nothing.setVisible(shown == 0)
        fitting = count(self._all, self.field.text())
        self.more.setText(f"{shown} of {fitting:,}: type more")
        self.more.setVisible(fitting > shown)
        self.view.setFixedHeight(min(shown, 12) * (ROW + 4) + 4)
        current = next((row for row, entry in enumerate(self._model.entries) if entry.current), 0)
        self.view.setCurrentIndex(self._model.index(0 if self.field.text() else current))
        self.adjustSize()

    def _choose(self, index: Index) -> None:
        entry = index.data(ENTRY)
        if isinstance(entry, Entry):
            self.leave()
            entry.chosen()


class _Entries(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.entries: list[Entry] = []

    def show(self, entries: list[Entry]) -> None:
        self.beginResetModel()
        self.entries = entries
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        if role == ENTRY:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{entry.title}, {entry.hint}" if entry.hint else entry.title
        return None


class _EntryDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, ROW + 4)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry = index.data(ENTRY)
        tokens = theme().tokens
        rect = option.rect.adjusted(4, 1, -4, -1)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.selection if chosen else tokens.line))
            painter.drawRoundedRect(rect, 5, 5)
        if entry.icon:
            ratio = painter.device().devicePixelRatioF()
            color = tokens.accent if entry.current else tokens.muted
            painter.drawPixmap(rect.left() + 8, rect.center().y() - 7, pixmap(entry.icon, color, 16, ratio))
        rect.adjust(32 if entry.icon else 10, 0, -10, 0)
        hints = style.font(11.5)
        hint = visible(entry.hint)
        width = QFontMetrics(hints).horizontalAdvance(hint)
        width = min(width, rect.width() // 2)
        painter.setFont(hints)
        painter.setPen(QColor(tokens.muted))
        align = Qt.AlignmentFlag.AlignVCenter
        sentence = " " in entry.hint  # of a path the end says more, of a sentence the beginning
        elide = Qt.TextElideMode.ElideRight if sentence else Qt.TextElideMode.ElideLeft
        faint = QFontMetrics(hints).elidedText(hint, elide, width + 2)
        painter.drawText(rect, align | Qt.AlignmentFlag.AlignRight, faint)
        titles = style.mono() if entry.mono else style.font()
        painter.setFont(titles)
        painter.setPen(QColor(tokens.text))
        title = QFontMetrics(titles).elidedText(
            visible(entry.title), Qt.TextElideMode.ElideMiddle, rect.width() - width - 16
        )
        painter.drawText(rect, align | Qt.AlignmentFlag.AlignLeft, title)
        painter.restore()
