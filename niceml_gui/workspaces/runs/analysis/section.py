"""The parts that the pane is made of: each has a title by which it folds, and shows one kind of result."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSpacerItem, QVBoxLayout, QWidget

from niceml_engine.protocol.samples import Source
from niceml_engine.results import ALL
from niceml_gui import state
from niceml_gui.theme.icons import tint

EACH = "\0each"  #: in place of a class: each on its own

HEAD = 30  #: pixels of a title
NOWHERE = Source()

Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class Shown:
    """What is looked at.

    Attributes:
        source: Whose analysis it is.
        subset: The subset that is looked at; curves of the others may be drawn beside its own.
        label: The class whose curves are drawn; `ALL` for all together, `EACH` for each on its own.
    """

    source: Source = NOWHERE
    subset: str = ""
    label: str = ALL


class Section(QWidget):
    """A titled part of the pane.

    Args:
        title: What it is called.
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = QPushButton()
        self.title.setProperty("role", "fold")
        self.title.setCheckable(True)
        self.title.setCursor(Qt.CursorShape.PointingHandCursor)
        self.title.setIconSize(QSize(12, 12))
        self.title.setToolTip("Fold or unfold")
        self._name = title
        self.right = QHBoxLayout()  #: what stands at the right of the title
        self.right.setSpacing(2)
        self.inner = QWidget()
        self.body = QVBoxLayout(self.inner)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(8)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addSpacerItem(QSpacerItem(0, HEAD))  # so that all titles are equally high, whatever stands beside them
        head.addWidget(self.title)
        head.addStretch(1)
        head.addLayout(self.right)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 8)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self.inner)
        self.set_title(title)
        self.title.setChecked(title not in state.folded_sections())
        self.title.toggled.connect(self._fold)
        self._show_fold()

    def set_title(self, text: str) -> None:
        """Changes what stands above it; it is remembered by its first title."""
        self.title.setText(text.upper())
        self.title.setAccessibleName(text)

    def _fold(self, unfolded: bool) -> None:
        state.fold_section(self._name, not unfolded)
        self._show_fold()

    def _show_fold(self) -> None:
        unfolded = self.title.isChecked()
        tint(self.title, "chevron-down" if unfolded else "chevron-right")
        self.title.setAccessibleDescription("unfolded" if unfolded else "folded")
        self.inner.setVisible(unfolded)


class ResultSection(Section, Generic[Kind]):
    """A section that shows the results of one name, of all subsets."""

    revealed = Signal(QWidget)  #: a part of it has appeared that is to be seen

    @abstractmethod
    def show_results(self, results: Mapping[str, Kind], shown: Shown) -> None:
        """Shows results.

        Args:
            results: By subset, in order.
            shown: What is looked at.
        """
