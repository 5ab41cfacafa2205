"""The right pane: a card per op with what can be set."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from niceml_engine.values import Composed
from niceml_gui.session import Session
from niceml_gui.theme import theme
from niceml_gui.theme.icons import icon, tint
from niceml_gui.theme.style import font
from niceml_gui.widgets.basics import label, line, set_role
from niceml_gui.workspaces.compose.find_bar import filter_edit
from niceml_gui.workspaces.compose.forms import Card, Row, cards
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
    """

    folded_changed = Signal()

    def __init__(self, session: Session, card: Card) -> None:
        super().__init__()
        self.session = session
        self.card = card
        self.rows: dict[tuple[str, str, int], RowWidget] = {}
        self.folded = False
        self._words: list[str] = []
        self.setObjectName("opCard")
        set_role(self, "card")
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
                widget.hide()
                widget.deleteLater()
                del self.rows[name]
        for place, (name, row) in enumerate(wanted.items()):
            if name in self.rows:
                self.rows[name].show_row(row)
            else:
                self.rows[name] = RowWidget(self.session, row)
            if self._lines.indexOf(self.rows[name]) != place:
                self._lines.insertWidget(place, self.rows[name])
        self.rows = {name: self.rows[name] for name in wanted}
        self.head.name, self.head.op = card.name, card.op
        self.head.setAccessibleName(f"Card {card.name}")
        self.head.setToolTip(card.description)
        self.all_button.setText(f" All {len(card.leaves)} values")
        if self.tree is not None and self.tree.isVisibleTo(self):
            self.tree.show_leaves(card.leaves, card.package)
        self._arrange()

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

    def _arrange(self) -> None:
        changed = 0
        for place, widget in enumerate(self.rows.values()):
            missing = widget.row.choice is not None and widget.row.choice.missing
            overridden = widget.control.property("changed") == "true"
            changed += overridden
            first = place < _ALWAYS and widget.row.choice is not None
            shown = not self.folded or first or missing or overridden
            widget.setVisible(self._fits(widget.row) if self._words else shown)
        unfolded = not self.folded and not self._words
        here = sum(row.leaf is not None for row in self.card.rows)
        self.all_button.setVisible(unfolded and len(self.card.leaves) > here)
        if self.tree is not None:
            self.tree.setVisible(unfolded and self.all_button.isChecked())
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


class OpsPane(QWidget):
    """The cards of the job.

    Args:
        session: What the window works on.
        parent: The Qt parent.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.cards: dict[str, CardWidget] = {}
        self._good: Composed | None = None
        set_role(self, "panel")
        self.counter = label("", "title")
        head = QHBoxLayout()
        head.setContentsMargins(14, 12, 14, 4)
        head.addWidget(label("OPS", "title"))
        head.addStretch()
        head.addWidget(self.counter)
        self.edit = filter_edit("Filter fields", "Filter fields")
        self.edit.textChanged.connect(self._search)
        box = QHBoxLayout()
        box.setContentsMargins(12, 0, 12, 8)
        box.addWidget(self.edit)
        self.hint = QLabel()
        set_role(self.hint, "muted")
        self.hint.setWordWrap(True)
        self.hint.setContentsMargins(14, 4, 14, 4)
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(12, 0, 12, 12)
        self._column.setSpacing(10)
        self._column.addStretch(1)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(self._inside)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addLayout(box)
        layout.addWidget(self.hint)
        layout.addWidget(self.area, 1)
        session.composed_changed.connect(self.refresh)
        session.project_changed.connect(self.refresh)
        session.reference_changed.connect(self.refresh)
        session.focus_changed.connect(self._follow)
        self.refresh()

    def refresh(self) -> None:
        """Takes over what the session composed; values of the last good one stay after an error."""
        composed = self.session.composed
        if composed.error is None or self._good is None or self._good.selection.job != composed.selection.job:
            self._good = composed
        good = self._good or composed
        choices = {(one.node, one.group, one.package): one for one in (*good.choices, *composed.choices)}
        made = cards(
            good, tuple(choices.values()), self.session.reference, lambda key: self.session.overridden(key) is not None
        )
        self._show(made)
        ops = sum(bool(card.op) for card in made)
        self.counter.setText(f"{ops} · IN ORDER" if ops else "")
        self.hint.setText(self._advice())
        self.hint.setVisible(not made)
        self._search(self.edit.text())

    def _show(self, made: Iterable[Card]) -> None:
        wanted = {card.name: card for card in made}
        for name in [name for name in self.cards if name not in wanted]:
            widget = self.cards.pop(name)
            self._column.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        for place, (name, card) in enumerate(wanted.items()):
            if name in self.cards:
                self.cards[name].show_card(card)
            else:
                self.cards[name] = CardWidget(self.session, card)
            if self._column.indexOf(self.cards[name]) != place:
                self._column.insertWidget(place, self.cards[name])
        self.cards = {name: self.cards[name] for name in wanted}

    def _advice(self) -> str:
        if self.session.project is None:
            return "Open a project to set what its ops do."
        if not self.session.selection.job:
            return "Choose a job in the tree to see its ops."
        return "Nothing can be set here yet: the job composes to nothing."

    def _search(self, text: str) -> None:
        words = text.lower().split()
        for card in self.cards.values():
            card.setVisible(card.search(words))

    def row_of(self, key: str, node: str) -> RowWidget | None:
        """The row that stands for a key, or for the option that a node is."""
        widgets = [widget for card in self.cards.values() for widget in card.rows.values()]
        for widget in widgets:
            if key and widget.row.leaf is not None and widget.row.key == key:
                return widget
        for widget in widgets:
            choice = widget.row.choice
            if not key and node and choice is not None and node in [f"{choice.group}/{name}" for name in choice.chosen]:
                return widget
        return None

    def _follow(self) -> None:
        found = self.row_of(self.session.focus.key, self.session.focus.node)
        for card in self.cards.values():
            for widget in card.rows.values():
                widget.set_current(widget is found)
        if found is not None and not found.isAncestorOf(self.focusWidget() or self):
            if not found.isVisible():
                card = next(card for card in self.cards.values() if found in card.rows.values())
                card.set_folded(False)
            self.area.ensureWidgetVisible(found, 0, 40)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc clears the filter."""
        if event.key() == Qt.Key.Key_Escape and self.edit.text():
            self.edit.clear()
        else:
            super().keyPressEvent(event)
