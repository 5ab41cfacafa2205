"""What stands below the charts: the log, the events and the worker's output, each with its filters."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from niceml_engine.protocol.runs import Output
from niceml_gui.widgets.basics import icon_button, label
from niceml_gui.widgets.strips import TabStrip
from niceml_gui.workspaces.runs.log_view import LogView, OutputView
from niceml_gui.workspaces.runs.record import LEVELS, Line, RunRecord, line_of

TABS = ("Log", "Events", "Output")


class Journal(QWidget):
    """Tabs over the log, the events and the output of one run.

    Args:
        parent: The Qt parent.
    """

    output_wanted = Signal()  #: the output is in view, or is to be read again

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._record = RunRecord()
        self._events: list[Line] = []
        self._printed = ""
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setAccessibleName("Log, events or output")
        for name in TABS:
            self.tabs.addTab(name)
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
        self.search = QLineEdit()
        self.search.setPlaceholderText("Filter")
        self.search.setAccessibleName("Filter lines")
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(70)
        self.search.setMaximumWidth(180)
        self.count = label("", "muted")
        self.follow = QCheckBox("follow")
        self.follow.setChecked(True)
        self.follow.setToolTip("Keep the last line in view")
        self.copy = icon_button("copy", "Copy the lines", tip="Copy the selected lines, or all that are shown")
        self.log = LogView("Log")
        self.events = LogView("Events")
        self.output = OutputView()
        self._pages = QStackedWidget()
        for page in (self.log, self.events, self.output):
            self._pages.addWidget(page)
        controls = QWidget()
        bar = QHBoxLayout(controls)
        bar.setContentsMargins(0, 0, 2, 0)
        bar.setSpacing(8)
        for widget in (self.search, self.op, self.level, self.count, self.follow, self.copy):
            bar.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(TabStrip(self.tabs, controls))
        layout.addWidget(self._pages, 1)
        self._fill_ops(())
        self.tabs.currentChanged.connect(self._turn)
        self.op.currentIndexChanged.connect(self._filter)
        self.level.currentIndexChanged.connect(self._filter)
        self.search.textChanged.connect(self._filter)
        self.follow.toggled.connect(self.log.set_follow)
        self.follow.toggled.connect(self.events.set_follow)
        self.copy.clicked.connect(self._copy)

    @property
    def shows_output(self) -> bool:
        """Whether the worker's output is in view."""
        return self.isVisible() and self.tabs.currentIndex() == 2

    def show_record(self, record: RunRecord) -> None:
        """Shows what a record holds; called again after it has grown."""
        if record is not self._record:
            self._record = record
            self._events = []
            self._printed = ""
            self.output.clear()
        self._fill_ops(tuple(record.ops))
        self._events.extend(line_of(event) for event in record.notes[len(self._events) :])
        self.log.show_lines(record.log)
        self.events.show_lines([] if record is not self._record else self._events)
        self._count()

    def show_output(self, output: Output) -> None:
        """Shows what the worker printed."""
        parts = [output.stdout.rstrip("\n")]
        if output.stderr.strip():
            parts.append(f"── stderr ──\n{output.stderr.rstrip()}" if output.stdout.strip() else output.stderr.rstrip())
        self._printed = "\n".join(part for part in parts if part)
        self._show_printed()

    def _show_printed(self) -> None:
        text = self.search.text().casefold()
        shown = [line for line in self._printed.split("\n") if text in line.casefold()] if text else None
        self.output.show_text(self._printed if shown is None else "\n".join(shown), self.follow.isChecked())
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

    def _turn(self, tab: int) -> None:
        self._pages.setCurrentIndex(tab)
        self.op.setEnabled(tab != 2)
        self.level.setEnabled(tab != 2)
        self._count()
        page = self._pages.currentWidget()
        if isinstance(page, LogView):
            page.set_follow(self.follow.isChecked())
        if tab == 2:
            self.output_wanted.emit()

    def _filter(self) -> None:
        for view in (self.log, self.events):
            view.lines.op = self.op.currentData() or ""
            view.lines.level = self.level.currentData()
            view.lines.text = self.search.text()
            view.lines.filter()
            view.set_follow(self.follow.isChecked())
        self._show_printed()

    def _count(self) -> None:
        page = self._pages.currentWidget()
        count = page.lines.rowCount() if isinstance(page, LogView) else self.output.document().blockCount()
        self.count.setText(f"{count:,} {'line' if count == 1 else 'lines'}")

    def _copy(self) -> None:
        page = self._pages.currentWidget()
        if isinstance(page, LogView):
            page.copy()
        elif page is self.output:
            cursor = self.output.textCursor()
            if not cursor.hasSelection():
                cursor.select(cursor.SelectionType.Document)
                self.output.setTextCursor(cursor)
            self.output.copy()

    def focus_search(self) -> None:
        """Puts the keyboard into the filter."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
