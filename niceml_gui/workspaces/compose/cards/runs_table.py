"""The runs that a selection with sweeps stands for, before any of them starts."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QVBoxLayout

from niceml_gui import overrides as grammar
from niceml_gui.session import Session
from niceml_gui.theme.style import mono
from niceml_gui.theme.tokens import ROW
from niceml_gui.widgets.basics import Painted, label, line
from niceml_gui.workspaces.compose.cards.known import Known

_MOST_ROWS = 6  #: that are seen at once


class RunsTable(Painted):
    """A row a run, a column for each key that differs; hidden where there is only one run.

    Args:
        known: Knows the runs.
        session: What the window works on.
    """

    def __init__(self, known: Known, session: Session) -> None:
        super().__init__()
        self._known, self._session = known, session
        self.title = label("", "title")
        self.table = QTableWidget()
        self.table.setAccessibleName("Runs of the sweep")
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.verticalHeader().setDefaultSectionSize(ROW)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 10)
        layout.setSpacing(6)
        layout.addWidget(line())
        layout.addSpacing(4)
        layout.addWidget(self.title)
        layout.addWidget(self.table)
        known.expanded.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Shows the runs of the selection."""
        found = self._known.expansion
        self.setVisible(found is not None and len(found.runs) > 1)
        if found is None:
            return
        first = found.runs[0]
        keys = {grammar.split(first[place])[1]: place for place in found.swept}
        self.title.setText(f"RUN STARTS {len(found.runs)} RUNS")
        self.table.setRowCount(len(found.runs))
        self.table.setColumnCount(len(keys) + 1)
        self._fill(0, "run", "", [str(number + 1) for number in range(len(found.runs))])
        for column, (key, place) in enumerate(keys.items(), 1):
            self._fill(column, grammar.last_part(key), key, [grammar.split(run[place])[2] for run in found.runs])
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        rows = min(len(found.runs), _MOST_ROWS)
        self.table.setFixedHeight(header.sizeHint().height() + rows * ROW + 4)

    def _fill(self, column: int, name: str, key: str, texts: list[str]) -> None:
        head = QTableWidgetItem(name)
        head.setToolTip(key)
        head.setTextAlignment(Qt.AlignmentFlag.AlignLeft)
        self.table.setHorizontalHeaderItem(column, head)
        for row, text in enumerate(texts):
            item = QTableWidgetItem(text)
            item.setFont(mono())
            item.setToolTip(f"{key}={text}" if key else "")
            self.table.setItem(row, column, item)
