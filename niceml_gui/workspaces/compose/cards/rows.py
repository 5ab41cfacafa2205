"""A line of a card: label, control, reset."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QMenu, QPushButton, QSizePolicy, QSpacerItem, QWidget

from niceml_engine.options import quoted
from niceml_engine.values import Choice, Leaf, Problem
from niceml_gui import overrides as grammar
from niceml_gui.prose import prose
from niceml_gui.session import Session
from niceml_gui.widgets.basics import ElidedLabel, set_role
from niceml_gui.words import counted
from niceml_gui.workspaces.compose.brief import is_long, short_text
from niceml_gui.workspaces.compose.cards.adding import AddField
from niceml_gui.workspaces.compose.cards.choosing import Chooser
from niceml_gui.workspaces.compose.cards.editors import Field, ItemLines, Lines, ResetButton, Switch, mark
from niceml_gui.workspaces.compose.cards.help import tooltip
from niceml_gui.workspaces.compose.cards.item_head import HEAD_PX, ItemHead
from niceml_gui.workspaces.compose.cards.items import PAGE, face_of
from niceml_gui.workspaces.compose.cards.known import Known
from niceml_gui.workspaces.compose.cards.listing import AddItem, add_item, list_at
from niceml_gui.workspaces.compose.cards.pickers import MISSING, ListPicker, Picker
from niceml_gui.workspaces.compose.cards.row import Row
from niceml_gui.workspaces.compose.cards.row_keys import RowKeys
from niceml_gui.workspaces.compose.cards.row_menu import add_row_actions
from niceml_gui.workspaces.compose.quoting import complaint, override_text
from niceml_gui.workspaces.compose.rules import hint_of, is_interpolation, replaces_other
from niceml_gui.workspaces.compose.usage import file_of

LABEL_PX = 134  #: where the controls begin
INDENT_PX = 12
RESET_PX = 26


def control_of(row: Row) -> type[QWidget]:
    """The kind of control that a row needs."""
    if row.choice is not None:
        return ListPicker if row.choice.is_list else Picker
    if row.adds:
        return AddItem if row.item else AddField
    if row.more:
        return QPushButton
    if row.leaf is None:
        return ElidedLabel if row.item else QWidget
    if isinstance(row.leaf.value, bool) and row.rule.kind in ("bool", "any"):
        # What was a text in the files may become one again, and a switch takes none.
        return Switch if row.rule.owner or not replaces_other(row.leaf) else Field
    lines = row.rule.kind == "lines" and isinstance(row.leaf.value, str) and not row.leaf.secret
    return Lines if lines and not is_long(row.leaf.value) else Field


class RowWidget(QWidget):
    """Shows a row and sends what the person does to the session.

    Signals:
        fold_wanted: The key of a list, or of an item of one, and how much of it is to be shown; 0: nothing.
        typing: The override that is being typed; empty once it is taken or given up.

    Args:
        session: What the window works on.
        known: What the service knows of the values.
        chooser: Opens what there is to choose from.
        row: What to show first; later rows of the same id and control replace it.
    """

    fold_wanted = Signal(str, int)
    typing = Signal(str)

    def __init__(self, session: Session, known: Known, chooser: Chooser, row: Row) -> None:
        super().__init__()
        self.session = session
        self.row = row
        self.control: QWidget = control_of(row)()
        self.control.setAcceptDrops(False)  # what is dropped is for the card
        self.label = ElidedLabel("", Qt.TextElideMode.ElideMiddle)
        self.label.setProperty("role", "muted")
        self.head: ItemHead | None = None  # made when the row is an item of a list, or can be folded
        self.reset: ResetButton | None = None  # made when there is something to reset
        self.words: ElidedLabel | None = None  # made when there is something to say
        self.items: ItemLines | None = None  # made when a list is unfolded
        self._known, self._chooser = known, chooser
        self._changed = False
        self._problem: Problem | None = None  # what is wrong with the value
        self._state: object = None  # what is shown; nothing once somebody has changed it here
        self._layout = QGridLayout(self)
        self._layout.setHorizontalSpacing(0)  # Qt leaves it out beside an empty column
        self.label.setContentsMargins(0, 0, 4, 0)
        self._layout.setVerticalSpacing(2)
        self._layout.setColumnStretch(1, 1)
        self._layout.addItem(QSpacerItem(RESET_PX, 0), 0, 2)  # its room stays, so that all controls end at one place
        self._layout.addWidget(self.label, 0, 0, Qt.AlignmentFlag.AlignTop)
        self._layout.addWidget(self.control, 0, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._keys = RowKeys(self.control, session, lambda: self.row)
        self._keys.came.connect(self.select)
        self._keys.reset_wanted.connect(self._reset)
        self._connect()
        self.show_row(row)

    def _connect(self) -> None:
        control = self.control
        if isinstance(control, Field):
            control.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)  # the row's own menu holds its entries
            control.committed.connect(self.set_text)
            control.refused.connect(self._refused)
            control.typing.connect(self._typing)
        elif isinstance(control, Lines):
            control.committed.connect(lambda text: self._set(quoted(text)))
        elif isinstance(control, AddField):
            control.added.connect(self._add)
            control.refused.connect(self._say)
        elif isinstance(control, AddItem):
            control.added.connect(self._add_item)
            control.class_wanted.connect(lambda: self._chooser.add_object(self.row, control))
        elif isinstance(control, ElidedLabel):
            control.setProperty("role", "muted")
        elif isinstance(control, QPushButton):
            control.setProperty("role", "flat")
            control.clicked.connect(self._show_more)
        elif isinstance(control, Switch):
            control.clicked.connect(lambda on: self._set("true" if on else "false"))
        elif isinstance(control, Picker | ListPicker):
            control.picked.connect(self._choose)

    def show_row(self, row: Row) -> None:
        """Shows a row; the control stays the same."""
        key = row.choice.key if row.choice is not None else row.key
        problem = self._known.problem_at(row)
        state = (row, self.session.overridden(key) if key else None, self._known.count_of(key), problem)
        if state == self._state:
            return
        self._state = state
        self.row = row
        self._problem = problem
        self._fit_label()
        self._show_head(row)
        self.label.set_full_text(row.label)
        if row.choice is not None:
            self._changed = self._show_choice(row.choice)
        elif row.leaf is not None:
            self._changed = self._show_leaf(row.leaf)
        elif isinstance(self.control, AddField):
            self.control.show_place(row.key, row.target, row.present)
        elif isinstance(self.control, AddItem):
            self.control.show_place(row.key, row.rule)
        elif isinstance(self.control, QPushButton):
            self.control.setText(f"{row.more:,} more items")
        elif isinstance(self.control, ElidedLabel):
            self.control.set_full_text(row.summary)
        mark(self.control, "changed", self._changed)
        self._offer_reset()
        about = self._about()
        self.control.setAccessibleName(", ".join(filter(None, (row.label or "add", row.key))))
        self.control.setAccessibleDescription(f"{'changed, ' if self._changed else ''}{about}")
        self.label.setToolTip(about)

    @property
    def reset_key(self) -> str:
        """The key whose override is dropped."""
        return self.row.choice.key if self.row.choice is not None else self.row.key

    @property
    def touched(self) -> bool:
        """Whether somebody has changed here what is shown."""
        return self._state is None

    @property
    def busy(self) -> bool:
        """Whether somebody is at work here, or has left something that was refused."""
        refused = isinstance(self.control, Field) and bool(self.control.why)
        unfolded = self.items is not None and not self.items.isHidden()
        return refused or unfolded or self.control.hasFocus()

    def set_text(self, text: str) -> None:
        """Sets the value to what was typed."""
        self._set(override_text(text, self.row.rule))
        self._chooser.follow(self.row, text)

    def _typing(self, text: str) -> None:
        if self.row.item or self.row.is_list:
            return
        wrong = complaint(text, self.row.rule)
        self.typing.emit(f"{self.row.key}={text if wrong else override_text(text, self.row.rule)}" if text else "")

    def _add(self, name: str, text: str) -> None:
        self.session.set_value(f"{self.row.key}.{name}" if self.row.key else name, text)

    def _add_item(self, text: str) -> None:
        why = add_item(self.session, self.row.key, text, self.row.rule)
        self._say(why)
        if not why and isinstance(self.control, AddItem):
            self.control.clear()

    def _set(self, text: str) -> None:
        self._state = None
        if self.row.is_list:
            overrides = grammar.with_list(self.session.selection.overrides, self.row.key, text)
            said = grammar.shown(self.row.key, text)
            self.session.set_overrides(overrides, f"Set {grammar.last_part(self.row.key)} to {said}")
        else:
            self.session.set_value(self.row.key, text)

    def _show_head(self, row: Row) -> None:
        """Puts a fold arrow before the label of what can be folded, and a menu behind that of an item."""
        if (self.head is None and not row.item and row.folded is None) or row.adds:
            return
        if self.head is None:
            self._layout.removeWidget(self.label)
            self.head = ItemHead(self.label)
            self.head.fold_wanted.connect(self._fold)
            self.head.menu_wanted.connect(self._pop_up)
            self._layout.addWidget(self.head, 0, 0, Qt.AlignmentFlag.AlignTop)
            self._fit_label()
        self.head.show_row(row)

    def _fold(self) -> None:
        row = self.row
        if row.folded is None:
            return
        shown = 0 if not row.folded else PAGE if self.row.is_list else 1
        self.fold_wanted.emit(row.key if self.row.is_list else row.item, shown)

    def _show_more(self) -> None:
        holder = list_at(self.session, self.row.key)
        if holder is not None:
            self.fold_wanted.emit(self.row.key, len(holder.value) - self.row.more + PAGE)

    def _pop_up(self) -> None:
        self.menu().popup(self.mapToGlobal(QPoint(12, self.height())))

    def give_up(self) -> None:
        """Shows the value again, where something stands that was refused."""
        if isinstance(self.control, Field) and self.control.why:
            self.control.give_up()

    def set_current(self, current: bool) -> None:
        """Marks the row as what is selected everywhere."""
        set_role(self.label, "heading" if current else "muted")

    def unfold_list(self) -> None:
        """Shows a list as one item a line, below its field, or hides it again."""
        if self.items is None:
            self.items = ItemLines(self.row.label)
            self.items.committed.connect(self._set_items)
            self._layout.addWidget(self.items, 2, 1)
            self.items.hide()
        self.items.setVisible(self.items.isHidden())
        self._show_items()
        if not self.items.isHidden():
            self.items.setFocus()

    def _set_items(self, _: str) -> None:
        text = self.items.list_text() if self.items is not None else ""
        why = complaint(text, self.row.rule)
        self._say(why)  # what was typed stays until it is mended
        if not why:
            self.set_text(text)

    def _about(self) -> str:
        """All that is known of the row, what is wrong with it first."""
        wrong = (
            f"{self._problem.severity}: {prose(self._problem.message, lines=True)}\n"
            if self._problem is not None
            else ""
        )
        return f"{wrong}{tooltip(self.row)}"

    def _show_items(self) -> None:
        if self.items is not None and self.row.leaf is not None:
            self.items.show_items(self.row.leaf.value)

    def _say(self, why: str) -> None:
        if self.words is None:
            if not why:
                return
            self.words = ElidedLabel()
            self.words.setProperty("role", "error")
            self._layout.addWidget(self.words, 1, 1, 1, 2)
        self.words.set_full_text(why)
        self.words.setVisible(bool(why))

    def _refused(self, why: str) -> None:
        self._say(why)
        typed = self.control.text() if isinstance(self.control, Field) else ""
        self.session.refuse(self.row.key, f"“{typed}” cannot be set: {why}" if why else "")
        self._offer_reset()

    def _offer_reset(self) -> None:
        refused = isinstance(self.control, Field) and bool(self.control.why)
        shown = self._changed or refused
        if shown and self.reset is None:
            self.reset = ResetButton(f"Reset {self.row.label}")
            self.reset.clicked.connect(self._reset)
            self._layout.addWidget(self.reset, 0, 2, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
        if self.reset is not None:
            self.reset.setVisible(shown)
            tip = "Give up what was typed" if refused else "Reset to the value of the files (Ctrl+Backspace)"
            self.reset.setToolTip(tip)
        self._layout.setContentsMargins(12 + self.row.indent * INDENT_PX, 2, 4, 2)

    def _reset(self) -> None:
        if isinstance(self.control, Field) and self.control.why:
            self.give_up()
        elif self._changed and self.row.is_list:
            kept = grammar.without_all(self.session.selection.overrides, self.reset_key)
            self.session.set_overrides(kept, f"Reset {grammar.last_part(self.reset_key)}")
        elif self._changed:
            self.session.reset(self.reset_key)

    def _show_choice(self, choice: Choice) -> bool:
        override = self.session.overridden(choice.key) if choice.key else None
        swept = grammar.split(override)[2] if override and self._known.count_of(choice.key) else ""
        if isinstance(self.control, Picker):
            chosen = swept or (choice.chosen[0] if choice.chosen else "")
            self.control.show_options(choice.options, chosen, missing=choice.missing)
            unknown = chosen and chosen not in choice.options and not swept and not choice.optional
            wrong = "must be chosen" if choice.missing else f"there is no {chosen}" if unknown else ""
            mark(self.control, "invalid", bool(wrong))
            self._say(wrong)
        elif isinstance(self.control, ListPicker):
            self.control.show_options(choice.options, choice.chosen)
        self.control.setEnabled(bool(choice.key))
        self.control.setToolTip(tooltip(self.row))
        return override is not None

    def _show_leaf(self, leaf: Leaf) -> bool:
        override = self.session.overridden(leaf.key) if not self.row.rule.unnamed else None  # that of a group's choice
        if isinstance(self.control, Switch):
            self.control.setChecked(leaf.value is True)
            self.control.setEnabled(not self.row.rule.unnamed)
            self.control.setToolTip(self._about())
        elif isinstance(self.control, Lines):
            self.control.show_text(str(leaf.value), self._about())
            self.control.setReadOnly(self.row.rule.unnamed)
        elif isinstance(self.control, Field):
            self._show_field(self.control, leaf, override)
        self._show_items()
        return override is not None

    def _show_field(self, field: Field, leaf: Leaf, override: str | None) -> None:
        rule, (icon, name) = self.row.rule, self._chooser.side(self.row, field)
        hint = "option" if icon and rule.unnamed else hint_of(leaf, rule)
        value, long = leaf.resolved if leaf.secret else leaf.value, is_long(leaf.value)
        text = short_text(value)
        face = typing_hint = ""
        runs = self._known.count_of(leaf.key)
        if runs and override is not None:
            text, hint = grammar.split(override)[2], counted(runs, "run")
        elif is_interpolation(leaf.value) and not leaf.reason and not leaf.secret:
            face = short_text(leaf.resolved)
            typing_hint = f"= {face}"
        if self.row.is_list:
            face = face_of(leaf.value)
        if rule.kind == "target":
            face, hint = (face or text).rsplit(".", 1)[-1], "_target_"
        about = f"{self._about()}\ntoo long to be changed here: open its file" if long else self._about()
        wrong = text == MISSING or (self._problem is not None and self._problem.severity == "error")
        field.show_value(text, hint, rule, about, face, typing_hint, wrong=wrong)
        mark(field, "doubted", self._problem is not None and not wrong)
        field.setReadOnly(leaf.secret or long or rule.unnamed)
        mark(field, "locked", field.isReadOnly())
        if not icon and isinstance(leaf.value, list | tuple) and not long and not self.row.is_list:
            field.set_side("list", "One item a line", self.unfold_list)
        else:
            field.set_side(icon, name, lambda: self._chooser.press(self.row, field))

    def _choose(self, option: object) -> None:
        if self.row.choice is not None:
            self._state = None
            self.session.choose(self.row.choice, str(option) if option is not None else None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leaves most of a narrow pane to the control."""
        super().resizeEvent(event)
        self._fit_label()

    def _fit_label(self) -> None:
        left = self.head or self.label
        least = 40 if self.head is None else HEAD_PX
        left.setFixedHeight(26)
        if self.row.leaf is None and self.row.choice is None and not (self.row.adds or self.row.more or self.row.item):
            left.setMinimumWidth(least)
            return
        column = min(LABEL_PX, int(self.width() * 0.42))
        left.setFixedWidth(max(least, column - self.row.indent * INDENT_PX))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offers what can be done with the value, and with the text in its field."""
        if self.row.leaf is not None or (self.row.item and not self.row.adds):
            self.menu().popup(event.globalPos())

    def menu(self) -> QMenu:
        """What can be done with the value; it deletes itself when it closes."""
        field = self.control if isinstance(self.control, Field) and self.control.hasFocus() else None
        menu = field.createStandardContextMenu() if field is not None else QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        add_row_actions(menu, self.session, self.row)
        return menu

    def select(self) -> None:
        """Selects what the row is about in every pane."""
        if self.row.leaf is not None:
            origin = file_of(self.row.leaf)
            self.session.set_focus(key=self.row.key, node=origin.node if origin else "")
        elif self.row.choice is not None and self.row.choice.chosen:
            choice = self.row.choice
            node = f"{choice.group}/{choice.chosen[0]}" if choice.group else choice.chosen[0]
            self.session.set_focus(node=node)
