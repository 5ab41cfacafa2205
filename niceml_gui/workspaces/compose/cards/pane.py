"""The right pane: a card per op with what can be set."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from niceml_engine.parts import find_in
from niceml_engine.values import OPS_PATH, Composed, ConfigTree, Trial
from niceml_gui.session import Session
from niceml_gui.widgets.basics import button, filter_edit, set_role
from niceml_gui.workspaces.compose.cards.card import CardWidget
from niceml_gui.workspaces.compose.cards.choosing import Chooser
from niceml_gui.workspaces.compose.cards.dropping import CardDrop
from niceml_gui.workspaces.compose.cards.finding import MOST_PARTS
from niceml_gui.workspaces.compose.cards.forms import Card, Deck, View
from niceml_gui.workspaces.compose.cards.help import Help, help_of
from niceml_gui.workspaces.compose.cards.help_strip import HelpStrip
from niceml_gui.workspaces.compose.cards.known import Known
from niceml_gui.workspaces.compose.cards.pending import Pending
from niceml_gui.workspaces.compose.cards.row import Row, within
from niceml_gui.workspaces.compose.cards.rows import RowWidget
from niceml_gui.workspaces.compose.cards.runs_table import RunsTable
from niceml_gui.workspaces.compose.cards.unseen import with_unseen
from niceml_gui.workspaces.compose.graph.model import open_place
from niceml_gui.workspaces.compose.mending import needs_trust
from niceml_gui.workspaces.compose.usage import known_choices, last_good

_NOTHING = "Nothing fits the filter: type less, or something else."
_UNFOLDED = 120  #: rows that are unfolded at first; cards below these start folded


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
        self._deck = Deck()
        self._tree: ConfigTree | None = None  # the one of which the presets are
        self._presets: frozenset[str] = frozenset()
        self._folded: dict[str, bool] = {}  # of cards that are not there yet
        self._whole: set[str] = set()  # cards that show all their values
        self._shown: dict[str, int] = {}  # how much of lists and their items is shown, where a person has said so
        self._current: RowWidget | None = None
        self.known = Known(session)
        self.chooser = Chooser(session, self.known)
        set_role(self, "panel")
        self.setWindowTitle("Ops")
        self.edit = filter_edit("Filter fields", "Filter fields")
        self.edit.textChanged.connect(self.refresh)
        box = QHBoxLayout()
        box.setContentsMargins(12, 10, 12, 8)
        box.addWidget(self.edit)
        self.hint = QLabel()
        set_role(self.hint, "muted")
        self.hint.setWordWrap(True)
        self.hint.setContentsMargins(14, 4, 14, 8)
        self.trust_button = button("Trust…", "Says first what of the project would run", role="primary")
        self.trust_button.clicked.connect(lambda: session.trust.ask(session.selection))
        self._trusting = QWidget()
        trusting = QHBoxLayout(self._trusting)
        trusting.setContentsMargins(14, 0, 14, 8)
        trusting.addWidget(self.trust_button)
        trusting.addStretch(1)
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
        layout.addLayout(box)
        layout.addWidget(self.hint)
        layout.addWidget(self._trusting)
        self.pending = Pending(session, self)
        self.runs = RunsTable(self.known, session)
        self.help = HelpStrip()
        layout.addWidget(self.area, 1)
        layout.addWidget(self.runs)  # below: it comes and goes while one works in the cards
        layout.addWidget(self.help)
        session.composed_changed.connect(self._composed)
        session.project_changed.connect(self.refresh)
        session.reference_changed.connect(self.refresh)
        session.focus_changed.connect(self._follow)
        self.known.changed.connect(self.refresh)
        self.known.expanded.connect(self._show_again)
        self.known.judged.connect(self._judged)
        self.refresh()

    def _composed(self) -> None:
        """Shows what was composed; where all cards are new, after the other panes have been painted."""
        if self.cards:
            self.refresh()
        else:
            QTimer.singleShot(1, self, self.refresh)  # not 0: that comes before everything else that waits

    def refresh(self) -> None:
        """Takes over what the session composed; values of the last good one stay after an error."""
        composed = self.session.composed
        self._good = last_good(self._good, composed)
        good = self._good or composed
        if composed.error is not None:
            seen, now = good.selection.overrides, self.session.selection.overrides
            good = msgspec.structs.replace(good, leaves=with_unseen(good.leaves, seen, now))
        project = self.session.project
        tree = project.tree if project is not None else ConfigTree()
        if tree is not self._tree:
            self._tree, self._presets = tree, frozenset(one.group for one in tree.options if one.is_global)
        view = View(
            self.session.selection.overrides,
            self.known.description,
            frozenset(self._whole),
            project.ops_path if project is not None else OPS_PATH,
            frozenset(self.known.wrong),
            self._presets,
            self._shown,
            tuple(self.edit.text().lower().split()),
        )
        made = self._deck.cards(good, known_choices(self._good, composed), self.session.reference, view)
        self._show(made)
        ops = sum(bool(card.op) for card in made)
        self.setWindowTitle(f"Ops  {ops}" if ops else "Values")
        nothing = bool(view.words and made) and not any(card.rows for card in made)
        advice = [self._advice()] if not made or composed.error is not None else []
        cut = [f"{key}: {MOST_PARTS} of {number:,} that fit; type more." for card in made for key, number in card.cut]
        self.hint.setText("\n".join([*advice, *([_NOTHING] if nothing else cut[:1])]))
        self.hint.setVisible(bool(self.hint.text()))
        self._trusting.setVisible(needs_trust(composed.error))
        self._help()

    def fold(self, folded: Mapping[str, bool]) -> None:
        """Folds and unfolds cards by name, those that appear later too."""
        self._folded = {name: fold for name, fold in folded.items() if name not in self.cards}
        for name, card in self.cards.items():
            card.set_folded(folded.get(name, card.folded))

    def _show(self, made: Iterable[Card]) -> None:
        wanted = {card.name: card for card in made}
        for name in [name for name in self.cards if name not in wanted]:
            widget = self.cards.pop(name)
            self._column.removeWidget(widget)
            widget.give_up()
            widget.hide()
            widget.deleteLater()
        rows = 0
        for place, (name, card) in enumerate(wanted.items()):
            if name in self.cards:
                if self.cards[name].card is not card or self.cards[name].touched:
                    self.cards[name].show_card(card)
            else:
                rows += len(card.rows)
                folded = self._folded.pop(name, rows > _UNFOLDED)
                self.cards[name] = self._card(card, folded)
            if self._column.indexOf(self.cards[name]) != place:
                self._column.insertWidget(place, self.cards[name])
            self.cards[name].setVisible(bool(card.rows) or not card.sought)
        self.cards = {name: self.cards[name] for name in wanted}

    def _card(self, card: Card, folded: bool) -> CardWidget:
        def make(row: Row) -> RowWidget:
            made = RowWidget(self.session, self.known, self.chooser, row)
            made.fold_wanted.connect(self._fold_rows)
            made.typing.connect(self.pending.note)
            return made

        widget = CardWidget(make, self._overridden, card, lambda: self.known.wrong, folded=folded)
        CardDrop(self.session, widget)
        widget.whole_changed.connect(lambda on: self._set_whole(card.name, on))
        widget.head.try_button.clicked.connect(lambda: self.session.try_out(Trial(card.name, (card.package,))))
        return widget

    def _judged(self) -> None:
        """Marks what is wrong."""
        if self.cards:
            self.refresh()
            self._show_again()

    def _show_again(self) -> None:
        """Shows how many runs each field stands for, and what is wrong with it."""
        for card in self.cards.values():
            card.show_card(card.card)

    def _overridden(self, key: str) -> bool:
        return bool(self.session.selection.overrides) and self.session.overridden(key) is not None

    def _set_whole(self, name: str, on: bool) -> None:
        (self._whole.add if on else self._whole.discard)(name)
        self.refresh()

    def _fold_rows(self, key: str, shown: int) -> None:
        # Whoever folds a list has seen enough of its items.
        kept = {one: many for one, many in self._shown.items() if shown or not within(one, key)}
        self._shown = {**kept, key: shown}
        self.refresh()

    def _unfold_to(self, key: str) -> None:
        """Shows what lies in an item of a list, and the items on the way to it."""
        items = (key[: match.end()] for match in re.finditer(r"\[\d+\]", key))
        self._shown = {**self._shown, **dict.fromkeys(items, 1)}
        self.refresh()

    def _advice(self) -> str:
        if self.session.project is None:
            return "Open a project to set what its ops do."
        if needs_trust(self.session.composed.error):
            return "Python code makes this config: once you trust the project, it runs, and the values appear here."
        if self.session.composed.error is not None and self.cards:
            if self._good is None:
                return "The job does not compose: this is what could be read of its choices."
            return "Out of date: the job does not compose. These are the values of when it last did."
        if not self.session.selection.job:
            if not self.session.project.tree.jobs:
                return "Nothing here is a job: compose an option alone, from its menu in the tree."
            return "Choose a job in the tree to see its ops."
        if self.session.composed.error is not None:
            return "The job does not compose: choose what is missing, and its values appear here."
        return "Nothing can be set here yet: the job composes to nothing." if self.session.composed.digest else ""

    def row_of(self, key: str, node: str) -> RowWidget | None:
        """The row that stands for a key, or for the option that a node is; its card unfolds for it."""
        for card in self.cards.values():
            for row in card.card.rows:
                if _stands_for(row, key, node):
                    return card.reach(row)
        return None

    def _follow(self) -> None:
        key = self.session.focus.key
        found = self.row_of(key, self.session.focus.node)
        if found is None and "[" in key and self._good is not None:
            if find_in(self._good.leaves, key) is not None:
                self._unfold_to(key)
            found = self.row_of(key, self.session.focus.node) or self.row_of(key.partition("[")[0], "")
        if self._current is not None and isValid(self._current):
            self._current.set_current(False)
        self._current = found
        if found is None:
            self._help()
            return
        found.set_current(True)
        self._help()
        if not found.isAncestorOf(self.focusWidget() or self):
            self.area.ensureWidgetVisible(found, 0, 40)

    def _help(self) -> None:
        """Says what is known now of the row that is selected."""
        current = self._current
        self.help.show_help(help_of(current.row) if current is not None and isValid(current) else Help())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc clears the filter."""
        if event.key() == Qt.Key.Key_Escape and self.edit.text():
            self.edit.clear()
        else:
            super().keyPressEvent(event)


def _stands_for(row: Row, key: str, node: str) -> bool:
    if key:
        return row.leaf is not None and row.key == key
    choice = row.choice
    if choice is None or not node:
        return False
    if choice.missing:
        return node == open_place(choice)
    return node in [f"{choice.group}/{name}" if choice.group else name for name in choice.chosen]
