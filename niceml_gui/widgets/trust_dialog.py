"""Asks whether a project may run its code, and shows what that is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from niceml_engine.protocol.trust import Foreign
from niceml_gui.paths import inside, pure
from niceml_gui.session import Session
from niceml_gui.theme import style
from niceml_gui.theme.tokens import ROW
from niceml_gui.trust import Question, groups
from niceml_gui.widgets.basics import ElidedLabel, button, label
from niceml_gui.widgets.dialog import fit

_MOST_ROWS = 16  #: for which there is room at once
_NARROW, _WIDE = 760, 1040  #: pixels of the dialog
_GAP = 20  #: pixels between a text and the next column
_DATA = Qt.ItemDataRole.UserRole


def fair(wished: list[int], room: int) -> list[int]:
    """Widths that fill a room: what is wished where that is little, the rest in equal parts."""
    given = dict.fromkeys(range(len(wished)), 0)
    open_, left = sorted(given, key=lambda place: wished[place]), room
    while open_:
        place = open_.pop(0)
        given[place] = min(wished[place], left // (len(open_) + 1))
        left -= given[place]
    given[len(wished) // 2] += left
    return list(given.values())


class TrustDialog(QDialog):
    """Accepted when the project is to be trusted.

    Args:
        session: What the window works on.
        question: What would run, and what starts then.
        parent: The window over which it lies.
    """

    def __init__(self, session: Session, question: Question, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Trust this project?")
        self.setModal(True)
        self._session, self._question = session, question
        self._root = question.trust.root
        found = question.trust.foreign
        starts = question.then is not None
        self.list = QTreeWidget()
        self.list.setAccessibleName("What would run")
        heads = ["what would run", "named at", "written in"]
        self.list.setHeaderLabels(heads if any(one.source for one in found) else heads[:2])
        self.list.setUniformRowHeights(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        for name, rows in groups(found):
            self._add_group(name, rows)
        self.list.expandAll()
        self.list.setIndentation(16)
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)  # how wide, `eventFilter` says
        widths = (max(self.list.sizeHintForColumn(at), header.sectionSizeHint(at)) for at in range(header.count()))
        self._wished = [width + _GAP for width in widths]
        needed = len(found) + len(groups(found))
        shown = min(_MOST_ROWS, needed)
        if shown == needed:  # else it scrolls
            self.list.setSizeAdjustPolicy(QAbstractItemView.SizeAdjustPolicy.AdjustToContents)
        self.list.setMinimumHeight((shown + 1) * (ROW + 2) + 12)
        self.list.viewport().installEventFilter(self)
        self.list.itemActivated.connect(self._open)
        self.list.setVisible(bool(found))
        self.trust = button(
            "Trust and go on" if starts else "Trust", "Let this project run its code from now on", role="primary"
        )
        self.trust.clicked.connect(self._accept)
        self.cancel = button("Cancel", "Start nothing, change nothing (Esc)" if starts else "Change nothing (Esc)")
        self.cancel.setDefault(True)
        self.cancel.clicked.connect(self.reject)
        note = ElidedLabel("Remembered for this folder; File → Withdraw trust takes it back.")
        note.setProperty("role", "muted")
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(note, 1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.trust)
        place = ElidedLabel(self._root, Qt.TextElideMode.ElideMiddle)
        place.setProperty("role", "mono")
        words = "It would run this with all your rights:" if found else "All that it would run comes with niceml."
        about = label(words, "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(label("May this project run its code?", "heading"))
        layout.addWidget(place)
        layout.addWidget(about)
        layout.addWidget(self.list, 1)
        layout.addSpacing(4)
        layout.addLayout(foot)
        self.resize(max(_NARROW, min(_WIDE, sum(self._wished) + 2 * _GAP)), 0)
        fit(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Gives each column what it needs, or where there is no room for all, a fair share."""
        if watched is self.list.viewport() and event.type() == QEvent.Type.Resize:
            for column, width in enumerate(fair(self._wished, self.list.viewport().width())):
                self.list.setColumnWidth(column, width)
        return super().eventFilter(watched, event)

    def _add_group(self, name: str, rows: list[Foreign]) -> None:
        group = QTreeWidgetItem([f"{name}  {len(rows)}" if len(rows) > 1 else name])
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        group.setFont(0, bold)
        group.setFlags(Qt.ItemFlag.ItemIsEnabled)
        self.list.addTopLevelItem(group)
        group.setFirstColumnSpanned(True)
        for one in rows:
            place = self._short(one.file) + (f":{one.line}" if one.file and one.line else "")
            row = QTreeWidgetItem([one.name, place, one.source][: self.list.columnCount()])
            row.setData(0, _DATA, one)
            row.setToolTip(0, one.name)
            row.setToolTip(1, place)
            row.setFont(0, style.mono())
            group.addChild(row)

    def _short(self, file: str) -> str:
        return inside(file, self._root)

    def _open(self, row: QTreeWidgetItem) -> None:
        one = row.data(0, _DATA)
        if isinstance(one, Foreign):
            file, _, line = one.source.rpartition(":")
            self.reject()
            if file:
                self._session.open_source(str(pure(self._root) / file), int(line))
            elif one.file:
                self._session.open_source(one.file, one.line)

    def _accept(self) -> None:
        self._session.trust.set(True, self._question.then)
        self.accept()
