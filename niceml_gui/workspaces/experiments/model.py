"""The table of experiments: fixed columns, then one for each metric that occurs."""

from __future__ import annotations

from time import time

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QColor, QFont

from niceml_engine.leaves import Leaves
from niceml_engine.query.grammar import Query
from niceml_engine.query.subjects import ExperimentSubject
from niceml_engine.values import Experiment, measured
from niceml_gui import metrics, words
from niceml_gui.theme import style, theme
from niceml_gui.values import file_stem

Index = QModelIndex | QPersistentModelIndex
DIGITS = 5  #: of a metric: experiments are compared by the last of them
FIXED = ("name", "created", "status", "job")
SORT = Qt.ItemDataRole.UserRole
_ROOT = QModelIndex()


def metric_names(experiments: tuple[Experiment, ...]) -> tuple[str, ...]:
    """All metrics that occur: what was analysed before what was trained."""
    return tuple(sorted({name for one in experiments for name in one.metrics}, key=metrics.rank))


class ExperimentModel(QAbstractTableModel):
    """Experiments as rows."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.experiments: tuple[Experiment, ...] = ()
        self.metrics: tuple[str, ...] = ()

    def show(self, experiments: tuple[Experiment, ...]) -> None:
        """Replaces all rows."""
        self.beginResetModel()
        self.experiments, self.metrics = experiments, metric_names(experiments)
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """One for each experiment."""
        return 0 if parent.isValid() else len(self.experiments)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """The fixed ones and the metrics."""
        return 0 if parent.isValid() else len(FIXED) + len(self.metrics)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The names of the columns."""
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (*FIXED, *self.metrics)[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _align(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text, colour, alignment, and under `SORT` what the column sorts by."""
        if not index.isValid():
            return None
        experiment = self.experiments[index.row()]
        column = index.column()
        value = self._value(experiment, column)
        if role == Qt.ItemDataRole.DisplayRole:
            if column >= len(FIXED):
                return words.number(value, DIGITS) if value is None or isinstance(value, float | int) else str(value)
            if column == 1:
                return words.day(experiment.created)
            return words.unstamped(str(value)) if not column else str(value)
        if role == SORT:
            return float("-inf") if value is None or value != value else value
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{experiment.name}\n{experiment.uri}" if column == 0 else None
        if role == Qt.ItemDataRole.FontRole:
            return _font(column == 0 or column >= len(FIXED))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _align(column)
        if role == Qt.ItemDataRole.ForegroundRole:
            return QColor(_color(column, experiment.status))
        return None

    def _value(self, experiment: Experiment, column: int) -> str | float | None:
        if column >= len(FIXED):
            return measured(experiment, self.metrics[column - len(FIXED)])
        job = file_stem(experiment.job)
        return (experiment.name, experiment.created, experiment.status, job)[column]


class ExperimentFilter(QSortFilterProxyModel):
    """Keeps the rows that a query holds of, and sorts numbers as numbers."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._query, self._leaves = Query(), Leaves()
        self.setSortRole(SORT)

    def set_query(self, query: Query, leaves: Leaves) -> None:
        """Filters by a query, which may ask for configs."""
        self._query, self._leaves = query, leaves
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        """Whether the query holds of an experiment."""
        model = self.sourceModel()
        if not self._query.text or not isinstance(model, ExperimentModel):
            return True
        return self._query.holds(ExperimentSubject(model.experiments[row], self._leaves, time()))


def _align(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column >= len(FIXED) else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _color(column: int, status: str) -> str:
    tokens = theme().tokens
    if column == 2:
        return words.status_color(status, tokens)
    return tokens.muted if column in (1, 3) else tokens.text


def _font(mono: bool) -> QFont:
    return style.mono() if mono else style.font()
