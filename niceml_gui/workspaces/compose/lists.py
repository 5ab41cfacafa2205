"""Tables below the graph whose rows lead somewhere."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStackedLayout,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from niceml_gui.widgets.basics import Empty

_DATA = Qt.ItemDataRole.UserRole


class ListPane(QWidget):
    """A table whose rows can be opened, or in its place why it is empty and what to do."""

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
        self.hint = Empty()
        self.pages = QStackedLayout(self)
        self.pages.addWidget(self.table)
        self.pages.addWidget(self.hint)
        self.setFocusProxy(self.hint)
        self.table.itemActivated.connect(self._open)
        self.table.itemClicked.connect(self._open)

    def fill(self, rows: list[QTreeWidgetItem], title: str, text: str = "") -> None:
        """Replaces the rows.

        Args:
            rows: The new ones.
            title: What is said where there are none.
            text: What to do then.
        """
        self.table.clear()
        self.table.addTopLevelItems(rows)
        self.hint.say(title, text)
        self.pages.setCurrentIndex(0 if rows else 1)
        self.setFocusProxy(self.table if rows else self.hint)

    def _open(self, item: QTreeWidgetItem) -> None:
        if item.childCount():
            item.setExpanded(not item.isExpanded())
            return
        self.opened.emit(item.data(0, _DATA))
