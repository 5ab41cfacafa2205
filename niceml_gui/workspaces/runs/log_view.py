"""The list of lines below the charts: the log, the events, and what the worker printed."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QMenu, QTableView, QWidget

from niceml_gui.theme import theme
from niceml_gui.workspaces.runs.lines import Line
from niceml_gui.workspaces.runs.log_delegate import ROW_HEIGHT, LogDelegate, is_foldable, layout_of, unfolded
from niceml_gui.workspaces.runs.log_model import LogModel, joined

PLAIN = "QPlainTextEdit { background: transparent; border: none; border-radius: 0 }"  #: for text that fills a pane


class LogView(QTableView):
    """A list of lines that can hold hundreds of thousands; only what is in view is painted.

    Enter or a double click unfolds a line, Ctrl+C copies, a link leads to the config leaf that is to blame, or to the
    line of code. The end is followed until somebody scrolls up, and again once they are back.
    """

    grown = Signal()  #: lines were added
    key_wanted = Signal(str)  #: a config leaf is to be shown
    code_wanted = Signal(str)  #: a line of the project's own code is to be shown, `file:line`
    follow_changed = Signal(bool)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = LogModel(self)
        self.follow = True
        self._delegate = LogDelegate(self)
        self.setModel(self.lines)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(name)
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(ROW_HEIGHT)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        self.lines.modelReset.connect(self._stretch)
        self.doubleClicked.connect(self.toggle)
        self.verticalScrollBar().actionTriggered.connect(lambda _: self._look_where())
        self.verticalScrollBar().sliderMoved.connect(lambda _: self._look_where())
        self.viewport().setMouseTracking(True)
        theme().changed.connect(self.viewport().update)

    # ------------------------------------------------------------------------------------------ what is shown

    def show_lines(self, source: list[Line]) -> None:
        """Shows a list of lines, or what was added to the one that is shown."""
        self.lines.set_source(source)
        self.lines.grow()
        if self.follow:
            self.scrollToBottom()
        self.grown.emit()

    def set_follow(self, on: bool) -> None:
        """Keeps the last line in view, or not."""
        if on != self.follow:
            self.follow = on
            self.follow_changed.emit(on)
        if on:
            self.scrollToBottom()

    def go_to(self, time: float) -> None:
        """Selects the first line that is not before a time, and brings it to the top; the end is not followed."""
        row = self.lines.row_at(time)
        if row is not None:
            self.set_follow(False)
            index = self.lines.index(row, 0)
            self.setCurrentIndex(index)
            self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtTop)

    def can_unfold(self, row: int) -> bool:
        """Whether there is more to see of a line than fits."""
        return is_foldable(self.lines.line(row), self._letters(self.lines.line(row)))

    def toggle(self, index: QModelIndex) -> None:
        """Unfolds or folds a line of which there is more to see."""
        line, row = self.lines.line(index.row()), index.row()
        is_open = self.lines.is_open(line)
        if is_open or self.can_unfold(row):
            self.lines.set_open(row, not is_open)
            self.setRowHeight(row, ROW_HEIGHT if is_open else self._height(line))
            self._look_where()

    def copy(self) -> None:
        """Copies the selected lines, or all that are shown."""
        selection = self.selectionModel().selection()
        parts = (selection.at(place) for place in range(selection.count()))
        chosen = sorted((part.top(), part.bottom()) for part in parts)
        rows = [row for top, bottom in chosen for row in range(top, bottom + 1)] or range(self.lines.rowCount())
        QApplication.clipboard().setText(joined(self.lines.line(row) for row in rows))

    # ------------------------------------------------------------------------------------------ Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Goes on to follow, and breaks what is unfolded anew."""
        super().resizeEvent(event)
        self._stretch()
        self.set_follow(self.follow)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copies on Ctrl+C, unfolds on Enter; with Ctrl, Enter follows the link."""
        here = self.currentIndex()
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and here.isValid()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._lead(self.lines.line(here.row()))
        elif enter:
            self.toggle(here)
        else:
            super().keyPressEvent(event)
            self._look_where()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolls, and follows the end if that is where it comes to."""
        super().wheelEvent(event)
        self._look_where()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Shows a hand over links."""
        link = self._link(event.position().toPoint())
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if link else Qt.CursorShape.ArrowCursor)
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Follows a link."""
        super().mouseReleaseEvent(event)
        link = self._link(event.position().toPoint())
        if link is not None and event.button() == Qt.MouseButton.LeftButton:
            self._lead(link)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offers what can be done with a line."""
        self.menu(self.indexAt(event.pos())).exec(event.globalPos())

    def menu(self, index: QModelIndex) -> QMenu:
        """What can be done with a line, and with all."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy", self.copy)
        if index.isValid():
            line = self.lines.line(index.row())
            is_open = self.lines.is_open(line)
            unfold = menu.addAction("Fold" if is_open else "Unfold", lambda: self.toggle(index))
            unfold.setEnabled(is_open or self.can_unfold(index.row()))
            if line.key:
                menu.addAction(f"Show {line.key} in Compose", lambda: self.key_wanted.emit(line.key))
            if line.code:
                menu.addAction(f"Open {line.code}", lambda: self.code_wanted.emit(line.code))
        menu.addSeparator()
        menu.addAction("Select all", self.selectAll)
        return menu

    # ------------------------------------------------------------------------------------------ inner workings

    def _letters(self, line: Line) -> int:
        return layout_of(self.viewport().width(), timed=bool(line.time)).letters

    def _height(self, line: Line) -> int:
        return ROW_HEIGHT * (len(unfolded(line, self._letters(line))) + bool(line.link))

    def _stretch(self) -> None:
        """Gives unfolded lines their heights."""
        for row in self.lines.open_rows():
            self.setRowHeight(row, self._height(self.lines.line(row)))

    def _look_where(self) -> None:
        bar = self.verticalScrollBar()
        at_end = bar.sliderPosition() >= bar.maximum()
        if at_end != self.follow:
            self.follow = at_end
            self.follow_changed.emit(at_end)

    def _lead(self, line: Line) -> None:
        if line.key:
            self.key_wanted.emit(line.key)
        elif line.code:
            self.code_wanted.emit(line.code)

    def _link(self, place: QPoint) -> Line | None:
        """The line whose link is there."""
        index = self.indexAt(place)
        if not index.isValid():
            return None
        line = self.lines.line(index.row())
        area = self._delegate.link_area(QRect(self.visualRect(index)), line, is_open=self.lines.is_open(line))
        return line if area.contains(place) else None
