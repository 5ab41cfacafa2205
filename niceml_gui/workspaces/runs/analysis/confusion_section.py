"""The confusion matrix with the samples behind the cell that is chosen."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from niceml_engine.protocol.samples import ReadSamples
from niceml_engine.results import Confusion
from niceml_gui.session import Session
from niceml_gui.widgets.basics import label
from niceml_gui.workspaces.runs.analysis.confusion import ANY, FEW, Cell, ConfusionMatrix
from niceml_gui.workspaces.runs.analysis.export import export_button
from niceml_gui.workspaces.runs.analysis.sample_grid import SampleBlock
from niceml_gui.workspaces.runs.analysis.section import ResultSection, Shown


class ConfusionSection(ResultSection[Confusion]):
    """Counts and rates of one subset; a cell opens its samples.

    Args:
        session: Whose engine is asked for samples.
    """

    def __init__(self, session: Session) -> None:
        super().__init__("Confusion matrix")
        self.matrix = ConfusionMatrix()
        self.samples = SampleBlock(session)
        self.rates = QPushButton("counts")
        self.rates.setProperty("role", "flat")
        self.rates.setToolTip("Show counts or rates in front")
        self.rates.setAccessibleName("Counts or rates")
        self.rates.clicked.connect(self._swap)
        self.more = export_button(self.matrix, "Confusion matrix")
        menu = self.more.menu()
        first = menu.actions()[0]
        menu.insertAction(first, menu.addAction("Show all samples, worst first", self.open_all))
        menu.insertSeparator(first)
        self.hint = label("", "muted")
        self.hint.setWordWrap(True)
        self.right.addWidget(self.rates)
        self.right.addWidget(self.more)
        self.body.addWidget(self.hint)
        self.body.addWidget(self.matrix)
        self.body.addWidget(self.samples)
        self.samples.hide()
        self._shown = Shown()
        self.matrix.chosen.connect(self.open_cell)
        self.samples.closed.connect(self.close_samples)
        self.samples.appeared.connect(lambda: self.revealed.emit(self.samples))

    def show_results(self, results: Mapping[str, Confusion], shown: Shown) -> None:
        """Shows the matrix of a subset; another one takes the samples away."""
        value = results.get(shown.subset, Confusion((), ()))
        moved = (shown.source, shown.subset) != (self._shown.source, self._shown.subset)
        if moved or value != self.matrix.value:
            self.close_samples()
        self._shown = shown
        self.matrix.show_value(value)
        self.inner.setEnabled(bool(value.labels))
        hints = ["Rows are true, columns predicted classes."] if len(value.labels) > FEW else []
        if value.classes:
            hints.append(f"{len(value.labels)} of {value.classes} classes, those with most mistakes.")
        self.hint.setText(" ".join(hints))
        self.hint.setVisible(bool(hints))

    def open_cell(self, cell: Cell) -> None:
        """Shows the samples of a cell, a row or a column; again, and they are closed."""
        if cell == self.matrix.opened:
            self.close_samples()
            return
        labels = self.matrix.value.labels
        true = None if cell.row == ANY else labels[cell.row]
        predicted = None if cell.column == ANY else labels[cell.column]
        self.matrix.open(cell)
        self._open(true, predicted)

    def open_all(self) -> None:
        """Shows all samples of the subset."""
        self.matrix.open(None)
        self._open(None, None)

    def close_samples(self) -> None:
        """Shows no samples."""
        had_focus = self.samples.isAncestorOf(self.focusWidget()) if self.focusWidget() else False
        self.matrix.open(None)
        self.samples.clear()
        self.samples.hide()
        if had_focus:
            self.matrix.setFocus(Qt.FocusReason.OtherFocusReason)

    def _open(self, true: str | None, predicted: str | None) -> None:
        parts = [f"true {true}"] if true is not None else []
        parts += [f"predicted {predicted}"] if predicted is not None else []
        request = ReadSamples(self._shown.source, self._shown.subset, true, predicted)
        self.samples.show()
        self.samples.show_samples(request, ", ".join(parts) or f"all of {self._shown.subset}")

    def _swap(self) -> None:
        self.matrix.show_rates(not self.matrix.rates_first)
        self.rates.setText("rates" if self.matrix.rates_first else "counts")
