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
from niceml_gui.widgets.basics import Empty, FittingLabel, Painted, add_clear_button, icon_button
from niceml_gui.workspaces.runs.lines import LEVELS, Line, Source
from niceml_gui.workspaces.runs.log_view import LogView
from niceml_gui.workspaces.runs.printed import PrintedLines
from niceml_gui.workspaces.runs.record import RunRecord


class LinesPane(QWidget):
    """Lines of a run, filtered by text, and by what else there is to filter by.

    Args:
        name: What the lines are called.
        empty: What is said while there are none.
        sources: Where lines come from, if not all from one place, and what that is called.
        ops: Whether lines have an op and a level.
    """

    key_wanted = Signal(str)  #: a config leaf is to be shown
    code_wanted = Signal(str)  #: a line of the project's own code is to be shown, `file:line`

    def __init__(self, name: str, empty: Empty, sources: tuple[tuple[Source, str], ...] = (), *, ops: bool) -> None:
        super().__init__()
        self._source: list[Line] = []
        self.source = _box(self, "Source", "Only lines from there")
        self.source.addItem("from: all", "")
        for source, title in sources:
            self.source.addItem(f"from: {title}", source)
        self.op = _box(self, "Op", "Only lines of this op")
        self.level = _box(self, "Level", "Only lines of this level and above")
        for level in LEVELS:
            self.level.addItem(f"≥ {level}", level)
        self.level.setCurrentIndex(LEVELS.index("info"))
        self.view = LogView(name)
        self.empty = empty
        boxes = ((self.source, bool(sources)), (self.op, ops), (self.level, ops))
        for box, there in boxes:
            box.setVisible(there)
        self.bar = _Bar(*(box for box, there in boxes if there))
        self._pages = _pages(self, self.bar, self.view, empty)
        self._fill_ops(())
        for box in (self.source, self.op, self.level):
            box.currentIndexChanged.connect(self._filter)
        self.bar.search.textChanged.connect(self._filter)
        self.bar.follow.toggled.connect(self.view.set_follow)
        self.bar.copy.clicked.connect(self.view.copy)
        self.view.follow_changed.connect(self.bar.follow.setChecked)
        self.view.key_wanted.connect(self.key_wanted)
        self.view.code_wanted.connect(self.code_wanted)

    def show_record(self, record: RunRecord) -> None:
        """Shows what a record holds; called again after it has grown."""
        self._fill_ops(tuple(record.ops))
        self._show(record.log)

    def go_to(self, time: float) -> None:
        """Shows what was said at a time of day (seconds since the epoch)."""
        self.view.go_to(time)

    def _show(self, lines: list[Line]) -> None:
        self._source = lines
        self.view.show_lines(lines)
        self._count()

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
        lines.source = self.source.currentData() or ""
        lines.op = self.op.currentData() or ""
        lines.level = self.level.currentData()
        lines.text = self.bar.search.text()
        lines.filter()
        self.view.set_follow(self.bar.follow.isChecked())
        self._count()

    def _count(self) -> None:
        self.bar.show_count(*self.view.lines.counted)
        self._pages.setCurrentWidget(self.view if self._source else self.empty)


class EventsPane(LinesPane):
    """Everything that happened in a run besides measuring, and what Dagster noted of it."""

    def __init__(self, empty: Empty) -> None:
        super().__init__("Events", empty, (("run", "run"), ("dagster", "Dagster")), ops=True)
        self._record: RunRecord | None = None

    def show_record(self, record: RunRecord) -> None:
        """Shows what a record holds; called again after it has grown."""
        self._fill_ops(tuple(record.ops))
        known = self._source if record is self._record else []
        known.extend(record.line_of(event) for event in record.notes[len(known) :])
        self._record = record
        self._show(known)


class OutputPane(LinesPane):
    """What the worker of a run printed.

    Args:
        empty: What is said while there is nothing.
    """

    wanted = Signal()  #: the output is in view, and is to be read

    def __init__(self, empty: Empty) -> None:
        super().__init__("Output of the worker", empty, (("stdout", "stdout"), ("stderr", "stderr")), ops=False)
        self.forget()

    def showEvent(self, event: QShowEvent) -> None:
        """Asks for what was printed."""
        super().showEvent(event)
        self.wanted.emit()

    @property
    def known(self) -> tuple[int, int]:
        """How many bytes of stdout and stderr are known."""
        return self._stdout.known, self._stderr.known

    def forget(self) -> None:
        """Shows nothing: another run is looked at."""
        lines: list[Line] = []
        self._stdout, self._stderr = PrintedLines("stdout", lines), PrintedLines("stderr", lines)
        self._show(lines)

    def take(self, output: Output, *, ended: bool) -> bool:
        """Takes up what was printed since; true where there is more to read at once.

        Args:
            output: From where `known` ends.
            ended: Whether nothing more will be printed.
        """
        parts = ((self._stdout, output.stdout), (self._stderr, output.stderr))
        more = sum(lines.take(printed) for lines, printed in parts) > 0
        if ended and not more:
            for lines, _ in parts:
                lines.end()
        self._show(self._source)
        return more


def _box(pane: QWidget, name: str, tip: str) -> QComboBox:
    box = QComboBox(pane)
    box.setAccessibleName(name)
    box.setToolTip(tip)
    box.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
    return box


class _Bar(Painted):
    """What stands above lines: the filter, more filters, how many there are, following and copying."""

    def __init__(self, *filters: QWidget) -> None:
        super().__init__()
        self.search = QLineEdit()
        self.search.setPlaceholderText("Filter")
        self.search.setAccessibleName("Filter lines")
        self.search.setToolTip("Keeps what holds every word")
        add_clear_button(self.search)
        self.search.setMinimumWidth(64)
        self.search.setMaximumWidth(280)
        self.count = FittingLabel()
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

    def show_count(self, count: int, among: int) -> None:
        """Says how many lines are shown, and among how many."""
        lines = "line" if among == 1 else "lines"
        shown = f"{count:,}" if count == among else f"{count:,} of {among:,}"
        self.count.set_texts((f"{shown} {lines}", shown, f"{count:,}", ""), f"{shown} {lines}")


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
