"""What a run says, each with its filters: the log, the events, and the worker's output."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from niceml_engine.protocol.runs import Output
from niceml_gui.widgets.basics import ElidedLabel, Empty, Painted, icon_button
from niceml_gui.workspaces.runs.log_view import LogView, OutputView
from niceml_gui.workspaces.runs.record import LEVELS, Line, RunRecord, line_of


class LinesPane(QWidget):
    """The log of a run, filtered by op, level and text.

    Args:
        name: What the lines are called.
        empty: What is said while there are none.
    """

    def __init__(self, name: str, empty: Empty) -> None:
        super().__init__()
        self._record = RunRecord()
        self._source: list[Line] = []
        self.op = QComboBox()
        self.op.setAccessibleName("Op")
        self.op.setToolTip("Only lines of this op")
        self.level = QComboBox()
        self.level.setAccessibleName("Level")
        self.level.setToolTip("Only lines of this level and above")
        for level in LEVELS:
            self.level.addItem(f"≥ {level}", level)
        self.level.setCurrentIndex(LEVELS.index("info"))
        for box in (self.op, self.level):
            box.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.view = LogView(name)
        self.empty = empty
        self.bar = _Bar(self.op, self.level)
        self._pages = _pages(self, self.bar, self.view, empty)
        self._fill_ops(())
        self.op.currentIndexChanged.connect(self._filter)
        self.level.currentIndexChanged.connect(self._filter)
        self.bar.search.textChanged.connect(self._filter)
        self.bar.follow.toggled.connect(self.view.set_follow)
        self.bar.copy.clicked.connect(self.view.copy)

    def show_record(self, record: RunRecord) -> None:
        """Shows what a record holds; called again after it has grown."""
        self._fill_ops(tuple(record.ops))
        self._source = self._lines(record)
        self._record = record
        self.view.show_lines(self._source)
        self._count()

    def _lines(self, record: RunRecord) -> list[Line]:
        return record.log

    def _fill_ops(self, ops: tuple[str, ...]) -> None:
        if self.op.count() == len(ops) + 1:
            return
        chosen = self.op.currentData() or ""
        self.op.blockSignals(True)
        self.op.clear()
        self.op.addItem("op: all", "")
        for op in ops:
            self.op.addItem(f"op: {op}", op)
        self.op.setCurrentIndex(max(self.op.findData(chosen), 0))
        self.op.blockSignals(False)
        if self.op.currentData() != chosen:
            self._filter()

    def _filter(self) -> None:
        lines = self.view.lines
        lines.op = self.op.currentData() or ""
        lines.level = self.level.currentData()
        lines.text = self.bar.search.text()
        lines.filter()
        self.view.set_follow(self.bar.follow.isChecked())
        self._count()

    def _count(self) -> None:
        self.bar.show_count(self.view.lines.rowCount())
        self._pages.setCurrentWidget(self.view if self._source else self.empty)


class EventsPane(LinesPane):
    """Everything that happened in a run besides measuring."""

    def _lines(self, record: RunRecord) -> list[Line]:
        known = self._source if record is self._record else []
        known.extend(line_of(event) for event in record.notes[len(known) :])
        return known


class OutputPane(QWidget):
    """What the worker of a run printed, filtered by text.

    Args:
        empty: What is said while there is nothing.
    """

    wanted = Signal()  #: the output is in view, and is to be read

    def __init__(self, empty: Empty) -> None:
        super().__init__()
        self._printed = ""
        self.view = OutputView()
        self.empty = empty
        self.bar = _Bar()
        self._pages = _pages(self, self.bar, self.view, empty)
        self.bar.search.textChanged.connect(self._show)
        self.bar.copy.clicked.connect(self._copy)
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """Asks for what was printed."""
        super().showEvent(event)
        self.wanted.emit()

    def show_output(self, output: Output) -> None:
        """Shows what the worker printed."""
        parts = [output.stdout.rstrip("\n")]
        if output.stderr.strip():
            parts.append(f"── stderr ──\n{output.stderr.rstrip()}" if output.stdout.strip() else output.stderr.rstrip())
        self._printed = "\n".join(part for part in parts if part)
        self._show()

    def _show(self) -> None:
        text = self.bar.search.text().casefold()
        lines = [line for line in self._printed.split("\n") if text in line.casefold()] if self._printed else []
        self.view.show_text("\n".join(lines), self.bar.follow.isChecked())
        self.bar.show_count(len(lines))
        self._pages.setCurrentWidget(self.view if self._printed else self.empty)

    def _copy(self) -> None:
        cursor = self.view.textCursor()
        if not cursor.hasSelection():
            cursor.select(cursor.SelectionType.Document)
            self.view.setTextCursor(cursor)
        self.view.copy()


class _Bar(Painted):
    """What stands above lines: the filter, more filters, how many there are, following and copying."""

    def __init__(self, *filters: QWidget) -> None:
        super().__init__()
        self.search = QLineEdit()
        self.search.setPlaceholderText("Filter")
        self.search.setAccessibleName("Filter lines")
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(70)
        self.search.setMaximumWidth(280)
        self.count = ElidedLabel()
        self.count.setProperty("role", "muted")
        self.follow = QCheckBox("follow")
        self.follow.setChecked(True)
        self.follow.setToolTip("Keep the last line in view")
        self.copy = icon_button("copy", "Copy the lines", tip="Copy the selected lines, or all that are shown")
        bar = QHBoxLayout(self)
        bar.setContentsMargins(12, 4, 10, 4)
        bar.setSpacing(8)
        bar.addWidget(self.search, 3)
        for widget in filters:
            bar.addWidget(widget)
        bar.addWidget(self.count)
        bar.addStretch(1)
        for widget in (self.follow, self.copy):
            bar.addWidget(widget)

    def show_count(self, count: int) -> None:
        """Says how many lines there are."""
        self.count.set_full_text(f"{count:,} {'line' if count == 1 else 'lines'}")


def _pages(pane: QWidget, bar: QWidget, view: QWidget, empty: QWidget) -> QStackedWidget:
    pages = QStackedWidget()
    pages.addWidget(view)
    pages.addWidget(empty)
    column = QVBoxLayout(pane)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(bar)
    column.addWidget(pages, 1)
    return pages
