"""Short lists below the graph, and the one that says where a value comes from."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QStackedLayout,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from niceml_engine.values import Leaf
from niceml_gui.session import Session
from niceml_gui.theme import theme
from niceml_gui.theme.icons import icon
from niceml_gui.theme.style import mono
from niceml_gui.workspaces.compose.usage import short

_DATA = Qt.ItemDataRole.UserRole


class ListPane(QWidget):
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


class OriginPane(ListPane):
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
