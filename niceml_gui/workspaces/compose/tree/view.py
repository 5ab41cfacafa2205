"""The left pane: config groups, options and jobs, what the current job uses of them, and a filter."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from niceml_engine.values import Choice, Composed, ConfigTree, Job, Option
from niceml_engine.visible import visible
from niceml_gui.commands import Command
from niceml_gui.session import Session
from niceml_gui.theme import theme
from niceml_gui.widgets.basics import filter_edit
from niceml_gui.workspaces.compose.cards.dropping import add_ways
from niceml_gui.workspaces.compose.tree.actions import Act, TreeActions
from niceml_gui.workspaces.compose.tree.entries import EntryDelegate, EntryView
from niceml_gui.workspaces.compose.tree.model import ENTRY, Entry, TreeFilter, TreeModel
from niceml_gui.workspaces.compose.usage import (
    hydras_choices,
    known_choices,
    last_good,
    option_count,
    places_for,
    root_of,
    short,
    ways_for,
)

_UNFOLDED = 400  #: rows that fit a filter, up to which all of them are unfolded


class ConfigTreePane(QWidget):
    """Config groups, options and jobs with a filter.

    Args:
        session: What the window works on.
        parent: The Qt parent.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.setProperty("role", "panel")
        self.model = TreeModel(self)
        self.filter = TreeFilter(self.model, self)
        self.files = TreeActions(session, self)
        self._open: set[str] = set()
        self._used: set[str] = set()  # the groups that the job uses, which were unfolded for that
        self._good: Composed | None = None  # the last config that composed
        self._root = ""
        self._job = ""
        self._following = False

        self.edit = filter_edit("Filter", "Filter config groups")
        self.edit.textChanged.connect(self._filter)
        self.edit.installEventFilter(self)
        box = QHBoxLayout()
        box.setContentsMargins(12, 10, 12, 8)
        box.addWidget(self.edit)

        self.view = EntryView()
        self.view.setModel(self.filter)
        self.view.setItemDelegate(EntryDelegate(self.view))
        self.view.setHeaderHidden(True)
        self.view.setUniformRowHeights(True)
        self.view.setIndentation(14)
        self.view.setMouseTracking(True)
        self.view.setExpandsOnDoubleClick(False)
        self.view.setDragEnabled(True)
        self.view.setAccessibleName("Config groups")
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._menu_at)
        self.view.doubleClicked.connect(self._activate)
        self.view.selectionModel().currentChanged.connect(self._current_changed)
        self.setFocusProxy(self.view)

        self.hint = QLabel("")
        self.hint.setProperty("role", "muted")
        self.hint.setWordWrap(True)
        self.hint.setContentsMargins(14, 4, 14, 4)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(box)
        layout.addWidget(self.hint)
        layout.addWidget(self.view, 1)

        session.project_changed.connect(self._show_project)
        session.composed_changed.connect(self._show_composed)
        session.focus_changed.connect(self._follow)
        theme().changed.connect(self.view.viewport().update)
        for act in self.files.acts:
            shortcut = QShortcut(QKeySequence(act.keys), self.view)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(partial(self._act, act))
        self._show_project()

    # ----------------------------------------------------------------------------------------------- following

    def _show_project(self) -> None:
        project = self.session.project
        root = project.root if project is not None else ""
        if root == self._root:
            self._remember_open()
        else:
            self._root, self._job, self._open = root, "", set()
        if project is not None:
            self.model.set_tree(project.tree, project.config_dirs[:1])
            self.filter.set_text(self.edit.text())
        self._name()
        self._show_composed()
        self._restore_open()
        self._follow()

    def _show_composed(self) -> None:
        composed = self.session.composed
        self._good = last_good(self._good, composed)
        shown = self._good or composed
        self.model.set_composed(shown)
        self._hint()
        job = root_of(shown)
        if job and job != self._job:
            self._job, self._used = job, set()
        self._open_used(shown)

    def _follow(self) -> None:
        index = self.filter.mapFromSource(self.model.index_of(self.session.focus.node))
        if not index.isValid() or index == self.view.currentIndex():
            return
        self._stay_at(index)

    def _current_changed(self, current: QModelIndex) -> None:
        entry = self._entry(current)
        if not self._following and entry is not None and entry.item is not None:
            self.session.set_focus(node=entry.path)

    def _entry(self, index: QModelIndex) -> Entry | None:
        found = index.data(ENTRY) if index.isValid() else None
        return found if isinstance(found, Entry) else None

    def _filter(self, text: str) -> None:
        current = self._entry(self.view.currentIndex())
        if not self.filter.filtering:
            self._remember_open()
        self._following = True  # where Qt puts the current row when it goes away was chosen by nobody
        self.filter.set_text(text)
        self._following = False
        if text.strip():
            if self.filter.found <= _UNFOLDED:
                self.view.expandAll()
        else:
            self.view.collapseAll()
            self._restore_open()
            if current is None:
                self._follow()
            else:
                self._stay_at(self._proxy(current.path))
        self._hint()

    def _stay_at(self, index: QModelIndex) -> None:
        """Keeps a row the current one without choosing it anew."""
        self._following = True
        self.view.setCurrentIndex(index)
        self.view.scrollTo(index)
        self._following = False

    def _name(self) -> None:
        project = self.session.project
        self.setWindowTitle(f"Config groups  {option_count(project.tree)}" if project is not None else "Config groups")

    def _hint(self) -> None:
        text = ""
        if self.session.project is None:
            text = "Open a folder of Hydra configs to see its groups here."
        elif not self.model.rowCount():
            text = "No config groups here: a group is a folder of YAML files below the config root."
        elif not self.filter.rowCount():
            text = "Nothing fits the filter. Press Esc to see everything."
        elif self.filter.filtering and self.filter.found > _UNFOLDED:
            text = f"{self.filter.found:,} fit, too many to unfold: type more."
        elif self.session.composed.error is not None and self._good is not None:
            text = "Out of date: the job does not compose, so the dots say what it used when it last did."
        elif self.session.composed.error is not None:
            text = "The job does not compose: the dots say what could be read of it."
        self.hint.setText(text)
        self.hint.setVisible(bool(text))

    def _remember_open(self) -> None:
        paths = {path for path in self.model.groups() if self.view.isExpanded(self._proxy(path))}
        self._open = paths or self._open

    def _restore_open(self) -> None:
        self._expand(self._open)

    def _expand(self, paths: Iterable[str]) -> None:
        folded = [index for index in map(self._proxy, paths) if not self.view.isExpanded(index)]
        if folded:
            self.view.scheduleDelayedItemsLayout()  # else Qt lays out all rows anew after each of them
        for index in folded:
            self.view.expand(index)

    def _open_used(self, composed: Composed) -> None:
        """Unfolds the groups that the job has come to use, or to choose from; what a person folds later stays so."""
        used = self.model.used_groups()
        for choice in composed.choices:
            if choice.missing:
                parts = choice.group.split("/")
                used |= {"/".join(parts[: depth + 1]) for depth in range(len(parts))}
        self._expand(used - self._used)
        self._open |= used - self._used
        self._used = used

    def _proxy(self, path: str) -> QModelIndex:
        return self.filter.mapFromSource(self.model.index_of(path))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down and Enter go from the filter to the first row that fits."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        if watched is not self.edit or event.key() not in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return super().eventFilter(watched, event)
        self.view.setFocus(Qt.FocusReason.TabFocusReason)
        if self.edit.text().strip() and (first := self._first()).isValid():
            self.view.setCurrentIndex(first)
        return True

    def _first(self) -> QModelIndex:
        """The first option or job that is shown, else the first row."""
        index = first = self.filter.index(0, 0)
        while index.isValid():
            entry = self._entry(index)
            if entry is not None and entry.item is not None:
                return index
            index = self.view.indexBelow(index)
        return first

    def open_current(self) -> None:
        """Opens the file of the current row."""
        entry = self._entry(self.view.currentIndex())
        if entry is not None and entry.item is not None:
            self.session.open_source(entry.item.file, entry.line)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc clears the filter."""
        if event.key() == Qt.Key.Key_Escape and self.edit.text():
            self.edit.clear()
        else:
            super().keyPressEvent(event)

    # ----------------------------------------------------------------------------------------------- doing

    def commands(self) -> tuple[Command, ...]:
        """What can be done with the current row, for the palette."""
        return tuple(
            Command(f"tree.{act.name}", act.title, partial(self._act, act), when="on_compose")
            for act in self.files.acts
        )

    def _act(self, act: Act) -> None:
        entry = self._entry(self.view.currentIndex())
        if entry is None:
            self.session.complain("Choose a row of the config groups first")
        else:
            act.do(entry)

    def _activate(self, index: QModelIndex) -> None:
        entry = self._entry(index)
        if entry is None:
            return
        if isinstance(entry.item, Job):
            self.session.open_job(entry.item.file)
        elif isinstance(entry.item, Option):
            found = places_for(entry.item, self._choices())
            places = [(choice, name) for choice, name in found if name not in choice.chosen]
            if len(places) == 1:
                self.session.choose(*places[0])
            elif places:
                self.menu_for(entry).popup(self.view.viewport().mapToGlobal(self.view.visualRect(index).bottomLeft()))
            else:
                self.session.open_source(entry.item.file, entry.line)
        else:
            self.view.setExpanded(index, not self.view.isExpanded(index))

    def _choices(self) -> tuple[Choice, ...]:
        """What the job can choose, of Hydra's own groups too."""
        choices = known_choices(self._good, self.session.composed)
        tree = self.session.project.tree if self.session.project is not None else ConfigTree()
        return (*choices, *hydras_choices(self.session.composed, tree))

    def _menu_at(self, point: QPoint) -> None:
        index = self.view.indexAt(point)  # the menu key may come with any point
        entry = self._entry(index if index.isValid() else self.view.currentIndex())
        if entry is not None:
            self.menu_for(entry).popup(self.view.viewport().mapToGlobal(point))

    def menu_for(self, entry: Entry) -> QMenu:
        """What can be done with a group, an option or a job; the menu deletes itself when it closes."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        if isinstance(entry.item, Job):
            menu.addAction("Open this job", partial(self.session.open_job, entry.item.file))
        elif isinstance(entry.item, Option):
            choices = self._choices()
            places = places_for(entry.item, choices)
            into = menu.addMenu("Choose for") if len(places) > 1 else menu
            for choice, name in places:
                where = visible(choice.package or short(choice.node))
                action = into.addAction(where if into is not menu else f"Choose for {where}")
                action.setEnabled(name not in choice.chosen)
                action.triggered.connect(partial(self.session.choose, choice, name))
            above, added = ([], "") if places else ways_for(entry.item, choices, self.session.composed)
            add_ways(menu, above, self.session, added)
            if not (places or above or added):
                where = "No place to choose it in this job" if self.session.selection.job else "No job to choose it for"
                menu.addAction(where).setEnabled(False)
            if not entry.item.provider:
                menu.addAction("Compose alone", partial(self.session.open_job, entry.item.file))
        if entry.item is not None:
            source = menu.addAction("Open source", partial(self.session.open_source, entry.item.file, entry.line))
            source.setEnabled(bool(entry.item.file))
            menu.addSeparator()
        self.files.fill(menu, entry)
        return menu
