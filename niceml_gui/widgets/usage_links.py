"""The entries that name a file, one a row, each with a link to its line."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from niceml_engine.protocol.files import Usage
from niceml_gui.names import Names
from niceml_gui.theme.tokens import ROW
from niceml_gui.widgets.basics import ElidedLabel, button, label

_SHOWN = 5  #: rows without scrolling
_MOST = 100  #: rows at all


class UsageLinks(QWidget):
    """A title and a row for each entry; hidden while there is none.

    Args:
        title: What stands above.
        parent: The Qt parent.
    """

    opened = Signal(str, int)  #: the file and the line that a person wants to see

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._area = QScrollArea()
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(label(title, "title"))
        layout.addWidget(self._area)
        self.hide()

    def show_usages(self, usages: Sequence[Usage], names: Names) -> None:
        """Shows other entries."""
        rows = QWidget()
        grid = QGridLayout(rows)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        for row, usage in enumerate(usages[:_MOST]):
            link = button(names.place(usage.file, usage.line), f"Open {usage.file} at line {usage.line}", role="link")
            link.setAutoDefault(False)
            link.clicked.connect(partial(self.opened.emit, usage.file, usage.line))
            entry = ElidedLabel(usage.text)
            entry.setProperty("role", "mono")
            grid.addWidget(link, row, 0)
            grid.addWidget(entry, row, 1)
            grid.setRowMinimumHeight(row, ROW)
        if len(usages) > _MOST:
            grid.addWidget(label(f"and {len(usages) - _MOST} more", "muted"), _MOST, 0, 1, 2)
        self._area.setWidget(rows)
        self._area.setFixedHeight(min(rows.sizeHint().height(), _SHOWN * ROW + ROW // 2))
        self.setVisible(bool(usages))
