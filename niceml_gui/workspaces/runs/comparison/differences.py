"""How the configs of the compared runs differ: the keys that are not the same in all, and who has which value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import QListView, QMenu, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from niceml_engine.protocol.earlier import value_words
from niceml_engine.short import named, short_keys
from niceml_gui.session import Session
from niceml_gui.theme import style, theme
from niceml_gui.words import counted
from niceml_gui.workspaces.runs.comparison.chosen import Comparison

Index = QModelIndex | QPersistentModelIndex
DIFFERENCE = Qt.ItemDataRole.UserRole
HEIGHT, EDGE = 46, 12
DOT, DOTS = 8, 6  #: pixels of a run's dot, and how many there are before it is a number
_ROOT = QModelIndex()
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Differing:
    """Keys that are alike, and the runs that have each of their values, as they are ordered."""

    keys: tuple[str, ...]
    values: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def key(self) -> str:
        """The first key, which stands for all."""
        return self.keys[0]

    def line(self, names: dict[str, str]) -> str:
        """The same as text."""
        parts = [f"{value} ({', '.join(names.get(run, run) for run in runs)})" for value, runs in self.values]
        return f"{' = '.join(self.keys)}: {' · '.join(parts)}"


def differing(session: Session, comparison: Comparison) -> list[Differing]:
    """What the configs of the compared runs differ in."""
    table, found = session.leaves.table, []
    for one in comparison.distinctions():
        holders: dict[str, list[str]] = {}
        numbers: dict[str, float] = {}
        for run in comparison.chosen.runs:
            value = table.get(run, one.keys[0], _ABSENT)
            text = "none" if value is _ABSENT else value_words(value) if value is not None else "null"
            holders.setdefault(text, []).append(run)
            if isinstance(value, int | float):
                numbers[text] = value
        ordered = sorted(holders, key=lambda text: (text not in numbers, numbers.get(text, 0.0)))
        found.append(Differing(one.keys, tuple((text, tuple(holders[text])) for text in ordered)))
    return found


class Differences(QListView):
    """The keys that differ; by one of them, curves are grouped.

    Args:
        session: Knows the configs.
        comparison: What is compared.
    """

    def __init__(self, session: Session, comparison: Comparison) -> None:
        super().__init__()
        self._session = session
        self._comparison = comparison
        self.found = _Model()
        self.setModel(self.found)
        self.setItemDelegate(_Delegate(comparison, self))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setAccessibleName("Differences of the configs")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._popup)
        self.doubleClicked.connect(lambda index: self._group(index.data(DIFFERENCE)))
        theme().changed.connect(self.viewport().update)

    def refresh(self) -> None:
        """Looks again."""
        self.found.show(differing(self._session, self._comparison), self._comparison.chosen.group)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Groups by Return, copies by the usual keys."""
        one = self.currentIndex().data(DIFFERENCE)
        if isinstance(one, Differing) and event.matches(QKeySequence.StandardKey.Copy):
            self.copy(one)
        elif isinstance(one, Differing) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._group(one)
        else:
            super().keyPressEvent(event)

    def copy(self, *some: Differing) -> None:
        """Copies differences as text, all of them if none is named."""
        names = {state.id: named(state) for state in self._comparison.states}
        lines = [one.line(names) for one in some or self.found.found]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def menu_of(self, one: Differing) -> QMenu:
        """What can be done with a key."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        grouped = self._comparison.chosen.group in one.keys
        menu.addAction("Group no more" if grouped else "Group the curves by it", partial(self._group, one))
        menu.addSeparator()
        menu.addAction("Copy", partial(self.copy, one))
        menu.addAction("Copy all", self.copy)
        return menu

    def _group(self, one: Differing) -> None:
        self._comparison.group_by("" if self._comparison.chosen.group in one.keys else one.key)

    def _popup(self, place: QPoint) -> None:
        one = self.indexAt(place).data(DIFFERENCE)
        if isinstance(one, Differing):
            self.menu_of(one).popup(self.viewport().mapToGlobal(place))


class _Model(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Differing] = []
        self.group = ""

    def show(self, found: list[Differing], group: str) -> None:
        if found != self.found or group != self.group:
            self.beginResetModel()
            self.found, self.group = found, group
            self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.found)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        one = self.found[index.row()]
        if role == DIFFERENCE:
            return one
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{' = '.join(one.keys)}: {', '.join(f'{value} in {len(runs)}' for value, runs in one.values)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            values = "\n".join(f"{value}: {counted(len(runs), 'run')}" for value, runs in one.values)
            keys = "\n= ".join(one.keys)
            return f"{keys}\n{values}\nDouble click to group the curves by it"
        return None


class _Delegate(QStyledItemDelegate):
    def __init__(self, comparison: Comparison, parent: QListView) -> None:
        super().__init__(parent)
        self._comparison = comparison

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(80, HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        one, tokens, area = index.data(DIFFERENCE), theme().tokens, QRect(option.rect)
        painter.save()
        grouped = self._comparison.chosen.group in one.keys
        if option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, QColor(tokens.raised))
        if grouped:
            painter.fillRect(QRect(area.left(), area.top(), 2, area.height()), QColor(tokens.accent))
        painter.fillRect(QRect(area.left() + EDGE, area.bottom(), area.width() - 2 * EDGE, 1), QColor(tokens.line))
        inner = area.adjusted(EDGE, 5, -EDGE, -6)
        half = inner.height() // 2
        key = style.font(11.5)
        painter.setFont(key)
        painter.setPen(QColor(tokens.accent if grouped else tokens.muted))
        measure, upper = QFontMetrics(key), QRect(inner.left(), inner.top(), inner.width(), half)
        more = _more(one.keys, inner.width() - measure.horizontalAdvance(one.key), measure)
        wide = measure.horizontalAdvance(more)
        text = measure.elidedText(one.key, Qt.TextElideMode.ElideLeft, inner.width() - wide)
        painter.drawText(upper, _LEFT, text)
        painter.setPen(QColor(tokens.muted))
        painter.drawText(upper.adjusted(measure.horizontalAdvance(text), 0, 0, 0), _LEFT, more)
        self._values(painter, QRect(inner.left(), inner.top() + half, inner.width(), inner.height() - half), one)
        painter.restore()

    def _values(self, painter: QPainter, area: QRect, one: Differing) -> None:
        tokens, font = theme().tokens, style.mono(12)
        metrics = QFontMetrics(font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = area.left()
        for number, (value, runs) in enumerate(one.values):
            left = len(one.values) - number
            room = area.right() - x
            text = metrics.elidedText(value, Qt.TextElideMode.ElideMiddle, max(room * 2 // 3, 40))
            wide = metrics.horizontalAdvance(text)
            dots = [] if len(runs) > DOTS else list(runs)
            count = "" if dots else f"×{len(runs)}"
            needed = wide + 6 + len(dots) * (DOT + 2) + metrics.horizontalAdvance(count)
            if needed > room - (40 if left > 1 else 0) and number:
                painter.setFont(font)
                painter.setPen(QColor(tokens.muted))
                painter.drawText(QRect(x, area.top(), room, area.height()), _LEFT, f"+{left}")
                return
            painter.setFont(font)
            painter.setPen(QColor(tokens.text))
            painter.drawText(QRect(x, area.top(), room, area.height()), _LEFT, text)
            x += wide + 5
            painter.setPen(Qt.PenStyle.NoPen)
            for run in dots:
                painter.setBrush(QColor(self._comparison.color(run, tokens)))
                painter.drawEllipse(QRectF(x, area.center().y() - DOT / 2 + 1, DOT, DOT))
                x += DOT + 2
            if count:
                painter.setPen(QColor(tokens.muted))
                painter.drawText(QRect(x, area.top(), room, area.height()), _LEFT, count)
                x += metrics.horizontalAdvance(count)
            x += 12


def _more(keys: tuple[str, ...], room: int, measure: QFontMetrics) -> str:
    """What is said of the keys that are like the first one: which they are, or how many where there is no room."""
    if len(keys) < 2:
        return ""
    names = short_keys(keys)
    told = "".join(f" = {names[key]}" for key in keys[1:])
    return told if measure.horizontalAdvance(told) <= room else f"  +{len(keys) - 1}"
