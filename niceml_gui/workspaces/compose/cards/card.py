"""A card: what can be set of one op."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from niceml_engine.values import Problem
from niceml_engine.visible import visible
from niceml_gui.theme import theme
from niceml_gui.theme.icons import icon, tint
from niceml_gui.theme.style import font
from niceml_gui.widgets.basics import button, line
from niceml_gui.words import counted
from niceml_gui.workspaces.compose.cards.forms import Card, matters
from niceml_gui.workspaces.compose.cards.row import Row
from niceml_gui.workspaces.compose.cards.row_list import AT_ONCE, RowList
from niceml_gui.workspaces.compose.cards.rows import RowWidget
from niceml_gui.workspaces.compose.paint import colour, op_colour, small

_ALWAYS = 2  #: rows of a folded card: what it is, and what it builds


class CardHead(QWidget):
    """Mark, name and fold arrow of a card; works as one button."""

    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.name = ""
        self.op = ""
        self.note = ""
        self.tint = "muted"  #: the colour of the note, by its token
        self.folded = True
        self.setFixedHeight(34)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.try_button = button("Try", "Make its objects once, and see what comes out", role="flat")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 34, 0)
        row.addStretch(1)
        row.addWidget(self.try_button, alignment=Qt.AlignmentFlag.AlignVCenter)
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints mark, name, what is changed, and the arrow."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(op_colour(self.op))
        painter.drawEllipse(13, self.height() // 2 - 4, 8, 8)
        painter.setPen(colour("text"))
        painter.setFont(font(weight=font().Weight.DemiBold))
        box = self.rect().adjusted(30, 0, -42 - self.try_button.width(), 0)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), visible(self.name))
        if self.note:
            painter.setFont(small())
            painter.setPen(colour(self.tint))
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
        make: Makes the widget of a row.
        overridden: Whether an override speaks of a key.
        card: What to show first.
        wrong: What is wrong, by key.
        folded: Whether it starts folded.
    """

    folded_changed = Signal()
    whole_changed = Signal(bool)  #: whether all values are to be shown

    def __init__(
        self,
        make: Callable[[Row], RowWidget],
        overridden: Callable[[str], bool],
        card: Card,
        wrong: Callable[[], Mapping[str, Problem]] = dict,
        *,
        folded: bool = False,
    ) -> None:
        super().__init__()
        self.card = card
        self.folded = folded
        self._overridden, self._wrong = overridden, wrong
        self.setObjectName("opCard")
        self.setProperty("role", "card")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.head = CardHead()
        self.head.clicked.connect(lambda: self.set_folded(not self.folded))
        self.list = RowList(make)
        self.all_button = QPushButton()
        self.all_button.setProperty("role", "flat")
        self.all_button.setCheckable(True)
        self.all_button.setToolTip("Every value of this card, and where more can be added")
        self.all_button.toggled.connect(self.whole_changed)
        tint(self.all_button, "list")
        body = QVBoxLayout(self)
        body.setContentsMargins(1, 1, 1, 1)
        body.setSpacing(0)
        body.addWidget(self.head)
        body.addWidget(line())
        body.addWidget(self.list)
        foot = QHBoxLayout()
        foot.setContentsMargins(8, 0, 8, 6)
        foot.addWidget(self.all_button)
        foot.addStretch()
        body.addLayout(foot)
        self.show_card(card)

    @property
    def rows(self) -> dict[tuple[str, str, int], RowWidget]:
        """The rows that have a widget, by their id."""
        return self.list.rows

    @property
    def touched(self) -> bool:
        """Whether somebody has changed one of its rows here."""
        return any(row.touched for row in self.rows.values())

    def show_card(self, card: Card) -> None:
        """Takes over a card: rows that stay keep their widgets, and with them focus and cursor."""
        self.card = card
        self.list.update_rows(card.rows)
        self.head.name, self.head.op = card.name, card.op
        self.head.setAccessibleName(f"Card {card.name}")
        self.head.try_button.setAccessibleName(f"Try {card.name}")
        self.head.setToolTip(card.description)
        count = len(card.leaves)
        self.all_button.setText(
            " Fewer values" if card.whole else " Its value" if count == 1 else f" All {count:,} values"
        )
        self._arrange()

    def give_up(self) -> None:
        """Drops what was typed in its fields and refused."""
        for row in self.rows.values():
            row.give_up()

    def set_folded(self, folded: bool) -> None:
        """Shows all rows, or only what the op is."""
        self.folded = folded
        self._arrange(AT_ONCE)
        self.folded_changed.emit()

    def reach(self, row: Row) -> RowWidget:
        """The widget of a row, unfolding the card where it is not shown."""
        if not self._shown(self.card.rows.index(row), row):
            self.set_folded(False)
        return self.list.reach(row)

    def _shown(self, place: int, row: Row) -> bool:
        if self.card.sought or not self.folded:
            return True
        return (place < _ALWAYS and row.choice is not None) or self._matters(row)

    def _matters(self, row: Row) -> bool:
        wrong = self._wrong()
        return matters(row, lambda key: (key in wrong and wrong[key].severity == "error") or self._overridden(key))

    def _arrange(self, at_once: int = 0) -> None:
        """Shows the rows that are to be seen."""
        sought, rows = self.card.sought, self.card.rows
        everything = sought or not self.folded
        shown = rows if everything else [row for place, row in enumerate(rows) if self._shown(place, row)]
        self.list.show_rows(shown, at_once)
        fields = sum(row.leaf is not None and "[" not in row.key for row in rows)
        more = self.card.whole or len(self.card.leaves) > fields
        self.all_button.setVisible(more and not sought and not self.folded)
        able = (row for row in rows if not row.rule.unnamed and not (row.choice and row.choice.missing))
        changed = sum(matters(row, self._overridden) for row in able)
        wrong = self._wrong()
        keys = {leaf.key for leaf in self.card.leaves} if wrong else set[str]()
        at = (one for key, one in wrong.items() if key in keys or key.partition("[")[0] in keys)
        here = dict.fromkeys(at)  # one may stand at several keys
        errors = sum(problem.severity == "error" for problem in here)
        self.head.folded = self.folded
        self.head.tint = "error" if errors else "warning" if here else "muted"
        problems = counted(len(here), "problem") if here else ""
        self.head.note = " · ".join(part for part in (problems, f"{changed} changed" if changed else "") if part)
        self.head.setAccessibleDescription("folded" if self.folded else "unfolded")
        self.head.update()
