"""The legend: which run has which colour, always in the same order; a run is hidden, or shown alone, here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QListView, QMenu, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from niceml_engine.short import shared_overrides
from niceml_engine.values import ACTIVE, RunState
from niceml_gui import words
from niceml_gui.session import Session
from niceml_gui.theme import icons, style, theme
from niceml_gui.theme.tokens import ROW
from niceml_gui.workspaces.runs.charts.styles import hue_color
from niceml_gui.workspaces.runs.comparison.chosen import Comparison
from niceml_gui.workspaces.runs.listing.lines import swept_line

Index = QModelIndex | QPersistentModelIndex
LINE = Qt.ItemDataRole.UserRole
SWATCH, EDGE = 30, 12  #: pixels of the part that hides, and beside everything
BUTTON = 26  #: pixels of a button at the right
_ROOT = QModelIndex()
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


@dataclass(frozen=True, slots=True)
class Line:
    """A run, or with a count the heading of a group.

    Attributes:
        run: The run's id; of a heading, nothing.
        text: What it is called.
        said: What stands at the right: the state of one that runs, else its headline metric.
        hue: Its place among the colours.
        hidden: Whether its curves are not drawn.
        solo: Whether only its curves are.
        current: Whether it is the selected run.
        longest: Letters of the longest text of its sweep.
    """

    run: str
    text: str
    said: str = ""
    hue: int = 0
    hidden: bool = False
    solo: bool = False
    current: bool = False
    longest: int = 0


class Legend(QListView):
    """The compared runs.

    Args:
        session: Knows the runs.
        comparison: What is compared.
    """

    def __init__(self, session: Session, comparison: Comparison) -> None:
        super().__init__()
        self._session = session
        self._comparison = comparison
        self.lines = _Model()
        self.setModel(self.lines)
        self.setItemDelegate(_Delegate(self))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setAccessibleName("Legend")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._popup)
        comparison.changed.connect(self.refresh)
        session.runs.changed.connect(self.refresh)
        session.runs.selected.connect(self.refresh)
        theme().changed.connect(self.viewport().update)
        self.refresh()

    def refresh(self) -> None:
        """Shows what is compared now."""
        comparison, states = self._comparison, self._comparison.states
        chosen, groups = comparison.chosen, comparison.groups()
        hues, drawn = comparison.hues(chosen.runs), frozenset(chosen.drawn)
        title = comparison.groupings()[comparison.grouping()] if groups else ""
        lines: list[Line] = []
        of_groups = comparison.group_hues()
        shared = shared_overrides(states) if len({state.group for state in states}) == 1 else frozenset()
        told = {state.id: words.told(state, shared) for state in states}
        longest: dict[str, int] = {}
        for state in states:
            longest[state.group] = max(longest.get(state.group, 0), len(told[state.id]))
        for group in groups or [""]:
            members = [state for state in states if not groups or comparison.group_of(state.id) == group]
            if groups:
                count = words.counted(len(members), "run")
                lines.append(Line("", f"{title} = {group}", count, of_groups[group]))
            for state in members:
                lines.append(
                    Line(
                        state.id,
                        told[state.id],
                        _said(state),
                        hues[state.id],
                        state.id not in drawn,
                        chosen.solo == state.id,
                        state.id == self._session.runs.current,
                        longest[state.group],
                    )
                )
        self.lines.show(lines)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Hides by the colour, shows alone by the button, selects by the rest."""
        place = event.position().toPoint()
        line = self.indexAt(place).data(LINE)
        if isinstance(line, Line) and line.run and event.button() == Qt.MouseButton.LeftButton:
            if place.x() < SWATCH:
                self._comparison.hide(line.run)
            elif place.x() > self.viewport().width() - BUTTON - 4:
                self._comparison.play_solo(line.run)
            else:
                self._session.runs.select(line.run)
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The space bar hides, S shows alone, Return selects, Delete takes out."""
        line = self.currentIndex().data(LINE)
        if not isinstance(line, Line) or not line.run:
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Space:
            self._comparison.hide(line.run)
        elif event.key() == Qt.Key.Key_S:
            self._comparison.play_solo(line.run)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._session.runs.select(line.run)
        elif event.key() == Qt.Key.Key_Delete:
            self._comparison.toggle([line.run])
        else:
            super().keyPressEvent(event)

    def menu_of(self, line: Line) -> QMenu:
        """What can be done with a run."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        comparison = self._comparison
        hidden = line.run in comparison.chosen.hidden
        menu.addAction("Show" if hidden else "Hide", lambda: comparison.hide(line.run))
        menu.addAction("Show all" if line.solo else "Show alone", lambda: comparison.play_solo(line.run))
        menu.addSeparator()
        menu.addAction("Show its log and analysis", lambda: self._session.runs.select(line.run))
        menu.addAction("Open as selection", lambda: self._session.use_run(line.run))
        menu.addAction("Compare no more", lambda: comparison.toggle([line.run]))
        return menu

    def _popup(self, place: QPoint) -> None:
        line = self.indexAt(place).data(LINE)
        if isinstance(line, Line) and line.run:
            self.menu_of(line).popup(self.viewport().mapToGlobal(place))


def _said(state: RunState) -> str:
    if state.status in ACTIVE:
        return state.message or state.status
    return words.headline(state) if state.status == "succeeded" else words.status(state)


class _Model(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Line] = []

    def show(self, lines: list[Line]) -> None:
        if [line.text for line in lines] != [line.text for line in self.lines]:
            self.beginResetModel()
            self.lines = lines
            self.endResetModel()
            return
        changed = [row for row, line in enumerate(lines) if line != self.lines[row]]
        self.lines = lines
        for row in changed:
            self.dataChanged.emit(self.index(row), self.index(row))

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line = self.lines[index.row()]
        match role:
            case _ if role == LINE:
                return line
            case Qt.ItemDataRole.DisplayRole:
                return line.text
            case Qt.ItemDataRole.AccessibleTextRole:
                how = "shown alone" if line.solo else "hidden" if line.hidden else "shown"
                return f"{line.text}, {line.said}, {how}" if line.run else f"{line.text}, {line.said}"
            case Qt.ItemDataRole.ToolTipRole if line.run:
                return f"{line.text}\n{line.said}\nClick the colour to hide it, the ring to show it alone"
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        usual = Qt.ItemFlag.ItemIsEnabled
        return usual | Qt.ItemFlag.ItemIsSelectable if self.lines[index.row()].run else usual


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(80, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        line, tokens, area = index.data(LINE), theme().tokens, QRect(option.rect)
        color = QColor(hue_color(line.hue, tokens))
        painter.save()
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if line.current:
            painter.fillRect(area, QColor(tokens.selection))
        elif hovered and line.run:
            painter.fillRect(area, QColor(tokens.raised))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = area.center().y() + 0.5
        if not line.run:  # a heading shows what the mean of its group looks like
            painter.fillRect(QRectF(area.left() + EDGE, middle - 1, 14, 2.5), color)
        elif line.hidden:
            painter.setPen(color)
            painter.drawEllipse(QRectF(area.left() + EDGE + 2, middle - 4.5, 9, 9))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawEllipse(QRectF(area.left() + EDGE + 2, middle - 4.5, 9, 9))
        inner = area.adjusted(SWATCH + 2, 0, -EDGE, 0)
        if line.run:
            inner.adjust(0, 0, EDGE - BUTTON - 4, 0)
            if line.solo or hovered:
                mark = icons.pixmap("solo", tokens.accent if line.solo else tokens.muted, 14, _ratio(painter))
                painter.drawPixmap(area.right() - BUTTON + 4, area.center().y() - 6, mark)
        small = style.font(11.5)
        painter.setFont(small)
        said = QFontMetrics(small).elidedText(line.said, Qt.TextElideMode.ElideRight, inner.width() // 2)
        painter.setPen(QColor(tokens.muted))
        painter.drawText(inner, _RIGHT, said)
        room = inner.width() - QFontMetrics(small).horizontalAdvance(said) - 10
        font = style.mono(12) if line.run else style.font(12.5, weight=QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(tokens.muted if line.hidden else tokens.text))
        metrics = QFontMetrics(font)
        text = swept_line(line.text, lambda text: metrics.horizontalAdvance(text) <= room, line.longest)
        text = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(inner, _LEFT, text)
        painter.restore()


def _ratio(painter: QPainter) -> float:
    return painter.device().devicePixelRatioF()
