"""Short lists below the graph: where a value comes from, and what is wrong."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QPushButton,
    QStackedLayout,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from niceml_engine.values import Leaf, Problem, Severity
from niceml_gui.session import Session
from niceml_gui.theme import theme
from niceml_gui.theme.icons import icon
from niceml_gui.theme.style import mono
from niceml_gui.workspaces.compose.banner import where
from niceml_gui.workspaces.compose.usage import short

_DATA = Qt.ItemDataRole.UserRole
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")  #: the worst first


class _List(QWidget):
    """A table whose rows can be opened, or a line that says why it is empty."""

    opened = Signal(object)

    def __init__(self, name: str, columns: list[str], stretch: int) -> None:
        super().__init__()
        self.table = QTreeWidget()
        self.table.setAccessibleName(name)
        self.table.setHeaderLabels(columns)
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTextElideMode(Qt.TextElideMode.ElideRight)
        header = self.table.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(False)
        header.setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)
        self.hint = QLabel()
        self.hint.setProperty("role", "muted")
        self.hint.setWordWrap(True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.pages = QStackedLayout(self)
        self.pages.addWidget(self.table)
        self.pages.addWidget(self.hint)
        self.setFocusProxy(self.table)
        self.table.itemActivated.connect(self._open)
        self.table.itemClicked.connect(self._open)

    def fill(self, rows: list[QTreeWidgetItem], hint: str) -> None:
        """Replaces the rows."""
        self.table.clear()
        self.table.addTopLevelItems(rows)
        self.hint.setText(hint)
        self.pages.setCurrentIndex(0 if rows else 1)

    def _open(self, item: QTreeWidgetItem) -> None:
        if item.childCount():
            item.setExpanded(not item.isExpanded())
            return
        self.opened.emit(item.data(0, _DATA))


class OriginPane(_List):
    """Which files and overrides set the focused key, in merge order; the last one wins.

    Args:
        session: What the window works on.
    """

    def __init__(self, session: Session) -> None:
        super().__init__("Origin of the value", ["", "set by", "line", "at package", "value"], 4)
        self.session = session
        self.opened.connect(self._go_to)
        theme().changed.connect(self.refresh)
        session.focus_changed.connect(self.refresh)
        session.composed_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Shows the focused key."""
        key = self.session.focus.key
        leaf = next((leaf for leaf in self.session.composed.leaves if leaf.key == key), None)
        rows = self._rows(leaf) if leaf is not None else []
        if leaf is None and key:
            hint = f"{key} is a mapping: choose one of its values to see who set it."
        else:
            hint = "Click a line of the composed config to see which files set it, and in which order."
        self.fill(rows, hint)

    def _rows(self, leaf: Leaf) -> list[QTreeWidgetItem]:
        rows = []
        for origin in (*leaf.shadows, leaf.origin):
            name = short(origin.node) if origin.file else "override"
            value = origin.text or (str(leaf.value) if origin is leaf.origin else "")
            row = QTreeWidgetItem(["", name, str(origin.line or ""), origin.package, value])
            row.setData(0, _DATA, origin)
            row.setToolTip(1, origin.file or origin.text)
            row.setFont(4, mono())
            if origin is leaf.origin:
                row.setText(0, "wins")
                row.setIcon(0, icon("check", theme().tokens.ok))
            else:
                row.setText(0, "overridden")
            rows.append(row)
        return rows

    def _go_to(self, origin: object) -> None:
        file, line = getattr(origin, "file", ""), getattr(origin, "line", 0)
        if file:
            self.session.open_source(file, line)


class ProblemsPane(_List):
    """What is wrong with the selection, the worst first; notes are folded away below. A click goes there.

    Args:
        session: What the window works on.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__("Problems", ["severity", "message", "place", "key", ""], 1)
        self.session = session
        self._notes: QTreeWidgetItem | None = None
        self.opened.connect(self._go_to)
        theme().changed.connect(self.refresh)
        session.problems_changed.connect(self.refresh)
        session.composed_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Shows the session's problems."""
        problems = sorted(self.session.problems, key=lambda problem: SEVERITIES.index(problem.severity))
        rows = [self._row(problem) for problem in problems]
        wrong = sum(problem.severity != "info" for problem in problems)
        unfolded = self._notes is not None and self._notes.isExpanded()
        self._notes = None
        shown = rows[:wrong]
        if notes := rows[wrong:]:
            count = "1 note" if len(notes) == 1 else f"{len(notes)} notes"
            title = f"{count} on what is overridden or not certain" if wrong else f"No problems · {count}"
            self._notes = QTreeWidgetItem([title])
            self._notes.addChildren(notes)
            shown.append(self._notes)
        self.table.setRootIsDecorated(bool(notes))
        self.fill(shown, "No problems: this config composes, and nothing about it looks wrong.")
        if self._notes is not None:
            self._notes.setFirstColumnSpanned(True)
            self._notes.setExpanded(unfolded)
        for row, problem in zip(rows, problems, strict=True):
            if problem.fix:
                button = QPushButton("Fix")
                button.setProperty("role", "flat")
                button.setToolTip(f"Adds the override {problem.fix}")
                button.setAccessibleName(f"Fix: {problem.message}")
                button.clicked.connect(lambda _=False, fix=problem.fix: self._fix(fix))
                self.table.setItemWidget(row, 4, button)
        self.changed.emit()

    def _row(self, problem: Problem) -> QTreeWidgetItem:
        row = QTreeWidgetItem([problem.severity, problem.message.replace("\n", " "), where(problem), problem.key, ""])
        row.setIcon(0, severity_icon(problem.severity))
        row.setData(0, _DATA, problem)
        row.setToolTip(1, "\n\n".join(part for part in (problem.message, problem.details) if part))
        row.setToolTip(2, problem.file)
        row.setToolTip(3, problem.key)
        return row

    def _go_to(self, problem: object) -> None:
        if isinstance(problem, Problem):
            if problem.key:
                self.session.set_focus(key=problem.key)
            if problem.file and PurePath(problem.file).is_absolute():
                self.session.open_source(problem.file, problem.line)

    def _fix(self, fix: str) -> None:
        self.session.set_overrides((*self.session.selection.overrides, fix), f"Fix with {fix}")


def severity_icon(severity: Severity) -> QIcon:
    """The icon of a severity; its word always stands beside it."""
    tokens = theme().tokens
    colours = {"error": tokens.error, "warning": tokens.warning, "info": tokens.muted}
    return icon(severity, colours[severity])
