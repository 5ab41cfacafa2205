"""What the project runs in: its settings, the variables that its configs read, and the scripts that start Hydra."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QGuiApplication, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QMenu, QTreeWidgetItem, QVBoxLayout, QWidget

from niceml_engine.protocol.configs import OpenProject
from niceml_engine.protocol.project import (
    ChangeSetting,
    ChangeVariable,
    Environment,
    ReadEnvironment,
    Variable,
    VariableChanged,
)
from niceml_engine.values import ErrorInfo, Program, Project, ProjectSetting
from niceml_gui.engine import AWAY, GONE
from niceml_gui.file_changes import Step
from niceml_gui.paths import inside, pure
from niceml_gui.prose import prose
from niceml_gui.session import Session
from niceml_gui.theme import theme
from niceml_gui.theme.style import font, mono
from niceml_gui.widgets.basics import filter_edit, icon_button
from niceml_gui.workspaces.compose.environment_fields import ValueEdit, setting_edit, variable_edit
from niceml_gui.workspaces.compose.lists import ListPane

DATA = Qt.ItemDataRole.UserRole
_NAME, _VALUE, _FROM, _WHERE = range(4)
_TIMEOUT = 60.0
_NARROW = 640  #: pixels; below, fields need the room more than places do
Place = tuple[str, int]


class EnvironmentPane(QWidget):
    """Settings that can be changed in place, and every variable with who sets it and where it is used.

    Args:
        session: What the window works on.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.environment: Environment | None = None
        self._asked: int | None = None
        self._stale = True
        self._wanted = ""  # a variable that is to be set, once it is shown
        self.list = ListPane("Environment", ["", "value", "from", "where"], _VALUE)
        self.table = self.list.table
        self.table.setRootIsDecorated(True)
        self.table.setIndentation(14)
        self.table.setUniformRowHeights(False)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._pop_up)
        self.list.opened.connect(self._go_to)
        self.filter = filter_edit("Filter settings and variables", "Filter settings and variables")
        self.filter.textChanged.connect(self._fill)
        self.again = icon_button("refresh", "Read again", tip="Read .env, scripts and configs again")
        self.again.clicked.connect(self._reopen)
        line = QHBoxLayout()
        line.setContentsMargins(8, 6, 8, 6)
        line.setSpacing(8)
        line.addWidget(self.filter, 1)
        line.addWidget(self.again)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(line)
        layout.addWidget(self.list, 1)
        self.setFocusProxy(self.list)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # of a path, file and line tell the most
        self.table.header().setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Fixed)
        self.table.header().setSectionResizeMode(_WHERE, QHeaderView.ResizeMode.Fixed)
        theme().changed.connect(self._fill)
        session.project_changed.connect(self._forget)
        session.composed_changed.connect(self._outdate)

    def showEvent(self, event: QShowEvent) -> None:
        """Shows and asks for what may have changed while nobody looked."""
        super().showEvent(event)
        self._fill()
        self._ask()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shares the width: names and places give way before values do."""
        super().resizeEvent(event)
        self._share()

    # ----------------------------------------------------------------------------------------------- asking

    def change(self, name: str, texts: tuple[str, ...]) -> None:
        """Writes a setting of the project; all of it is read and composed anew.

        Args:
            name: Its key in `.niceml/project.yaml`.
            texts: Its value; empty: it is guessed from now on.
        """
        failed = partial(self._not_taken, name)
        self.session.engine.ask(ChangeSetting(name, texts), self.session.take_project, failed, _TIMEOUT)

    def change_variable(self, name: str, value: str | None) -> None:
        """Writes a variable into `.env`, as one undoable step; `None` takes it out of there."""
        title = f"Set {name} in .env" if value is not None else f"Take {name} out of .env"

        def written(changed: VariableChanged) -> None:
            self._read(changed.environment)
            if changed.change is not None:
                self.session.files.note(Step(title, (changed.change,)))

        failed = partial(self._not_taken, name)
        self.session.engine.ask(ChangeVariable(name, value), written, failed, _TIMEOUT)

    def set_variable(self, name: str) -> None:
        """Leads a person to the field of a variable, as soon as the variables are known."""
        self._wanted = name
        self.filter.clear()
        self._show_wanted()

    def _field(self, name: str) -> tuple[QTreeWidgetItem, ValueEdit] | None:
        """The row of a setting or variable that can be changed, and its field."""
        rows = (group.child(place) for group in self._groups() for place in range(group.childCount()))
        row = next((row for row in rows if row.text(_NAME) == name), None) if name else None
        edit = self.table.itemWidget(row, _VALUE) if row is not None else None
        return (row, edit) if row is not None and isinstance(edit, ValueEdit) else None

    def _show_wanted(self) -> None:
        found = self._field(self._wanted)
        if found is None:
            return
        row, edit = found
        self._wanted = ""
        row.parent().setExpanded(True)
        self.table.setCurrentItem(row)
        self.table.scrollToItem(row)
        edit.edit.setFocus()

    def _reopen(self) -> None:
        if self.session.project is not None:
            request = OpenProject(self.session.project.root)
            self.session.engine.ask(request, self.session.take_project, self._refused, _TIMEOUT)

    def _not_taken(self, name: str, error: ErrorInfo) -> None:
        """Says at its field why a value is not written, as long as it stands there."""
        found = self._field(name)
        if found is None or error.message in (GONE, AWAY):
            self._refused(error)
        else:
            found[1].refuse(error.message)

    def _grow(self, row: QTreeWidgetItem, edit: ValueEdit) -> None:
        row.setSizeHint(_VALUE, QSize(0, edit.height_in(self.table.columnWidth(_VALUE))))
        self.table.doItemsLayout()  # else the fields below stay where they were

    def _refused(self, error: ErrorInfo) -> None:
        self.session.complain(": ".join(part for part in (error.key, error.message) if part), error.details)

    def _forget(self) -> None:
        if self._asked is not None:
            self.session.engine.forget(self._asked)
        self._asked = None
        self._fill()
        self._outdate()

    def _outdate(self) -> None:
        self._stale = True
        self._ask()

    def _ask(self) -> None:
        if self._stale and self._asked is None and self.isVisible() and self.session.project is not None:
            self._stale = False
            self._asked = self.session.engine.ask(ReadEnvironment(), self._read, self._not_read, _TIMEOUT)

    def _read(self, environment: Environment) -> None:
        self._asked = None
        if environment != self.environment:
            self.environment = environment
            self._fill()

    def _not_read(self, error: ErrorInfo) -> None:
        self._asked = None
        self._refused(error)

    # ----------------------------------------------------------------------------------------------- showing

    def _fill(self) -> None:
        if not self.isVisible():
            return
        project = self.session.project
        focus = self.table.currentItem().text(_NAME) if self.table.currentItem() is not None else ""
        folded = {group.text(_NAME).split("  ")[0] for group in self._groups() if not group.isExpanded()}
        words = self.filter.text().casefold().split()
        groups = list(self._made(project, words)) if project is not None else []
        nothing = ("Nothing fits the filter", "Type less, or something else.") if words else ("",)
        self.list.fill([group for group, _ in groups], *nothing)
        for group, rows in groups:
            group.setFirstColumnSpanned(True)
            group.setExpanded(group.text(_NAME).split("  ")[0] not in folded)
            for row in rows:
                if (edit := self._edit(row.data(_VALUE, DATA))) is not None:
                    self.table.setItemWidget(row, _VALUE, edit)
                    edit.grown.connect(partial(self._grow, row, edit))
                if row.text(_NAME) == focus:
                    self.table.setCurrentItem(row)
        self._share()
        self._show_wanted()

    def _edit(self, of: object) -> ValueEdit | None:
        if isinstance(of, ProjectSetting):
            ours = self.environment.python if self.environment and of.name == "python" else ""
            return setting_edit(of, ours, self.change)
        if isinstance(of, Variable) and of.source != "shell":  # which goes before `.env`
            return variable_edit(of, _defaults(of), self.change_variable)
        return None

    def _share(self) -> None:
        header, width = self.table.header(), self.table.viewport().width()
        for column, most in ((_NAME, width * 0.3), (_WHERE, width * (0.28 if width > _NARROW else 0.16))):
            header.resizeSection(column, min(self.table.sizeHintForColumn(column) + 8, int(most)))

    def _groups(self) -> Iterator[QTreeWidgetItem]:
        for place in range(self.table.topLevelItemCount()):
            if (group := self.table.topLevelItem(place)) is not None:
                yield group

    def _made(self, project: Project, words: list[str]) -> Iterator[tuple[QTreeWidgetItem, list[QTreeWidgetItem]]]:
        found = self.environment
        variables = found.variables if found is not None else ()
        env = "" if found is None else "  ·  with .env" if found.has_env_file else "  ·  no .env"
        for title, rows in (
            ("Settings", [self._setting(project, one) for one in project.settings]),
            ("Variables", [self._variable(project, one) for one in variables]),
            ("Scripts", [*(self._program(project, one) for one in project.programs), *self._unread(project)]),
        ):
            kept = [row for row in rows if all(word in _hay(row) for word in words)]
            if kept:
                group = QTreeWidgetItem([f"{title}  {len(kept)}{env if title == 'Variables' else ''}"])
                group.setFont(_NAME, font(weight=font().Weight.DemiBold))
                group.addChildren(kept)
                yield group, kept

    def _setting(self, project: Project, setting: ProjectSetting) -> QTreeWidgetItem:
        where = _short(project, setting.file, setting.line) or setting.why
        row = _row([setting.name, "", setting.source, where], (setting.file, setting.line))
        row.setData(_VALUE, DATA, setting)
        row.setToolTip(_NAME, setting.help)
        row.setToolTip(_FROM, setting.why or setting.source)
        if setting.source != "set":
            row.setForeground(_FROM, QBrush(QColor(theme().tokens.muted)))
        if not setting.file:
            row.setForeground(_WHERE, QBrush(QColor(theme().tokens.muted)))
            row.setToolTip(_WHERE, setting.why)
        wrong = self.environment.problems if self.environment is not None else ()
        for problem in (one for one in wrong if one.key == setting.name):
            tokens = theme().tokens
            self._mark(row, _FROM, problem.message, tokens.error if problem.severity == "error" else tokens.warning)
        return row

    def _variable(self, project: Project, one: Variable) -> QTreeWidgetItem:
        tokens = theme().tokens
        places = [(use.file, use.line) for use in one.uses]
        first = places[0] if len(places) == 1 else ("", 0)
        where = _short(project, *first) if first[0] else f"{len(places)} places" if places else "no config reads it"
        value = one.value if one.value is not None else _defaults(one)
        row = _row([one.name, value, one.source or ("must be set" if one.missing else "default"), where], first)
        row.setData(_VALUE, DATA, one)
        row.setFont(_NAME, mono())
        row.setToolTip(_NAME, one.name)
        if one.missing:
            self._mark(row, _FROM, "A config reads it, and gives no default", tokens.error)
        elif one.value is None:
            row.setForeground(_VALUE, QBrush(QColor(tokens.muted)))
        if one.source == ".env" and self.environment is not None:
            row.setToolTip(_FROM, f"{self.environment.env_file}:{one.line}")
        if one.source == "shell":
            row.setToolTip(_FROM, "Set by the shell that started the program; that goes before .env")
        row.setToolTip(_VALUE, "Secret: never shown" if one.secret else value)
        for use in one.uses if len(one.uses) > 1 else ():
            default = "" if use.default is None else f"else {use.default or repr('')}"
            child = _row([use.key, default, "", _short(project, use.file, use.line)], (use.file, use.line))
            child.setForeground(_VALUE, QBrush(QColor(tokens.muted)))
            row.addChild(child)
        return row

    def _program(self, project: Project, one: Program) -> QTreeWidgetItem:
        where = _short(project, one.file, one.line)
        value = one.problem or (_short(project, one.job) if one.job else "only names a folder of configs")
        kind = f"Hydra {one.version_base or 'newest'}"
        row = _row([pure(one.file).name, value, kind, where], (one.file, one.line))
        if one.problem:
            self._mark(row, _VALUE, one.problem, theme().tokens.warning)
        return row

    def _unread(self, project: Project) -> Iterator[QTreeWidgetItem]:
        for problem in project.problems:
            where = _short(project, problem.file, problem.line) if problem.file else ""
            row = _row([pure(problem.file).name, problem.message, "", where], (problem.file, problem.line))
            self._mark(row, _VALUE, problem.message, theme().tokens.warning)
            yield row

    @staticmethod
    def _mark(row: QTreeWidgetItem, column: int, tip: str, colour: str) -> None:
        row.setForeground(column, QBrush(QColor(colour)))
        row.setToolTip(column, prose(tip, lines=True))

    # ----------------------------------------------------------------------------------------------- going there

    def _go_to(self, place: object) -> None:
        if isinstance(place, tuple) and place[0]:
            self.session.open_source(*place)

    def _pop_up(self, at: QPoint) -> None:
        row = self.table.itemAt(at)
        if row is None or row.parent() is None:
            return
        menu = QMenu(self)
        name, value = row.text(_NAME), row.text(_VALUE)
        place = row.data(_NAME, DATA)
        if place[0]:
            menu.addAction("Open source", lambda: self._go_to(place))
        menu.addAction("Copy name", lambda: QGuiApplication.clipboard().setText(name))
        if value:
            menu.addAction("Copy value", lambda: QGuiApplication.clipboard().setText(value))
        if row.text(_FROM) == ".env" and self.environment is not None:
            file = self.environment.env_file
            menu.addAction("Open .env", lambda: self.session.open_source(file))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.table.viewport().mapToGlobal(at))


def _row(texts: list[str], place: Place) -> QTreeWidgetItem:
    row = QTreeWidgetItem(texts)
    row.setData(_NAME, DATA, place)
    row.setFont(_VALUE, mono())
    row.setToolTip(_WHERE, f"{place[0]}:{place[1]}" if place[0] else "")
    return row


def _defaults(variable: Variable) -> str:
    """What configs take where a variable is not set."""
    return " or ".join(dict.fromkeys(use.default or "''" for use in variable.uses if use.default is not None))


def _hay(row: QTreeWidgetItem) -> str:
    own = " ".join(row.text(column) for column in range(4))
    setting = row.data(_VALUE, DATA)
    values = " ".join(setting.values) if isinstance(setting, ProjectSetting) else ""
    below = " ".join(_hay(row.child(place)) for place in range(row.childCount()))
    return f"{own} {values} {below}".casefold()


def _short(project: Project, file: str, line: int = 0) -> str:
    """A place, as seen from the project's root."""
    shown = inside(file, project.root)
    return f"{shown}:{line}" if line else shown
