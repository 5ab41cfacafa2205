"""All values of a card as an editable tree: key, value, origin."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from niceml_engine.values import Leaf
from niceml_gui.session import Session
from niceml_gui.theme import theme
from niceml_gui.theme.style import mono
from niceml_gui.theme.tokens import ROW
from niceml_gui.workspaces.compose.forms import kind_of, old_value, relative
from niceml_gui.workspaces.compose.leaf_menu import leaf_menu
from niceml_gui.workspaces.compose.paint import colour
from niceml_gui.workspaces.compose.quoting import complaint, field_text, override_text
from niceml_gui.workspaces.compose.usage import chain, file_of, gutter

_LEAF = Qt.ItemDataRole.UserRole
_MOST_ROWS = 14


class ValuesTree(QTreeWidget):
    """Shows values below their keys; the value column can be edited.

    Args:
        session: What the window works on.
        parent: The Qt parent.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._items: dict[str, QTreeWidgetItem] = {}
        self._leaves: tuple[Leaf, ...] = ()
        self._filling = False
        self.setHeaderLabels(["key", "value", "origin"])
        self.setAccessibleName("All values")
        self.setIndentation(12)
        self.setUniformRowHeights(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)  # `_edit` does it: one column only
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.header().setStretchLastSection(True)
        self.header().resizeSection(0, 130)
        self.header().resizeSection(1, 120)
        self.itemChanged.connect(self._changed)
        self.itemDoubleClicked.connect(self._edit)
        self.itemSelectionChanged.connect(self._select)
        self.itemExpanded.connect(self._fit)
        self.itemCollapsed.connect(self._fit)
        theme().changed.connect(self._retint)

    def show_leaves(self, leaves: Sequence[Leaf], package: str) -> None:
        """Shows values; rows that are still there keep their place, fold and selection."""
        self._filling = True
        if [leaf.key for leaf in leaves] != [leaf.key for leaf in self._leaves]:
            unfolded = {key for key, item in self._items.items() if item.isExpanded()}
            self.clear()
            self._items = {}
            for leaf in leaves:
                self._item(leaf.key, package).setFlags(
                    Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable
                )
            for key, item in self._items.items():
                item.setExpanded(key in unfolded)
        self._leaves = tuple(leaves)
        for leaf in leaves:
            item = self._items[leaf.key]
            item.setData(0, _LEAF, leaf)
            item.setText(1, field_text(leaf.resolved if leaf.secret else leaf.value))
            item.setText(2, gutter(leaf))
            item.setToolTip(0, leaf.key)
            item.setToolTip(1, leaf.reason or field_text(leaf.resolved))
            item.setToolTip(2, chain(leaf))
            item.setFont(1, mono())
        self._retint()
        self._filling = False
        self._fit()

    def _retint(self) -> None:
        filling, self._filling = self._filling, True
        for leaf in self._leaves:
            changed = self.session.overridden(leaf.key) is not None
            self._items[leaf.key].setForeground(1, colour("accent" if changed else "text"))
            self._items[leaf.key].setForeground(2, colour("muted"))
        self._filling = filling

    def _item(self, key: str, package: str) -> QTreeWidgetItem:
        if key not in self._items:
            above, name = _split(key)
            item = QTreeWidgetItem([name])
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            if relative(above, package) and above != package and above.startswith(package):
                self._item(above, package).addChild(item)
            else:
                self.addTopLevelItem(item)
            self._items[key] = item
        return self._items[key]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Edits with Enter and F2."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2) and self.currentItem():
            self._edit(self.currentItem())
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offers what can be done with a value."""
        item = self.currentItem() if event.reason() == event.Reason.Keyboard else self.itemAt(event.pos())
        leaf = item.data(0, _LEAF) if item is not None else None
        if isinstance(leaf, Leaf):
            leaf_menu(self.session, leaf, self).popup(event.globalPos())

    def _edit(self, item: QTreeWidgetItem) -> None:
        if isinstance(item.data(0, _LEAF), Leaf):
            self.editItem(item, 1)

    def _changed(self, item: QTreeWidgetItem, column: int) -> None:
        leaf = item.data(0, _LEAF)
        if self._filling or not isinstance(leaf, Leaf) or column != 1:
            return
        text = item.text(1)
        if leaf.secret or text == field_text(leaf.value):
            self.show_leaves(self._leaves, "")
            return
        if why := complaint(text, kind_of(leaf)):
            self.session.complain(f"{leaf.key} stays {field_text(leaf.value)}: “{text}” cannot be set, {why}")
            self.show_leaves(self._leaves, "")
            return
        self.session.set_value(leaf.key, override_text(text, old_value(leaf)))

    def _select(self) -> None:
        leaf = next((item.data(0, _LEAF) for item in self.selectedItems()), None)
        if isinstance(leaf, Leaf):
            origin = file_of(leaf)
            self.session.set_focus(key=leaf.key, node=origin.node if origin else "")

    def _fit(self) -> None:
        """As high as its rows, up to a limit; beyond it scrolls by itself."""
        rows, item = 0, self.topLevelItem(0)
        while item is not None and rows < _MOST_ROWS:
            rows += 1
            item = self.itemBelow(item)
        self.setFixedHeight(self.header().sizeHint().height() + max(rows, 1) * ROW + 4)


def _split(key: str) -> tuple[str, str]:
    match = re.fullmatch(r"(.*?)\.?([^.\[\]]+|\[\d+\])", key)
    return (match[1], match[2]) if match else ("", key)
