"""The config that a run was started with, with who set each line of it then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from niceml_engine.protocol.runs import RunConfig
from niceml_engine.values import Origin
from niceml_gui import words
from niceml_gui.session import Session
from niceml_gui.widgets.basics import ElidedLabel, Empty, icon_button
from niceml_gui.workspaces.compose.brief import short_text
from niceml_gui.workspaces.compose.text.code_view import CodeView
from niceml_gui.workspaces.compose.text.find_bar import with_find
from niceml_gui.workspaces.compose.text.fold_menu import add_folding
from niceml_gui.workspaces.compose.usage import describe, key_at, place
from niceml_gui.workspaces.runs.comparison.chosen import Comparison

_BLOCKS = ("|", "|-", "|+", ">", ">-", ">+")  #: ends of lines below which all is text


def annotated(lines: Sequence[str], keys: Sequence[str], resolved: Mapping[str, Any]) -> list[str]:
    """The lines of a config, with what an interpolation came to as a comment behind it.

    Args:
        lines: YAML.
        keys: For each line the key that stands there; empty where a value goes on.
        resolved: By key, what is to stand there.
    """
    found = list(lines)
    for line, key in enumerate(keys):
        if key in resolved:
            last = line
            while not lines[line].endswith(_BLOCKS) and _goes_on(lines, keys, last + 1):
                last += 1  # a comment amid a value that was wrapped would end it
            found[last] += f"  # = {short_text(resolved[key])}"
    return found


def _goes_on(lines: Sequence[str], keys: Sequence[str], line: int) -> bool:
    return line < len(lines) and not keys[line] and not lines[line].lstrip().startswith("- ")


class ConfigPane(QStackedWidget):
    """The config that a run was started with, as the workspace that composes shows one.

    Args:
        session: Knows what files are called, and shows them.
        comparison: Which runs are compared: what they have otherwise is marked.
    """

    wanted = Signal()  #: it is in view, and is to be read
    key_wanted = Signal(str)  #: a key is to be shown where it can be changed

    def __init__(self, session: Session, comparison: Comparison) -> None:
        super().__init__()
        self._session = session
        self._comparison = comparison
        self._config = RunConfig("")
        self.view = CodeView()
        self.view.setAccessibleName("Composed config of the run")
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._menu_at)
        self.view.source_wanted.connect(self._open)
        both, self.find_bar = with_find(self.view)
        self.differs = ElidedLabel()
        self.differs.setProperty("role", "muted")
        self.next = icon_button("chevron-down", "Next difference", tip="Show the next value that differs")
        find = icon_button("search", "Find", tip="Find in the config (Ctrl+F)")
        bar = QHBoxLayout()
        bar.setContentsMargins(12, 2, 8, 2)
        bar.addWidget(self.differs, 1)
        bar.addWidget(self.next)
        bar.addWidget(find)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(both, 1)
        self.addWidget(Empty("No run selected", "Choose a run: the config that it was started with appears here."))
        self.addWidget(page)
        self.next.clicked.connect(self.show_next)
        find.clicked.connect(self.find_bar.open_bar)
        comparison.changed.connect(self._mark)
        self._mark()

    def show_config(self, config: RunConfig | None) -> None:
        """Shows a config, or that there is none."""
        self.setCurrentIndex(1 if config is not None else 0)
        if config is None or config is self._config:
            self._mark()
            return
        self._config = config
        lines, names = config.text.splitlines(), self._session.names
        keys = (*config.keys, *[""] * (len(lines) - len(config.keys)))
        labels = [place(origin, names) if (origin := config.origins.get(key)) else "" for key in keys]
        self.view.show_lines(annotated(lines, keys, config.resolved), labels, self._tip, keys)
        self._mark()

    def show_next(self) -> None:
        """Goes to the next line that differs, after the last one to the first."""
        marked = sorted(self.view.marked)
        if marked:
            self.view.go_to(next((line for line in marked if line > self.view.line), marked[0]))

    def menu_of(self, line: int) -> QMenu:
        """What can be done with a line; the menu deletes itself when it closes."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.addAction("Copy lines\tCtrl+C", self.view.copy)
        if key := self._key(line):
            menu.addAction("Copy key", partial(QGuiApplication.clipboard().setText, key))
            menu.addAction("Show in Compose", partial(self.key_wanted.emit, key))
        if (origin := self._origin(line)) is not None and origin.file:
            menu.addAction("Open where it was set\tF4", partial(self._open, line))
        add_folding(menu, self.view)
        return menu

    def showEvent(self, event: QShowEvent) -> None:
        """Asks for the config."""
        super().showEvent(event)
        self.wanted.emit()

    def _key(self, line: int) -> str:
        return key_at(self._config.keys, line)

    def _origin(self, line: int) -> Origin | None:
        return self._config.origins.get(self._key(line))

    def _tip(self, line: int) -> str:
        origin = self._origin(line)
        key = self._key(line)
        came = [f"came to {short_text(self._config.resolved[key])}"] if key in self._config.resolved else []
        told = [f"{describe(origin)}, when the run was started"] if origin is not None else []
        return "\n".join((key, *told, *came)) if told or came else ""

    def _open(self, line: int) -> None:
        if (origin := self._origin(line)) is not None and origin.file:
            self._session.open_source(origin.file, origin.line)

    def _mark(self) -> None:
        """Marks what is not the same in all compared runs, if this one is among them."""
        comparison = self._comparison
        among = comparison.active and self._session.runs.current in comparison
        keys = {key for one in comparison.distinctions() for key in one.keys} if among else set()
        lines = frozenset(line for line, key in enumerate(self._config.keys) if key in keys)
        self.view.set_focused(range(0), lines, reveal=False)
        runs = words.counted(len(comparison.chosen.runs), "run")
        many = f"{words.counted(len(lines), 'value')} of this run {'differs' if len(lines) == 1 else 'differ'}"
        self.differs.set_full_text(f"{many} among the {runs} that are compared" if among else "")
        self.next.setVisible(bool(lines))

    def _menu_at(self, point: QPoint) -> None:
        line = self.view.line_at(point.y())
        if line >= 0:
            self.menu_of(line).popup(self.view.viewport().mapToGlobal(point))
