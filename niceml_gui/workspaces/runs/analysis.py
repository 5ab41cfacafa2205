"""The pane on the right: what analysis found for each subset, and which experiment tests passed."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from niceml_engine.events import Analysis, Check
from niceml_gui import words
from niceml_gui.theme import icons, theme
from niceml_gui.widgets.basics import Empty, label
from niceml_gui.workspaces.runs.record import RunRecord
from niceml_gui.workspaces.runs.results import ConfusionMatrix, RocPlot
from niceml_gui.workspaces.runs.value_table import SPAN, ValueTable, training_rows

_NARROW = 330  #: below this width the subsets stand below the title, in pixels
FIRST = ("accuracy", "f1", "precision", "recall", "auc")


def table(analyses: tuple[Analysis, ...]) -> list[tuple[str, list[str]]]:
    """A row per metric, a column per subset; the well-known metrics come first."""
    names = dict.fromkeys(name for analysis in analyses for name in analysis.metrics)
    ordered = [*(name for name in FIRST if name in names), *(name for name in names if name not in FIRST)]
    return [(name, [words.number(analysis.metrics.get(name)) for analysis in analyses]) for name in ordered]


class AnalysisPane(QWidget):
    """Table, confusion matrix, ROC and experiment tests of one run.

    Args:
        parent: The Qt parent.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._analyses: tuple[Analysis, ...] = ()
        self._checks: tuple[Check, ...] = ()
        self.subset = ""
        self.empty = Empty("", "")
        self.empty.setContentsMargins(16, 0, 16, 0)
        self.title = label("SUBSETS", "title")
        self.switch = QHBoxLayout()
        self.switch.setSpacing(2)
        self._buttons = QButtonGroup(self)
        self.table = ValueTable()
        self.training = ValueTable()
        self.training_title = self._section("TRAINING", label("", "muted"))
        self.hint = label("", "muted")
        self.hint.setWordWrap(True)
        self.confusion = ConfusionMatrix()
        self.rates = QPushButton("counts")
        self.rates.setProperty("role", "flat")
        self.rates.setToolTip("Show counts or rates in front")
        self.rates.clicked.connect(self._swap)
        self.confusion_title = self._section("CONFUSION MATRIX", self.rates)
        self.roc = RocPlot()
        self.roc_count = label("", "muted")
        self.roc_title = self._section("ROC", self.roc_count)
        self.tests_count = label("", "muted")
        self.tests_title = self._section("EXPERIMENT TESTS", self.tests_count)
        self._tests = QVBoxLayout()
        self._tests.setSpacing(4)
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._head.addWidget(self.title, 1)
        self._head.addLayout(self.switch)
        body = QWidget()
        inner = QVBoxLayout(body)
        inner.setContentsMargins(14, 8, 14, 12)
        inner.setSpacing(8)
        inner.addLayout(self._head)
        inner.addWidget(self.table)
        inner.addWidget(self.confusion_title)
        inner.addWidget(self.confusion)
        inner.addWidget(self.roc_title)
        inner.addWidget(self.roc)
        inner.addWidget(self.tests_title)
        inner.addLayout(self._tests)
        inner.addWidget(self.training_title)
        inner.addWidget(self.training)
        inner.addWidget(self.hint)
        inner.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(body)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(scroll)
        theme().changed.connect(self._rebuild)
        self._rebuild()
        self.show_record(RunRecord(), "")

    def show_record(self, record: RunRecord, waiting: str) -> None:
        """Shows what a record holds; called again after it has grown.

        Args:
            record: The record.
            waiting: What is said while nothing has been analysed.
        """
        analyses, checks = tuple(record.analysis.values()), tuple(record.checks.values())
        rows = training_rows(record)
        self.empty.title.setText("No analysis yet" if waiting else "")
        self.empty.text.setText(waiting)
        self.hint.setText("" if analyses else waiting)
        self.hint.setVisible(not analyses)
        self.training_title.setVisible(bool(rows))
        self.training.setVisible(bool(rows))
        self.training.show_rows(SPAN, rows, good="best")
        self._stack.setCurrentIndex(1 if analyses or checks or rows else 0)
        if analyses == self._analyses and checks == self._checks:
            return
        known = {analysis.subset for analysis in analyses}
        if self.subset not in known:
            preferred = [name for name in known if name.startswith("val")] or [analysis.subset for analysis in analyses]
            self.subset = preferred[0] if preferred else ""
        self._analyses, self._checks = analyses, checks
        self._rebuild()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Puts the subsets below the title where there is no room beside it."""
        super().resizeEvent(event)
        narrow = event.size().width() < _NARROW
        self._head.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)

    def choose(self, subset: str) -> None:
        """Shows the confusion matrix of a subset."""
        self.subset = subset
        self._rebuild()

    def _swap(self) -> None:
        self.confusion.rates_first = not self.confusion.rates_first
        self.rates.setText("rates" if self.confusion.rates_first else "counts")
        self._rebuild()

    def _rebuild(self) -> None:
        self._fill_switch()
        self.title.setVisible(bool(self._analyses))
        self.table.setVisible(bool(self._analyses))
        heads = tuple(analysis.subset for analysis in self._analyses)
        self.table.show_rows(heads, table(self._analyses), emphasised=self.subset)
        shown = next((analysis for analysis in self._analyses if analysis.subset == self.subset), None)
        has_matrix = shown is not None and bool(shown.confusion)
        self.confusion_title.setVisible(has_matrix)
        self.confusion.setVisible(has_matrix)
        if shown is not None and has_matrix:
            self.confusion.show_analysis(shown, self.confusion.rates_first)
        drawn = sum(1 for analysis in self._analyses if analysis.roc)
        self.roc_title.setVisible(bool(drawn))
        self.roc.setVisible(bool(drawn))
        self.roc_count.setText(f"{drawn} subset{'s' if drawn != 1 else ''}")
        self.roc.show_analyses(self._analyses)
        self._fill_tests()

    def _section(self, title: str, right: QWidget) -> QWidget:
        holder = QWidget()
        layout = QHBoxLayout(holder)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(label(title, "title"))
        layout.addStretch(1)
        layout.addWidget(right)
        return holder

    def _fill_switch(self) -> None:
        _clear(self.switch)
        for analysis in self._analyses:
            button = QPushButton(analysis.subset)
            button.setProperty("role", "flat")
            button.setStyleSheet("QPushButton { padding: 3px 7px }")
            button.setCheckable(True)
            button.setChecked(analysis.subset == self.subset)
            button.setToolTip(f"Show the confusion matrix of {analysis.subset}")
            button.clicked.connect(partial(self.choose, analysis.subset))
            self._buttons.addButton(button)
            self.switch.addWidget(button)

    def _fill_tests(self) -> None:
        _clear(self._tests)
        self.tests_title.setVisible(bool(self._checks))
        passed = sum(check.passed for check in self._checks)
        self.tests_count.setText(f"{passed} of {len(self._checks)} passed")
        tokens = theme().tokens
        for check in self._checks:
            holder = QWidget()
            row = QHBoxLayout(holder)
            row.setContentsMargins(0, 0, 0, 0)
            mark = QLabel()
            name, color = ("check", tokens.ok) if check.passed else ("error", tokens.error)
            mark.setPixmap(icons.pixmap(name, color, 14, self.devicePixelRatioF()))
            row.addWidget(mark)
            row.addWidget(label(check.name))
            row.addStretch(1)
            row.addWidget(label("passed" if check.passed else "failed", "ok" if check.passed else "error"))
            holder.setToolTip(check.message)
            self._tests.addWidget(holder)
            if check.message and not check.passed:
                why = label(check.message, "muted", selectable=True)
                why.setWordWrap(True)
                self._tests.addWidget(why)


def _clear(layout: QHBoxLayout | QVBoxLayout) -> None:
    while item := layout.takeAt(0):
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
