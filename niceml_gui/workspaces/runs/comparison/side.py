"""What stands beside the charts of compared runs: how they are grouped, the legend, and how their configs differ."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSplitter, QStackedLayout, QVBoxLayout, QWidget

from niceml_gui.session import Session
from niceml_gui.theme.tokens import ROW
from niceml_gui.widgets.basics import Empty, button, icon_button, label
from niceml_gui.words import counted
from niceml_gui.workspaces.runs.charts.controls import Controls
from niceml_gui.workspaces.runs.comparison.chosen import Comparison
from niceml_gui.workspaces.runs.comparison.differences import Differences
from niceml_gui.workspaces.runs.comparison.legend import Legend

HEAD = 84  #: pixels above the legend
FEW = 8  #: lines of it that are in view whatever stands below
SPREADS = (("range", "min–max"), ("std", "± std"))


class ComparisonPane(QWidget):
    """Legend and differences.

    Args:
        session: Knows the runs.
        comparison: What is compared.
        controls: Of the charts, which draw means and bands.
    """

    def __init__(self, session: Session, comparison: Comparison, controls: Controls) -> None:
        super().__init__()
        self._session = session
        self._comparison = comparison
        self._controls = controls
        self.legend = Legend(session, comparison)
        self.differences = Differences(session, comparison)
        self.count = label("", "heading")
        self.all = button("Show all", "Bring back what is hidden", role="flat")
        self.all.clicked.connect(comparison.show_all)
        self.clear = icon_button("close", "Compare no more", tip="Compare no more: untick all runs")
        self.clear.clicked.connect(comparison.clear)
        self.group = QComboBox()
        self.group.setAccessibleName("Group by")
        self.group.setToolTip("Draw the mean of the runs with the same value, and a band around it")
        self.group.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.group.setMinimumContentsLength(8)
        self.group.activated.connect(lambda _: comparison.group_by(str(self.group.currentData() or "")))
        self.spread = QComboBox()
        self.spread.setAccessibleName("Band")
        self.spread.setToolTip("What the band around a mean shows: all runs, or one standard deviation")
        for name, text in SPREADS:
            self.spread.addItem(text, name)
        self.spread.activated.connect(lambda _: controls.change(spread=self.spread.currentData()))
        self.nothing = label("", "muted")
        self.nothing.setWordWrap(True)
        self.nothing.setContentsMargins(12, 8, 12, 8)
        self.empty = Empty(
            "Nothing compared", "Tick runs in the list, or all of a sweep: their curves are drawn over each other."
        )
        self._lay_out()
        comparison.changed.connect(self.refresh)
        controls.changed.connect(self._show_spread)
        self.refresh()

    def refresh(self) -> None:
        """Shows what is compared now."""
        comparison = self._comparison
        chosen = comparison.chosen
        self._pages.setCurrentIndex(1 if comparison.active else 0)
        count, drawn = len(chosen.runs), len(chosen.drawn)
        runs = counted(count, "run")
        lines = len(self.legend.lines.lines) * ROW
        self.upper.setMinimumHeight(HEAD + min(lines, FEW * ROW))
        self.upper.setMaximumHeight(HEAD + lines)
        self.count.setText(runs if drawn == count else f"{drawn} of {runs}")
        self.all.setVisible(drawn != count)
        self.differences.refresh()
        keys = [one.key for one in self.differences.found.found]
        self._offer()
        self.spread.setVisible(bool(chosen.group))
        self._show_spread()
        known = all(run in self._session.leaves.table for run in chosen.runs)
        said = "Reading the configs…" if not known else "Their configs are the same." if count > 1 else ""
        self.nothing.setText("" if keys else said)
        self.nothing.setVisible(bool(self.nothing.text()))
        self.differences.setVisible(bool(keys))
        self.title.setText(f"DIFFERENCES  {len(keys)}" if keys else "DIFFERENCES")

    def _offer(self) -> None:
        alike = {one.key: one.keys for one in self.differences.found.found}
        self.group.blockSignals(True)
        self.group.clear()
        self.group.addItem("no groups", "")
        for key, title in self._comparison.groupings().items():
            self.group.addItem(f"by {title}", key)
            self.group.setItemData(
                self.group.count() - 1, "\n".join(alike.get(key, (key,))), Qt.ItemDataRole.ToolTipRole
            )
        self.group.setCurrentIndex(max(self.group.findData(self._comparison.grouping()), 0))
        self.group.setEnabled(self.group.count() > 1)
        self.group.blockSignals(False)

    def _show_spread(self) -> None:
        self.spread.setCurrentIndex(self.spread.findData(self._controls.settings.spread))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(12, 8, 8, 4)
        head.setSpacing(6)
        head.addWidget(self.count)
        head.addWidget(self.all)
        head.addStretch(1)
        head.addWidget(self.clear)
        grouping = QHBoxLayout()
        grouping.setContentsMargins(12, 0, 12, 6)
        grouping.setSpacing(8)
        grouping.addWidget(self.group, 1)
        grouping.addWidget(self.spread)
        self.upper = QWidget()
        column = QVBoxLayout(self.upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addLayout(grouping)
        column.addWidget(self.legend, 1)
        self.title = label("DIFFERENCES", "title")
        self.title.setContentsMargins(12, 10, 12, 4)
        lower = QWidget()
        below = QVBoxLayout(lower)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(0)
        below.addWidget(self.title)
        below.addWidget(self.nothing)
        below.addWidget(self.differences, 1)
        below.addStretch(0)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.upper)
        splitter.addWidget(lower)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(splitter)
