"""A card: what can be set of one op."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from niceml_gui.session import Session
from niceml_gui.theme import theme
from niceml_gui.theme.icons import icon, tint
from niceml_gui.theme.style import font
from niceml_gui.widgets.basics import line
from niceml_gui.workspaces.compose.forms import Card, Row, matters
from niceml_gui.workspaces.compose.paint import colour, op_colour, small
from niceml_gui.workspaces.compose.rows import RowWidget, control_of
from niceml_gui.workspaces.compose.values_tree import ValuesTree

_ALWAYS = 2  #: rows of a folded card: what it is, and what it builds


class CardHead(QWidget):
    """Mark, name and fold arrow of a card; works as one button."""

    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.name = ""
        self.op = ""
        self.note = ""
        self.folded = True
        self.setFixedHeight(34)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints mark, name, what is changed, and the arrow."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(op_colour(self.op))
        painter.drawEllipse(13, self.height() // 2 - 4, 8, 8)
        painter.setPen(colour("accent" if self.hasFocus() else "text"))
        painter.setFont(font(weight=font().Weight.DemiBold))
        box = self.rect().adjusted(30, 0, -34, 0)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), self.name)
        if self.note:
            painter.setFont(small())
            painter.setPen(colour("muted"))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), self.note)
        arrow = icon("chevron-right" if self.folded else "chevron-down")
        arrow.paint(painter, self.width() - 28, self.height() // 2 - 7, 14, 14)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Folds or unfolds."""
        self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Folds or unfolds with Enter and Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)


class CardWidget(QFrame):
    """Shows a card; later versions of it are taken over row by row.

    Args:
        session: What the window works on.
        card: What to show first.
        folded: Whether it starts folded.
    """

    folded_changed = Signal()

    def __init__(self, session: Session, card: Card, *, folded: bool = False) -> None:
        super().__init__()
        self.session = session
        self.card = card
        self.rows: dict[tuple[str, str, int], RowWidget] = {}
        self.folded = folded
        self._words: list[str] = []
        self.setObjectName("opCard")
        self.setProperty("role", "card")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.head = CardHead()
        self.head.clicked.connect(lambda: self.set_folded(not self.folded))
        self._lines = QVBoxLayout()
        self._lines.setSpacing(0)
        self._lines.setContentsMargins(0, 6, 0, 6)
        self.all_button = QPushButton()
        self.all_button.setProperty("role", "flat")
        self.all_button.setCheckable(True)
        self.all_button.setToolTip("Every value below this card as an editable tree")
        self.all_button.toggled.connect(self._toggle_tree)
        tint(self.all_button, "list")
        self.tree: ValuesTree | None = None
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(1, 1, 1, 1)
        self._body.setSpacing(0)
        self._body.addWidget(self.head)
        self._body.addWidget(line())
        self._body.addLayout(self._lines)
        foot = QHBoxLayout()
        foot.setContentsMargins(8, 0, 8, 6)
        foot.addWidget(self.all_button)
        foot.addStretch()
        self._body.addLayout(foot)
        self.show_card(card)

    def show_card(self, card: Card) -> None:
        """Takes over a card: rows that stay keep their widgets, and with them focus and cursor."""
        self.card = card
        wanted = {row.id: row for row in card.rows}
        for name, widget in list(self.rows.items()):
            if name not in wanted or type(widget.control) is not control_of(wanted[name]):
                self._lines.removeWidget(widget)
                widget.give_up()
                widget.hide()
                widget.deleteLater()
                del self.rows[name]
            else:
                widget.show_row(wanted[name])
        self.head.name, self.head.op = card.name, card.op
        self.head.setAccessibleName(f"Card {card.name}")
        self.head.setToolTip(card.description)
        self.all_button.setText(f" All {len(card.leaves)} values")
        if self.tree is not None and self.tree.isVisibleTo(self):
            self.tree.show_leaves(card.leaves, card.package)
        self._arrange()

    def give_up(self) -> None:
        """Drops what was typed in its fields and refused."""
        for row in self.rows.values():
            row.give_up()

    def set_folded(self, folded: bool) -> None:
        """Shows all rows, or only what the op is."""
        self.folded = folded
        self._arrange()
        self.folded_changed.emit()

    def search(self, words: list[str]) -> bool:
        """Shows only the rows that hold all words in label, key or value; says whether any is left."""
        self._words = words
        self._arrange()
        return not words or any(self._fits(row) for row in self.card.rows)

    def _fits(self, row: Row) -> bool:
        value = row.leaf.value if row.leaf is not None else row.choice.chosen if row.choice is not None else ""
        text = f"{self.card.name} {row.label} {row.key} {value}".lower()
        return all(word in text for word in self._words)

    def _shown(self, place: int, row: Row) -> bool:
        if self._words:
            return self._fits(row)
        return not self.folded or (place < _ALWAYS and row.choice is not None) or self._matters(row)

    def _matters(self, row: Row) -> bool:
        return matters(row, lambda key: self.session.overridden(key) is not None)

    def _arrange(self) -> None:
        """Shows the rows that are to be seen; those that never were have no widgets yet, which are slow to make."""
        index = 0
        for place, row in enumerate(self.card.rows):
            shown = self._shown(place, row)
            if row.id not in self.rows:
                if not shown:
                    continue
                self.rows[row.id] = RowWidget(self.session, row)
            widget = self.rows[row.id]
            if self._lines.indexOf(widget) != index:
                self._lines.insertWidget(index, widget)
            widget.setVisible(shown)
            index += 1
        unfolded = not self.folded and not self._words
        here = sum(row.leaf is not None for row in self.card.rows)
        self.all_button.setVisible(unfolded and len(self.card.leaves) > here)
        if self.tree is not None:
            self.tree.setVisible(unfolded and self.all_button.isChecked())
        changed = sum(self._matters(row) and not (row.choice and row.choice.missing) for row in self.card.rows)
        self.head.folded = self.folded
        self.head.note = f"{changed} changed" if changed else ""
        self.head.setAccessibleDescription("folded" if self.folded else "unfolded")
        self.head.update()

    def _toggle_tree(self, on: bool) -> None:
        if on and self.tree is None:
            self.tree = ValuesTree(self.session)
            self._body.addWidget(self.tree)
        if self.tree is not None:
            self.tree.setVisible(on)
            if on:
                self.tree.show_leaves(self.card.leaves, self.card.package)
