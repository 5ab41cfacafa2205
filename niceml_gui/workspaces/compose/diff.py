"""In which values the config differs from the last run, the saved job, or what else a person chooses."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListView,
    QMenu,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from niceml_engine.options import option_text
from niceml_engine.protocol.comparing import Change
from niceml_engine.protocol.runs import ListExperiments
from niceml_engine.values import Experiment
from niceml_gui import words
from niceml_gui.comparing import Against, Comparing, against_words, last_run, run_words
from niceml_gui.session import Session
from niceml_gui.theme import theme
from niceml_gui.widgets.basics import Empty, button, filter_edit, icon_button, label
from niceml_gui.widgets.picker import Entry, Picker
from niceml_gui.workspaces.compose.diff_rows import CHANGE, DiffDelegate, DiffModel, line_of

_WIDE = 560  #: pixels of a list to choose from


class DiffPane(QWidget):
    """The differences, with a chooser of what to compare with, a filter, and ways to the files.

    Args:
        session: What the window works on.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.comparing = Comparing(session, self)
        self.against = button("", "Choose what to compare with")
        self.against.clicked.connect(self.choose)
        self.filter = filter_edit("Filter differences", "Filter differences")
        self.filter.textChanged.connect(self.refresh)
        self.count = label("", "muted")
        self.copy_button = icon_button(
            "copy", "Copy all differences", tip="Copy all differences that are shown, as text"
        )
        self.copy_button.clicked.connect(self.copy)
        bar = QWidget()
        line = QHBoxLayout(bar)
        line.setContentsMargins(8, 6, 8, 6)
        line.setSpacing(8)
        line.addWidget(self.against)
        line.addWidget(self.filter, 1)
        line.addStretch()  # in place of the filter where there is nothing to filter
        line.addWidget(self.count)
        line.addWidget(self.copy_button)
        self.model = DiffModel(self, session)
        self.view = QListView()
        self.view.setModel(self.model)
        self.view.setItemDelegate(DiffDelegate(self.view))
        self.view.setAccessibleName("Differences")
        self.view.setUniformItemSizes(True)
        self.view.setMouseTracking(True)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        theme().changed.connect(self.view.viewport().update)
        self.view.installEventFilter(self)
        self.view.clicked.connect(self._focus)
        self.view.doubleClicked.connect(self._open)
        self.view.customContextMenuRequested.connect(self._show_menu)
        self.hint = Empty()
        body = QWidget()
        self.pages = QStackedLayout(body)
        self.pages.addWidget(self.view)
        self.pages.addWidget(self.hint)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(bar)
        layout.addWidget(body, 1)
        self.setFocusProxy(self.view)
        self._picker: Picker | None = None
        self.comparing.changed.connect(self.refresh)
        session.runs.changed.connect(self._name)
        session.project_changed.connect(lambda: self.compare(Against()))
        self.refresh()

    # ----------------------------------------------------------------------------------------------- showing

    def compare(self, against: Against) -> None:
        """Compares with something else from now on."""
        self.comparing.compare(against)
        self.refresh()

    def refresh(self) -> None:
        """Shows the differences, as far as they fit the filter."""
        changes = self.comparing.changes
        self.model.show(changes, self.filter.text())
        self._name()
        shown, every = len(self.model.shown), len(changes)
        total = words.counted(every, "value")
        self.count.setText("" if not every else total if shown == every else f"{shown} of {total}")
        title, text = self._nothing()
        self.hint.say(title, text)
        self.pages.setCurrentIndex(0 if shown else 1)
        self.filter.setVisible(bool(every))
        self.copy_button.setVisible(bool(shown))
        self.changed.emit()

    def _name(self) -> None:
        self.against.setText(f"Against {against_words(self.session, self.comparing.against)}  ▾")

    def _nothing(self) -> tuple[str, str]:
        """What to say where there are no rows."""
        name = against_words(self.session, self.comparing.against)
        if self.comparing.changes:
            return "Nothing fits the filter", "Type less, or something else."
        if self.session.composed.error is not None:
            return "Nothing to compare", "This config does not compose. The problems say why."
        if self.comparing.error:
            return f"Cannot be compared with {name}", self.comparing.error
        if self.comparing.comparison is None:
            return "", "comparing…"
        if self.comparing.against.kind == "option":
            return "No difference", f"{_upper(name)} would change nothing."
        return "No difference", f"Every value is the same as in {name}."

    # ----------------------------------------------------------------------------------------------- choosing

    def choose(self) -> None:
        """Asks what to compare with."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for against in (Against("last"), Against("saved")):
            action = menu.addAction(_upper(against_words(self.session, against)), partial(self.compare, against))
            action.setCheckable(True)
            action.setChecked(against == self.comparing.against)
            action.setEnabled(against.kind != "last" or last_run(self.session) is not None)
        menu.addSeparator()
        menu.addAction("Another job…", lambda: self._pick("Compare with a job…", self._jobs()))
        menu.addAction("A run…", lambda: self._pick("Compare with a run…", self._runs()))
        menu.addAction("An experiment…", self._ask_experiments)
        menu.addAction("Another option…", lambda: self._pick("What would choosing it change?", self._options()))
        menu.popup(self.against.mapToGlobal(self.against.rect().bottomLeft()))

    def _pick(self, placeholder: str, entries: list[Entry]) -> None:
        if self._picker is None or self._picker.parent() is not self.window():
            self._picker = Picker(self.window(), placeholder)
        place = self.against.mapTo(self.window(), QPoint(0, self.against.height() + 4))
        self._picker.open(entries, place, _WIDE, placeholder)

    def _entry(self, title: str, against: Against, hint: str, icon: str) -> Entry:
        current = against == self.comparing.against
        return Entry(title, partial(self.compare, against), hint, icon, mono=True, current=current)

    def _jobs(self) -> list[Entry]:
        jobs = self.session.project.tree.jobs if self.session.project is not None else ()
        own = self.session.selection.job
        return [
            self._entry(job.id.rpartition("/")[2], Against("job", job.file), job.id.rpartition("/")[0], "job")
            for job in jobs
            if job.file != own
        ]

    def _runs(self) -> list[Entry]:
        states = self.session.runs.states.values()
        return [self._entry(run_words(run), Against("run", run.id), words.status(run), "chart") for run in states]

    def _ask_experiments(self) -> None:
        def answered(found: tuple[Experiment, ...]) -> None:
            entries = [
                self._entry(words.unstamped(one.name), Against("experiment", one.uri), words.day(one.created), "table")
                for one in found
            ]
            self._pick("Compare with an experiment…", entries)

        request = ListExperiments(self.session.selection)
        self.session.engine.ask(request, answered, lambda error: self.session.complain(error.message, error.details))

    def _options(self) -> list[Entry]:
        return [
            self._entry(
                option, Against("option", f"{choice.key}={option_text(option)}"), choice.package or choice.group, "file"
            )
            for choice in self.session.composed.choices
            if choice.key and not choice.is_list
            for option in choice.options
            if option not in choice.chosen
        ]

    # ----------------------------------------------------------------------------------------------- doing

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Copies the current row, and opens its file, by keys."""
        change = self.view.currentIndex().data(CHANGE)
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and isinstance(change, Change):
            if event.matches(QKeySequence.StandardKey.Copy):
                QGuiApplication.clipboard().setText(line_of(change, self.session.names))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._open(self.view.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def copy(self) -> None:
        """Copies all differences that are shown, one on each line."""
        QGuiApplication.clipboard().setText("\n".join(line_of(one, self.session.names) for one in self.model.shown))

    def _focus(self, index: QModelIndex) -> None:
        change: Change = index.data(CHANGE)
        if change.kind != "removed" and self.comparing.against.kind != "option":
            self.session.set_focus(key=change.key.partition("[")[0])

    def _open(self, index: QModelIndex) -> None:
        self._focus(index)
        change: Change = index.data(CHANGE)
        self._show_source(change, now=True)

    def _show_source(self, change: Change, *, now: bool) -> None:
        """Opens the file that sets the value now, or that set it before; where only one did, that one."""
        origins = (change.origin, change.before_origin) if now else (change.before_origin, change.origin)
        origin = next((one for one in origins if one is not None and one.file), None)
        if origin is not None:
            self.session.open_source(origin.file, origin.line)

    def _show_menu(self, at: QPoint) -> None:
        index = self.view.indexAt(at)
        if not index.isValid():
            return
        change: Change = index.data(CHANGE)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for word, origin in (("sets", change.origin), ("set", change.before_origin)):
            if origin is not None and origin.file:
                title = (
                    f"Open what {word} it {'now' if word == 'sets' else 'before'}: {self.session.names.of(origin.file)}"
                )
                menu.addAction(title, partial(self._show_source, change, now=word == "sets"))
        if self.session.overridden(change.key) is not None:
            menu.addAction("Drop the override", partial(self.session.reset, change.key))
        menu.addAction("Copy", lambda: QGuiApplication.clipboard().setText(line_of(change, self.session.names)))
        menu.addAction("Copy all", self.copy)
        menu.popup(self.view.viewport().mapToGlobal(at))


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
