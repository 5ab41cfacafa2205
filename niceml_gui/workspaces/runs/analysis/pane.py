"""The pane that shows what an analysis found, of a run or of an experiment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from niceml_engine.events import Analysis, Check
from niceml_engine.protocol.samples import Source
from niceml_engine.results import ALL, Confusion, Histogram, Lines, Result
from niceml_gui.session import Session
from niceml_gui.widgets.basics import Empty, Painted, label
from niceml_gui.workspaces.runs.analysis.columns import Columns
from niceml_gui.workspaces.runs.analysis.confusion_section import ConfusionSection
from niceml_gui.workspaces.runs.analysis.histogram import HistogramSection
from niceml_gui.workspaces.runs.analysis.lines import LinesSection
from niceml_gui.workspaces.runs.analysis.section import EACH, NOWHERE, ResultSection, Shown
from niceml_gui.workspaces.runs.analysis.tables import ChecksSection, MetricsSection, TrainingSection
from niceml_gui.workspaces.runs.analysis.value_table import Row, training_rows
from niceml_gui.workspaces.runs.record import RunRecord

#: What makes the section of a kind of result, from the session and the result's title.
SECTIONS: dict[type[Result], Callable[[Session, str], ResultSection[Any]]] = {
    Confusion: lambda session, title: ConfusionSection(session),
    Lines: lambda session, title: LinesSection(title),
    Histogram: lambda session, title: HistogramSection(title),
}
_MANY_SUBSETS = 4  #: more than so many are chosen from a list


@dataclass(frozen=True)
class Found:
    """What there is to show.

    Attributes:
        source: Whose analysis it is, to ask for samples.
        analyses: One for each subset that has been analysed.
        checks: Experiment tests.
        training: Rows of what was measured while it trained.
        waiting: What is said while nothing has been analysed.
        coming: Whether something may still be analysed.
    """

    source: Source = NOWHERE
    analyses: tuple[Analysis, ...] = ()
    checks: tuple[Check, ...] = ()
    training: tuple[Row, ...] = ()
    waiting: str = ""
    coming: bool = False

    def results(self) -> dict[tuple[type[Result], str], dict[str, Result]]:
        """The results by kind and name, each by subset, in the order in which they first occur."""
        found: dict[tuple[type[Result], str], dict[str, Result]] = {}
        for analysis in self.analyses:
            for result in analysis.results:
                found.setdefault((type(result), getattr(result, "name", "")), {})[analysis.subset] = result
        return found

    def classes(self) -> list[str]:
        """The classes that have curves of their own, where there are more than two."""
        lines = (one for analysis in self.analyses for one in analysis.results if isinstance(one, Lines))
        names = dict.fromkeys(curve.label for one in lines for curve in one.curves)
        return [name for name in names if name != ALL] if ALL in names else []


class AnalysisPane(QWidget):
    """Metrics, confusion matrix, curves and experiment tests.

    Args:
        session: Whose engine is asked for samples.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._found = Found()
        self.subset = ""
        self.label = ALL
        self.empty = Empty("", "")
        self.empty.setContentsMargins(16, 0, 16, 0)
        self.metrics, self.training, self.checks = MetricsSection(), TrainingSection(), ChecksSection()
        self.sections: dict[tuple[type[Result], str], ResultSection[Any]] = {}
        self.hint = label("", "muted")
        self.hint.setWordWrap(True)
        self.columns = Columns()
        self.columns.resized.connect(self._show_metrics)
        for section in (self.metrics, self.training, self.checks, self.hint):
            section.setParent(self.columns)
            section.hide()
        self._buttons = QButtonGroup(self)
        self.switch = QHBoxLayout()
        self.switch.setSpacing(2)
        self.subsets = QComboBox()
        self.subsets.setAccessibleName("Subset")
        self.subsets.activated.connect(lambda place: self.choose(self.subsets.itemText(place)))
        self.classes = QComboBox()
        self.classes.setAccessibleName("Class")
        self.classes.setToolTip("Whose curves are drawn")
        self.classes.activated.connect(lambda _: self.choose_class(str(self.classes.currentData())))
        self.head = Painted()
        head = QHBoxLayout(self.head)
        head.setContentsMargins(8, 6, 14, 2)
        head.setSpacing(6)
        head.addLayout(self.switch)
        head.addWidget(self.subsets)
        head.addStretch(1)
        head.addWidget(self.classes)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self.columns)
        body = QWidget()
        inner = QVBoxLayout(body)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(self.head)
        inner.addWidget(self._scroll, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(body)
        self._refill()

    def show_record(self, record: RunRecord, waiting: str, *, coming: bool = False) -> None:
        """Shows what a run's record holds; called again after it has grown.

        Args:
            record: The record.
            waiting: What is said while nothing has been analysed.
            coming: Whether something may still be analysed.
        """
        analyses, checks = tuple(record.analysis.values()), tuple(record.checks.values())
        training = tuple(training_rows(record))
        self.show_found(Found(Source(run=record.run), analyses, checks, training, waiting, coming))

    def show_found(self, found: Found) -> None:
        """Shows what was found; called again when there is more."""
        before, self._found = self._found, found
        if found == before:
            return
        known = [analysis.subset for analysis in found.analyses]
        if self.subset not in known:
            preferred = [name for name in known if name.startswith("val")] or known
            self.subset = preferred[0] if preferred else ""
        classes = found.classes()
        if self.label not in (classes and (*classes, EACH)):
            self.label = ALL
        if (found.source, found.analyses, found.checks) != (before.source, before.analyses, before.checks):
            self._refill()
        else:
            self._show_texts()

    def choose(self, subset: str) -> None:
        """Looks at a subset."""
        self.subset = subset
        self._refill()

    def choose_class(self, label: str) -> None:
        """Draws the curves of a class; `ALL` or `EACH` of them."""
        self.label = label
        self._refill()

    def section(self, kind: type[Result], name: str = "") -> ResultSection[Any]:
        """The section of a result that is shown."""
        return self.sections[kind, name]

    def _show_texts(self) -> None:
        """Shows what changes all the time while a run trains."""
        found = self._found
        title = "No analysis yet" if found.coming else "No analysis"
        self.empty.title.setText(title if found.waiting else "")
        self.empty.text.setText(found.waiting)
        self.hint.setText(found.waiting)
        self.training.show_rows(list(found.training))
        something = bool(found.analyses or found.checks or found.training)
        self._stack.setCurrentIndex(1 if something else 0)
        self.columns.show_widgets(list(self._visible()))

    def _visible(self) -> Iterable[QWidget]:
        found = self._found
        if found.analyses:
            yield self.metrics
        if found.training:
            yield self.training
        for key in found.results():
            yield self.sections[key]
        if found.checks:
            yield self.checks
        if not found.analyses and found.waiting:
            yield self.hint

    def _refill(self) -> None:
        found = self._found
        self._fill_head()
        self._show_metrics()
        shown = Shown(found.source, self.subset, self.label)
        for (kind, name), results in found.results().items():
            section = self.sections.get((kind, name))
            if section is None:
                title = str(getattr(next(iter(results.values())), "title", ""))
                section = self.sections[kind, name] = SECTIONS[kind](self._session, title)
                section.setParent(self.columns)
                section.revealed.connect(self._reveal)
            section.show_results(results, shown)
        self.checks.show_checks(found.checks)
        self._show_texts()

    def _reveal(self, part: QWidget) -> None:
        """Scrolls to a part of a section, once it has its place."""
        QTimer.singleShot(0, part, lambda: self._scroll.ensureWidgetVisible(part, 0, 12))

    def _show_metrics(self) -> None:
        self.metrics.show_analyses(self._found.analyses, self.subset, self.columns.column_width)

    def _fill_head(self) -> None:
        while item := self.switch.takeAt(0):
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        known = [analysis.subset for analysis in self._found.analyses]
        self.subsets.setVisible(len(known) > _MANY_SUBSETS)
        if len(known) > _MANY_SUBSETS:
            self.subsets.clear()
            self.subsets.addItems(known)
            self.subsets.setCurrentText(self.subset)
            known = []
        for subset in known:
            button = QPushButton(subset)
            button.setProperty("role", "flat")
            button.setStyleSheet("QPushButton { padding: 3px 7px }")
            button.setCheckable(True)
            button.setChecked(subset == self.subset)
            button.setToolTip(f"Look at {subset}")
            button.clicked.connect(partial(self.choose, subset))
            self._buttons.addButton(button)
            self.switch.addWidget(button)
        classes = self._found.classes()
        self.classes.setVisible(bool(classes))
        self.classes.clear()
        self.classes.addItem("all classes", ALL)
        self.classes.addItem("each class", EACH)
        for name in classes:
            self.classes.addItem(name, name)
        self.classes.setCurrentIndex(max(self.classes.findData(self.label), 0))
        self.head.setVisible(bool(self._found.analyses))
