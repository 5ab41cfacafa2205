"""What stands left of an item of a list, or of a list that holds some: a fold arrow, its name, and what can be done."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from niceml_gui.theme.icons import tint
from niceml_gui.widgets.basics import ElidedLabel
from niceml_gui.workspaces.compose.cards.editors import SmallButton
from niceml_gui.workspaces.compose.cards.row import Row

_ARROW = 16
_ANY = (1 << 24) - 1  #: Qt's own largest width
HEAD_PX = 68  #: arrow, the least of a name, and menu


class ItemHead(QWidget):
    """Puts buttons around the label of a row.

    Args:
        label: The label.
    """

    fold_wanted = Signal()
    menu_wanted = Signal()

    def __init__(self, label: ElidedLabel) -> None:
        super().__init__()
        self.arrow = SmallButton("chevron-right", "", width=_ARROW)
        self.more = SmallButton("more", "", width=20)
        self.arrow.clicked.connect(self.fold_wanted)
        self.more.clicked.connect(self.menu_wanted)
        self._folded: bool | None = True
        label.setMinimumWidth(0)  # what it was given when it stood alone
        label.setMaximumWidth(_ANY)
        self._row = QHBoxLayout(self)
        self._row.setSpacing(0)
        self._row.addWidget(self.arrow)
        self._row.addWidget(label, 1)
        self._row.addWidget(self.more)

    def show_row(self, row: Row) -> None:
        """Shows how a row is folded, and whether it is an item."""
        folds = row.folded is not None
        self.arrow.setVisible(folds)
        self._row.setContentsMargins(0 if folds else _ARROW, 0, 4, 0)
        self.more.setVisible(bool(row.item))
        if folds and row.folded != self._folded:
            self._folded = row.folded
            tint(self.arrow, "chevron-right" if row.folded else "chevron-down")
        for button, name in (
            (self.arrow, f"{'Show' if row.folded else 'Hide'} what lies in {row.item or row.key}"),
            (self.more, f"Duplicate, move or remove {row.item}"),
        ):
            button.setAccessibleName(name)
            button.setToolTip(name)
