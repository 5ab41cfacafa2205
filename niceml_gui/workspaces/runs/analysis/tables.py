"""The sections of numbers: metrics of the subsets, metrics of the training, and experiment tests."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from niceml_engine.events import Analysis, Check
from niceml_gui import words
from niceml_gui.theme import icons, style, theme
from niceml_gui.widgets.basics import ElidedLabel, label
from niceml_gui.workspaces.runs.analysis.section import Section
from niceml_gui.workspaces.runs.analysis.value_table import SPACING, SPAN, Row, ValueTable

FIRST = ("accuracy", "f1", "precision", "recall", "auc")
NAME = 56  #: pixels that the names need at least; they give way


def metric_rows(analyses: tuple[Analysis, ...]) -> list[Row]:
    """A row per metric, a column per subset; the well-known metrics come first."""
    names = dict.fromkeys(name for analysis in analyses for name in analysis.metrics)
    ordered = [*(name for name in FIRST if name in names), *(name for name in names if name not in FIRST)]
    return [(name, [_value(analysis, name) for analysis in analyses]) for name in ordered]


def _value(analysis: Analysis, name: str) -> str:
    kind = analysis.nonfinite.get(name)
    return words.unbounded(kind) if kind else words.number(analysis.metrics.get(name))


class MetricsSection(Section):
    """What was measured on each subset; where there is no room for all, on the one that is looked at."""

    def __init__(self) -> None:
        super().__init__("Metrics")
        self.table = ValueTable()
        self.note = label("", "muted")
        self.right.addWidget(self.note)
        self.model = ElidedLabel()
        self.model.setProperty("role", "muted")
        self.body.addWidget(self.table)
        self.body.addWidget(self.model)

    def show_analyses(self, analyses: tuple[Analysis, ...], subset: str, width: int) -> None:
        """Shows the metrics of some subsets.

        Args:
            analyses: One for each subset.
            subset: The one that is looked at.
            width: The pixels that there are.
        """
        head, digits = QFontMetrics(style.font(weight=QFont.Weight.DemiBold)), QFontMetrics(style.mono(12))
        least = digits.horizontalAdvance("0.0000")
        needed = sum(max(head.horizontalAdvance(one.subset), least) + SPACING for one in analyses)
        fits = NAME + needed <= width
        shown = analyses if fits else tuple(one for one in analyses if one.subset == subset)
        self.note.setText("" if fits else f"1 of {len(analyses)} subsets")
        self.table.show_rows(tuple(one.subset for one in shown), metric_rows(shown), emphasised=subset)
        model = next((one.model for one in analyses if one.subset == subset), None)
        self.model.setVisible(model is not None)
        if model is not None:
            self.model.set_full_text(f"of the {model.in_words()}")


class TrainingSection(Section):
    """Last, best, smallest and largest value of what was measured while it trained."""

    def __init__(self) -> None:
        super().__init__("Training")
        self.table = ValueTable()
        self.body.addWidget(self.table)

    def show_rows(self, rows: list[Row]) -> None:
        """Shows a row per metric."""
        self.table.show_rows(SPAN, rows, good="best")


class ChecksSection(Section):
    """Which experiment tests passed."""

    def __init__(self) -> None:
        super().__init__("Experiment tests")
        self.count = label("", "muted")
        self.right.addWidget(self.count)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(4)
        self.body.addLayout(self._rows)
        self._checks: tuple[Check, ...] = ()
        theme().changed.connect(self._fill)

    def show_checks(self, checks: tuple[Check, ...]) -> None:
        """Shows tests."""
        if checks != self._checks:
            self._checks = checks
            self._fill()

    def _fill(self) -> None:
        while item := self._rows.takeAt(0):
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        passed = sum(check.passed for check in self._checks)
        self.count.setText(f"{passed} of {len(self._checks)} passed")
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
            self._rows.addWidget(holder)
            if check.message and not check.passed:
                why = label(check.message, "muted", selectable=True)
                why.setWordWrap(True)
                self._rows.addWidget(why)
