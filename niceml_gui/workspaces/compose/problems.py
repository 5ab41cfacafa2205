"""What is wrong with the config, with ways to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QPushButton,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from niceml_engine.values import Problem, Severity
from niceml_engine.visible import visible
from niceml_gui.names import Names
from niceml_gui.paths import pure
from niceml_gui.prose import prose
from niceml_gui.session import Session
from niceml_gui.theme import theme
from niceml_gui.theme.icons import icon
from niceml_gui.widgets.basics import filter_edit, icon_button
from niceml_gui.widgets.wrapping import Wrapping
from niceml_gui.workspaces.compose.banner import where
from niceml_gui.workspaces.compose.lists import ListPane
from niceml_gui.workspaces.compose.mending import Mending, about, ways, word

DATA = Qt.ItemDataRole.UserRole
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")  #: the worst first
GROUPS = ("worst first", "by file", "by kind")
_MESSAGE, _WHERE, _FIX = 1, 2, 3  #: columns
_BUTTON = 84  #: pixels of the column of buttons


class ProblemsPane(QWidget):
    """What is wrong with the selection; a problem that can be mended at once has a button for it.

    Args:
        session: What the window works on.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.mending = Mending(session, self)
        self.list = ListPane("Problems", ["severity", "what is wrong", "where", ""], _MESSAGE)
        self.table = self.list.table
        self.table.setUniformRowHeights(False)
        Wrapping(self.table, _MESSAGE)
        header = self.table.header()
        header.setSectionResizeMode(_FIX, QHeaderView.ResizeMode.Fixed)
        self.filter = filter_edit("Filter problems", "Filter problems")
        self.filter.textChanged.connect(self.refresh)
        self.groups = QComboBox()
        self.groups.setAccessibleName("Order of the problems")
        self.groups.setToolTip("How the problems are put together")
        self.groups.addItems(GROUPS)
        self.groups.currentIndexChanged.connect(self.refresh)
        self.copy_button = icon_button("copy", "Copy all problems", tip="Copy all problems that are shown, as text")
        self.copy_button.clicked.connect(self.copy)
        self.bar = QWidget()
        line = QHBoxLayout(self.bar)
        line.setContentsMargins(8, 6, 8, 6)
        line.setSpacing(8)
        line.addWidget(self.filter, 1)
        line.addWidget(self.groups)
        line.addWidget(self.copy_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(self.list, 1)
        self.setFocusProxy(self.list)
        self._notes: QTreeWidgetItem | None = None
        self._shown: tuple[object, ...] = ()
        self.list.opened.connect(self._go_to)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._show_menu)
        self.table.installEventFilter(self)
        theme().changed.connect(self._redraw)
        session.problems_changed.connect(self.refresh)
        session.composed_changed.connect(self.refresh)
        self.refresh()

    # ----------------------------------------------------------------------------------------------- showing

    def refresh(self) -> None:
        """Shows the session's problems, as far as they fit the filter."""
        words = self.filter.text().lower().split()
        every = sorted(self.session.problems, key=lambda problem: SEVERITIES.index(problem.severity))
        problems = [one for one in every if all(word in _searched(one, self.session.names) for word in words)]
        shown = (tuple(problems), self.groups.currentIndex(), len(every))
        if shown != self._shown:
            self._shown = shown
            self._fill(problems, bool(every))
        self.changed.emit()

    def _redraw(self) -> None:
        self._shown = ()
        self.refresh()

    def _fill(self, problems: list[Problem], any_: bool) -> None:
        folded = self._notes is None or not self._notes.isExpanded()
        kind, names = self.groups.currentText(), self.session.names
        rows, self._notes = (
            _by_severity(problems, names) if kind == GROUPS[0] else (_grouped(problems, kind, names), None)
        )
        self.table.setRootIsDecorated(any(row.childCount() for row in rows))
        if any_:
            self.list.fill(rows, "Nothing fits the filter", "Type less, or something else.")
        else:
            self.list.fill(rows, "No problems", "This config composes, and nothing looks wrong.")
        for row in rows:
            if row.childCount():
                row.setFirstColumnSpanned(True)
                row.setExpanded(not (row is self._notes and folded))
        buttons = [self._add_button(row) for row in self._rows()]
        self.table.setColumnWidth(_FIX, _BUTTON if any(buttons) else 8)
        self.bar.setVisible(any_)

    def _rows(self) -> list[QTreeWidgetItem]:
        """The rows of problems from top to bottom, folded ones too."""
        return [item for item in _below(self.table.invisibleRootItem()) if isinstance(item.data(0, DATA), Problem)]

    def _add_button(self, row: QTreeWidgetItem) -> bool:
        problem = row.data(0, DATA)
        if not ways(problem):
            return False
        made = QPushButton(word(problem))
        made.setProperty("role", "pill")
        made.setCursor(Qt.CursorShape.PointingHandCursor)
        made.setToolTip(about(problem) if len(ways(problem)) == 1 else f"{about(problem)} (Alt+Enter)")
        made.setAccessibleName(f"{word(problem).strip(' ▾…')}: {problem.message}")
        made.clicked.connect(partial(self._mend, problem, made))
        holder = QWidget()
        middle = QHBoxLayout(holder)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.addWidget(made)
        self.table.setItemWidget(row, _FIX, holder)
        return True

    # ----------------------------------------------------------------------------------------------- going there

    def step(self, by: int) -> None:
        """Goes to the next problem, or with -1 to the last one; notes only where there is nothing else."""
        rows = self._rows()
        wrong = [row for row in rows if row.data(0, DATA).severity != "info"] or rows
        if not wrong:
            return
        current = self.table.currentItem()
        place = wrong.index(current) + by if current in wrong else 0 if by > 0 else -1
        row = wrong[place % len(wrong)]
        self.table.setCurrentItem(row)
        self.table.scrollToItem(row)
        self._go_to(row.data(0, DATA))

    def _go_to(self, problem: object) -> None:
        if isinstance(problem, Problem):
            if problem.key:
                self.session.set_focus(key=problem.key)
            if problem.file and pure(problem.file).is_absolute():
                self.session.open_source(problem.file, problem.line)

    # ----------------------------------------------------------------------------------------------- mending

    def _mend(self, problem: Problem, at: QWidget | None = None) -> None:
        row = self.table.visualItemRect(self.table.currentItem()) if self.table.currentItem() else None
        anchor = at.mapToGlobal(at.rect().bottomLeft()) if at else None
        place = anchor or self.table.viewport().mapToGlobal(row.bottomLeft() if row else QPoint(0, 0))
        self.mending.mend(problem, place)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Copies and mends the current problem by keys; the table's own copying knows of one cell only."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            alt = event.modifiers() == Qt.KeyboardModifier.AltModifier
            if event.matches(QKeySequence.StandardKey.Copy):
                self._copy_row()
                return True
            if alt and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._mend_row()
                return True
        return super().eventFilter(watched, event)

    # ----------------------------------------------------------------------------------------------- menu and copies

    def copy(self) -> None:
        """Copies all problems that are shown, one on each line."""
        QGuiApplication.clipboard().setText("\n".join(_line(row.data(0, DATA)) for row in self._rows()))

    def _current(self) -> Problem | None:
        item = self.table.currentItem()
        problem = item.data(0, DATA) if item is not None else None
        return problem if isinstance(problem, Problem) else None

    def _copy_row(self) -> None:
        if (problem := self._current()) is not None:
            QGuiApplication.clipboard().setText("\n".join(part for part in (_line(problem), problem.details) if part))

    def _mend_row(self) -> None:
        problem = self._current()
        if problem is not None:
            self._mend(problem)

    def _show_menu(self, place: QPoint) -> None:
        item = self.table.itemAt(place)
        problem = item.data(0, DATA) if item is not None else None
        if not isinstance(problem, Problem):
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.mending.fill(menu, problem)
        if menu.actions():
            menu.addSeparator()
        rest: tuple[tuple[str, Callable[[], object], bool], ...] = (
            ("Open the source", partial(self._go_to, problem), bool(problem.file)),
            ("Copy", self._copy_row, True),
            ("Copy all", self.copy, True),
        )
        for title, action, fits in rest:
            if fits:
                menu.addAction(title, action)
        menu.popup(self.table.viewport().mapToGlobal(place))


def severity_icon(severity: Severity) -> QIcon:
    """The icon of a severity; its word always stands beside it."""
    tokens = theme().tokens
    colours = {"error": tokens.error, "warning": tokens.warning, "info": tokens.muted}
    return icon(severity, colours[severity])


def _below(item: QTreeWidgetItem) -> Iterator[QTreeWidgetItem]:
    for at in range(item.childCount()):
        child = item.child(at)
        yield child
        yield from _below(child)


def _row(problem: Problem, names: Names) -> QTreeWidgetItem:
    message = " ".join(problem.message.split())
    if problem.key not in message:
        message = f"{problem.key}: {message}"
    row = QTreeWidgetItem([problem.severity, prose(message), where(problem, names).replace(".yaml:", ":"), ""])
    row.setIcon(0, severity_icon(problem.severity))
    row.setData(0, DATA, problem)
    row.setToolTip(_MESSAGE, prose("\n\n".join(filter(None, (problem.message, problem.details))), lines=True))
    row.setToolTip(_WHERE, visible(problem.file))
    row.setForeground(_WHERE, QColor(theme().tokens.accent))
    return row


def _by_severity(problems: list[Problem], names: Names) -> tuple[list[QTreeWidgetItem], QTreeWidgetItem | None]:
    """What is wrong, one after the other, and below it the row that holds all notes."""
    wrong = [_row(problem, names) for problem in problems if problem.severity != "info"]
    notes = [_row(problem, names) for problem in problems if problem.severity == "info"]
    if not notes:
        return wrong, None
    count = "1 note" if len(notes) == 1 else f"{len(notes)} notes"
    holder = QTreeWidgetItem([f"{count} on what is overridden or not certain" if wrong else f"No problems · {count}"])
    holder.addChildren(notes)
    return [*wrong, holder], holder


def _grouped(problems: list[Problem], kind: str, names: Names) -> list[QTreeWidgetItem]:
    groups: dict[str, list[Problem]] = {}
    for problem in problems:
        file = problem.file or "overrides"
        name = names.of(file) if kind == GROUPS[1] else problem.code.replace("-", " ")
        groups.setdefault(name, []).append(problem)
    rows = []
    for name, found in groups.items():
        row = QTreeWidgetItem([f"{name} · {len(found)}"])
        row.setIcon(0, severity_icon(found[0].severity))
        row.addChildren([_row(problem, names) for problem in found])
        rows.append(row)
    return rows


def _searched(problem: Problem, names: Names) -> str:
    parts = (problem.severity, problem.message, where(problem, names), problem.key, problem.code)
    return " ".join(parts).lower()


def _line(problem: Problem) -> str:
    place = f"{problem.file}:{problem.line}" if problem.file else ""
    key = "" if problem.key in problem.message else problem.key
    return ": ".join(part for part in (problem.severity, place, key, problem.message) if part)
