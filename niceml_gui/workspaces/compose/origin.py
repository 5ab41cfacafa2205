"""Where a value comes from: every file and override that set it, in merge order."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QTreeWidgetItem, QVBoxLayout, QWidget

from niceml_engine.parts import find_in
from niceml_engine.values import Composed, Leaf, Origin
from niceml_gui.session import Session
from niceml_gui.theme import theme
from niceml_gui.theme.icons import icon
from niceml_gui.theme.style import mono
from niceml_gui.widgets.basics import ElidedLabel
from niceml_gui.workspaces.compose.brief import brief, one_line, short_text
from niceml_gui.workspaces.compose.leaf_menu import leaf_menu
from niceml_gui.workspaces.compose.lists import ListPane
from niceml_gui.workspaces.compose.usage import last_good

_DATA = Qt.ItemDataRole.UserRole
_TEXT = 300  #: characters of a value in a row


class OriginPane(QWidget):
    """Which files and overrides set the focused key, the winner last.

    Args:
        session: What the window works on.
    """

    override_wanted = Signal(str)  #: the person asked for an override, by its text

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.leaf: Leaf | None = None
        self._good: Composed | None = None
        self.key = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self.key.setProperty("role", "heading")
        self.value = ElidedLabel()
        self.value.setProperty("role", "mono")
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.list = ListPane("Origin of the value", ["", "set by", "line", "at package", "value"], 4)
        self.table, self.hint = self.list.table, self.list.hint
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._pop_up)
        self._head = QWidget()
        line = QHBoxLayout(self._head)
        line.setContentsMargins(12, 8, 12, 4)
        line.setSpacing(16)
        line.addWidget(self.key, 3)
        line.addWidget(self.value, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._head)
        layout.addWidget(self.list, 1)
        self.setFocusProxy(self.list)
        self.list.opened.connect(self._go_to)
        theme().changed.connect(self.refresh)
        session.focus_changed.connect(self.refresh)
        session.composed_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Shows the focused key, in the last config that composed."""
        self._good = last_good(self._good, self.session.composed)
        key = self.session.focus.key
        leaves = self._good.leaves if self._good is not None else ()
        self.leaf = leaf = find_in(leaves, key)
        head = next((one for one in self._good.heads if one.key == key), None) if self._good and not leaf else None
        self._head.setVisible(leaf is not None or head is not None)
        rows: list[QTreeWidgetItem] = []
        if leaf is not None:
            self.key.set_full_text(leaf.key)
            self.value.set_full_text(one_line(self._final(leaf)))
            rows = self._rows(leaf)
        elif head is not None:
            self.key.set_full_text(head.key)
            self.value.set_full_text("a mapping" + (f"; {head.more} more places make it" if head.more else ""))
            rows = [self._row("made last" if one is head.origin else "made", one) for one in head.origins]
        hint = "No value selected", "Click a line of the composed config to see which files set it, in which order."
        self.list.fill(rows, *hint)
        if rows:
            self.table.setCurrentItem(rows[-1])

    def open_current(self) -> None:
        """Opens the place of the chosen row, which is the winner's at first."""
        if (row := self.table.currentItem()) is not None:
            self._go_to(row.data(0, _DATA))

    @staticmethod
    def _final(leaf: Leaf) -> str:
        if leaf.secret or leaf.resolved == leaf.value or leaf.reason:
            return short_text(leaf.resolved)
        return f"{short_text(leaf.resolved)}  ⟵  {short_text(leaf.value)}"

    def _rows(self, leaf: Leaf) -> list[QTreeWidgetItem]:
        rows = []
        for origin in (*leaf.shadows, leaf.origin):
            wins = origin is leaf.origin
            value = self._written(origin) or (short_text(leaf.resolved if leaf.secret else leaf.value) if wins else "")
            said = one_line(f"{value}  # {origin.comment}" if origin.comment else value, _TEXT)
            row = self._row("wins" if wins else "overridden", origin, said)
            row.setToolTip(4, "\n".join([*(f"# {said}" for said in origin.comment.splitlines()), brief(value)]))
            row.setIcon(0, icon("check", theme().tokens.ok) if wins else icon("minus", theme().tokens.muted))
            rows.append(row)
        return rows

    def _row(self, state: str, origin: Origin, value: str = "") -> QTreeWidgetItem:
        name = self.session.names.short(origin.file) if origin.file else "override"
        row = QTreeWidgetItem([state, name, str(origin.line or ""), origin.package, value])
        row.setData(0, _DATA, origin)
        row.setToolTip(1, origin.file or origin.text)
        row.setFont(4, mono())
        return row

    def _written(self, origin: Origin) -> str:
        """The value as it is written there; of a sweep, the override itself, and which of its runs is shown."""
        if origin.file or self._good is None or self._good.runs < 2:
            return origin.text
        overrides = self._good.selection.overrides
        written = overrides[origin.line - 1] if 0 < origin.line <= len(overrides) else origin.text
        return written if written == origin.text else f"{written}  # run 1 of {self._good.runs}"

    def _go_to(self, origin: object) -> None:
        if not isinstance(origin, Origin):
            return
        if origin.file:
            self.session.open_source(origin.file, origin.line)
        elif origin.text:
            self.override_wanted.emit(self._written(origin).partition("  # run 1 of ")[0])

    def _pop_up(self, place: QPoint) -> None:
        row = self.table.itemAt(place)
        if row is None or self.leaf is None:
            return
        menu, origin = leaf_menu(self.session, self.leaf, self), row.data(0, _DATA)
        if isinstance(origin, Origin) and origin.file:
            text = f"{origin.file}:{origin.line}"
            menu.addAction("Copy place", lambda: QGuiApplication.clipboard().setText(text))
        menu.popup(self.table.viewport().mapToGlobal(place))
