"""The list of runs: newest first, two lines each, with a filter and everything that can be done to a run."""

from __future__ import annotations

import shlex
from time import time
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QCheckBox,
    QHBoxLayout,
    QListView,
    QMenu,
    QMessageBox,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from niceml_engine.values import ACTIVE, RunState
from niceml_gui import words
from niceml_gui.desktop import is_local, open_folder
from niceml_gui.session import Session
from niceml_gui.theme import style, theme
from niceml_gui.widgets.basics import Empty, filter_edit

Index = QModelIndex | QPersistentModelIndex
STATE = Qt.ItemDataRole.UserRole
NO_INDEX = QModelIndex()
HEIGHT = 52


def matches(state: RunState, text: str) -> bool:
    """Whether a run has all the words of a filter in its name, state, job, overrides or message."""
    said = (state.name, state.id, words.status(state), state.job, state.message, state.group, *state.overrides)
    hay = " ".join(said).casefold()
    return all(word in hay for word in text.casefold().split())


class RunModel(QAbstractListModel):
    """The runs that match a filter, newest first."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._shown: list[RunState] = []
        self.filter = ""
        session.runs.changed.connect(self.refresh)
        self.refresh()

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        """How many runs are shown."""
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A run's name, its tooltip, or (`STATE`) its `RunState`."""
        if not index.isValid():
            return None
        state = self._shown[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return state.name or state.id
        if role == STATE:
            return state
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join((f"{state.name or state.id} · {words.status(state)}", *self._facts(state)))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{state.name or state.id}, {words.status(state)}, {words.subtitle(state, time())}"
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Renames a run."""
        state: RunState = index.data(STATE)
        name = str(value).strip()
        if role != Qt.ItemDataRole.EditRole or not name or name == state.name:
            return False
        self._session.runs.rename(state.id, name)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Runs can be renamed in place."""
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def row_of(self, run: str) -> int:
        """The row of a run, -1 if it is not shown."""
        return next((row for row, state in enumerate(self._shown) if state.id == run), -1)

    def set_filter(self, text: str) -> None:
        """Shows only the runs that match."""
        self.filter = text
        self.refresh()

    def refresh(self) -> None:
        """Takes up what has changed in the session, without losing selection or editor where the rows are the same."""
        shown = [state for state in self._session.runs.states.values() if matches(state, self.filter)]
        if [state.id for state in shown] != [state.id for state in self._shown]:
            self.beginResetModel()
            self._shown = shown
            self.endResetModel()
            return
        changed = [row for row, state in enumerate(shown) if state != self._shown[row]]
        self._shown = shown
        for row in changed:
            self.dataChanged.emit(self.index(row), self.index(row))

    def _facts(self, state: RunState) -> list[str]:
        facts = [f"created {words.day(state.created)}", state.job, *state.overrides, state.experiment, state.message]
        return [fact for fact in facts if fact]


class RunDelegate(QStyledItemDelegate):
    """Paints a run: name and state, below them what there is to say about it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """All rows are equally high."""
        return QSize(120, HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paints two lines, and an accent bar beside the selected run."""
        tokens = theme().tokens
        state: RunState = index.data(STATE)
        area = QRect(option.rect)
        flags = option.state
        painter.save()
        if flags & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, QColor(tokens.selection))
            painter.fillRect(QRect(area.left(), area.top(), 2, area.height()), QColor(tokens.accent))
        elif flags & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, QColor(tokens.raised))
        painter.fillRect(QRect(area.left(), area.bottom(), area.width(), 1), QColor(tokens.line))
        inner = area.adjusted(14, 7, -14, -8)
        small = style.font(12)
        word = words.status(state)
        width = QFontMetrics(small).horizontalAdvance(word)
        half = inner.height() // 2
        top = QRect(inner.left(), inner.top(), inner.width(), half)
        bottom = QRect(inner.left(), inner.top() + half, inner.width(), half)
        painter.setFont(small)
        painter.setPen(QColor(words.status_color(state.status, tokens)))
        painter.drawText(top, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, word)
        painter.setPen(QColor(tokens.muted))
        now = time()
        moment = words.moment(state.created, now)
        painter.drawText(bottom, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, moment)
        bottom.adjust(0, 0, -QFontMetrics(small).horizontalAdvance(moment) - 12, 0)
        text = QFontMetrics(small).elidedText(words.subtitle(state, now), Qt.TextElideMode.ElideRight, bottom.width())
        painter.drawText(bottom, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        mono = style.mono(12.5)
        painter.setFont(mono)
        painter.setPen(QColor(tokens.text))
        name = QFontMetrics(mono).elidedText(
            words.title(state), Qt.TextElideMode.ElideMiddle, max(top.width() - width - 12, 24)
        )
        painter.drawText(top, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name.replace("……", "…"))
        painter.restore()

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Puts the editor over the name."""
        area = QRect(option.rect)
        editor.setGeometry(area.adjusted(6, 4, -6, -HEIGHT // 2 + 4))


class RunList(QWidget):
    """The runs with their filter and their menu.

    Args:
        session: Knows the runs, and does what is asked.
        parent: The Qt parent.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.model = RunModel(session)
        self.search = filter_edit("Filter runs", "Filter runs")
        self.view = QListView()
        self.view.setModel(self.model)
        self.view.setItemDelegate(RunDelegate(self.view))
        self.view.setUniformItemSizes(True)
        self.view.setMouseTracking(True)
        self.view.setAccessibleName("Runs")
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.empty = Empty("No runs yet", "Press Run in the Compose workspace: the run appears here and starts.")
        self.empty.setContentsMargins(12, 0, 12, 0)
        search = QHBoxLayout()
        search.setContentsMargins(12, 10, 12, 0)
        search.addWidget(self.search)
        holder = QWidget()
        self._stack = QStackedLayout(holder)
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(search)
        layout.addWidget(holder, 1)
        self.search.textChanged.connect(self.model.set_filter)
        self.view.selectionModel().currentChanged.connect(self._chosen)
        self.view.customContextMenuRequested.connect(self._popup)
        self.model.modelReset.connect(self._refresh)
        session.runs.changed.connect(self._refresh)
        session.runs.selected.connect(self._select)
        theme().changed.connect(self.view.viewport().update)
        self._refresh()

    def actions_for(self, state: RunState) -> QMenu:
        """The menu of a run."""
        session, active = self._session, state.status in ACTIVE
        menu = QMenu(self)
        menu.setToolTipsVisible(True)

        def add(text: str, do: Any, enabled: bool = True, keys: QKeySequence.StandardKey | None = None) -> None:
            action = menu.addAction(text)
            action.setEnabled(enabled)
            action.triggered.connect(lambda: do())
            if keys is not None:
                action.setShortcut(QKeySequence(keys))

        add("Open", lambda: session.runs.select(state.id))
        add("Open as selection", lambda: session.use_run(state.id))
        add("Run again", lambda: session.runs.again(state.id))
        menu.addSeparator()
        add("Stop", lambda: session.runs.stop(state.id), active)
        menu.addSeparator()
        add("Rename", lambda: self.rename(state.id))
        add("Open run folder", lambda: self._open(state.folder), is_local(state.folder))
        add("Open experiment folder", lambda: self._open(state.experiment), is_local(state.experiment))
        add("Copy as command", lambda: QApplication.clipboard().setText(command(state)))
        menu.addSeparator()
        add("Delete…", lambda: self.delete(state.id), not active, QKeySequence.StandardKey.Delete)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def rename(self, run: str) -> None:
        """Edits a run's name in place."""
        row = self.model.row_of(run)
        if row >= 0:
            self.view.edit(self.model.index(row))

    def delete(self, run: str) -> None:
        """Deletes a run that has ended, once the person has confirmed it."""
        state = self._session.runs.states.get(run)
        if state is None or state.status in ACTIVE:
            return
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("Delete run")
        box.setText(f"Delete {state.name or state.id}?")
        box.setInformativeText("Its stream, log and output are deleted for good.")
        also = QCheckBox("Delete the experiment folder with its models too")
        also.setToolTip(state.experiment)
        also.setEnabled(bool(state.experiment))
        box.setCheckBox(also)
        box.setStandardButtons(QMessageBox.StandardButton.Cancel)
        sure = box.addButton("Delete", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        box.exec()
        if box.clickedButton() is sure:
            self._session.runs.delete(run, also.isChecked())

    def keyPressEvent(self, event: Any) -> None:
        """Deletes on Delete."""
        if event.matches(QKeySequence.StandardKey.Delete) and self._session.runs.current:
            self.delete(self._session.runs.current)
        else:
            super().keyPressEvent(event)

    def _chosen(self, index: QModelIndex) -> None:
        if index.isValid():
            self._session.runs.select(index.data(STATE).id)

    def _select(self) -> None:
        row = self.model.row_of(self._session.runs.current)
        if row >= 0:
            self.view.setCurrentIndex(self.model.index(row))
        else:
            self.view.selectionModel().clear()

    def _refresh(self) -> None:
        total, shown = len(self._session.runs.states), self.model.rowCount()
        self.setWindowTitle(f"Runs  {total if shown == total else f'{shown} of {total}'}" if total else "Runs")
        self._stack.setCurrentIndex(0 if total else 1)
        self._select()

    def _open(self, folder: str) -> None:
        if why := open_folder(folder):
            self._session.complain(why)

    def _popup(self, place: QPoint) -> None:
        index = self.view.indexAt(place)
        if index.isValid():
            self.actions_for(index.data(STATE)).popup(self.view.viewport().mapToGlobal(place))


def command(state: RunState) -> str:
    """The command line that starts the same run."""
    return shlex.join(["niceml-engine", "run", state.job, *state.overrides])
