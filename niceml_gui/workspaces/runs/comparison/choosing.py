"""A list that pops up and lets a person choose columns, found by typing."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from niceml_gui.widgets.basics import filter_edit

SIZE = (380, 420)
COLUMN = Qt.ItemDataRole.UserRole


class ColumnChooser(QFrame):
    """The columns, those that are shown ticked.

    Args:
        window: Over which it lies.
    """

    turned = Signal(str, bool)  #: a column is to be there, or not

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self.setAccessibleName("Columns")
        self.search = filter_edit("Find columns", "Find columns")
        self.list = QListWidget()
        self.list.setAccessibleName("Columns")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 10, 10)
        layout.setSpacing(8)
        layout.addWidget(self.search)
        layout.addWidget(self.list, 1)
        self.search.textChanged.connect(self._filter)
        self.list.itemChanged.connect(self._changed)

    def open(self, columns: Sequence[str], shown: Collection[str], place: QPoint) -> None:
        """Shows it at a place of the screen."""
        self.list.blockSignals(True)
        self.list.clear()
        for column in columns:
            item = QListWidgetItem(column)
            item.setData(COLUMN, column)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if column in shown else Qt.CheckState.Unchecked)
            item.setToolTip(column)
            self.list.addItem(item)
        self.list.blockSignals(False)
        self.search.clear()
        self._filter("")
        self.setFixedSize(*SIZE)
        self.move(place - QPoint(SIZE[0], 0))
        self.show()
        self.search.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Closes on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        for row in range(self.list.count()):
            item = self.list.item(row)
            item.setHidden(not all(word in item.text().casefold() for word in words))

    def _changed(self, item: QListWidgetItem) -> None:
        self.turned.emit(item.data(COLUMN), item.checkState() == Qt.CheckState.Checked)
