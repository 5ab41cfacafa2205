"""A line of a card: label, control, reset."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QContextMenuEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from niceml_engine.values import Choice, Leaf
from niceml_gui.session import Session
from niceml_gui.widgets.basics import ElidedLabel, set_role
from niceml_gui.workspaces.compose.editors import Field, ListPicker, Picker, ResetButton, Switch, mark
from niceml_gui.workspaces.compose.forms import Row, is_interpolation, kind_of, old_value, type_hint
from niceml_gui.workspaces.compose.leaf_menu import leaf_menu
from niceml_gui.workspaces.compose.quoting import field_text, override_text
from niceml_gui.workspaces.compose.usage import chain, file_of

LABEL_PX = 124
INDENT_PX = 12


def control_of(row: Row) -> type[QWidget]:
    """The kind of control that a row needs."""
    if row.choice is not None:
        return ListPicker if row.choice.is_list else Picker
    leaf = row.leaf
    return Switch if leaf is not None and isinstance(leaf.value, bool) else Field


class RowWidget(QWidget):
    """Shows a row and sends what the person does to the session.

    Args:
        session: What the window works on.
        row: What to show first; later rows of the same id and control replace it.
    """

    def __init__(self, session: Session, row: Row) -> None:
        super().__init__()
        self.session = session
        self.row = row
        self.control: QWidget = control_of(row)()
        self.label = ElidedLabel("", Qt.TextElideMode.ElideMiddle)
        self.label.setProperty("role", "muted")
        self.reset: ResetButton | None = None  # made when there is something to reset
        self.words: ElidedLabel | None = None  # made when there is something to say
        self._changed = False
        self._layout = QGridLayout(self)
        self._layout.setHorizontalSpacing(4)
        self._layout.setVerticalSpacing(2)
        self._layout.setColumnStretch(1, 1)
        self._layout.addWidget(self.label, 0, 0)
        self._layout.addWidget(self.control, 0, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.control.installEventFilter(self)
        if isinstance(self.control, Field):
            self.control.committed.connect(self.set_text)
            self.control.refused.connect(self._refused)
        elif isinstance(self.control, Switch):
            self.control.clicked.connect(lambda on: self.session.set_value(self.row.key, "true" if on else "false"))
        elif isinstance(self.control, Picker | ListPicker):
            self.control.picked.connect(self._choose)
        self.show_row(row)

    def show_row(self, row: Row) -> None:
        """Shows a row; the control stays the same."""
        self.row = row
        self._fit_label()
        self.label.set_full_text(row.label)
        if row.choice is not None:
            self._changed = self._show_choice(row.choice)
        elif row.leaf is not None:
            self._changed = self._show_leaf(row.leaf)
        mark(self.control, "changed", self._changed)
        self._offer_reset()
        self.control.setAccessibleName(f"{row.label}, {row.key}")
        self.control.setAccessibleDescription(f"{'changed, ' if self._changed else ''}{self._about()}")
        self.label.setToolTip(self._about())

    @property
    def reset_key(self) -> str:
        """The key whose override is dropped."""
        return self.row.choice.key if self.row.choice is not None else self.row.key

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offers what can be done with the value."""
        if self.row.leaf is not None:
            leaf_menu(self.session, self.row.leaf, self).popup(event.globalPos())

    def set_text(self, text: str) -> None:
        """Sets the value to what was typed."""
        if (leaf := self.row.leaf) is not None:
            self.session.set_value(leaf.key, override_text(text, old_value(leaf)))

    def give_up(self) -> None:
        """Shows the value again, where something stands that was refused."""
        if isinstance(self.control, Field) and self.control.why:
            self.control.give_up()

    def set_current(self, current: bool) -> None:
        """Marks the row as what is selected everywhere."""
        set_role(self.label, "heading" if current else "muted")

    def _refused(self, why: str) -> None:
        if self.words is None:
            self.words = ElidedLabel()
            self.words.setProperty("role", "error")
            self._layout.addWidget(self.words, 1, 1, 1, 2)
        self.words.set_full_text(why)
        self.words.setVisible(bool(why))
        typed = self.control.text() if isinstance(self.control, Field) else ""
        self.session.refuse(self.row.key, f"“{typed}” cannot be set: {why}" if why else "")
        self._offer_reset()

    def _offer_reset(self) -> None:
        refused = isinstance(self.control, Field) and bool(self.control.why)
        shown = self._changed or refused
        if shown and self.reset is None:
            self.reset = ResetButton(f"Reset {self.row.label}")
            self.reset.clicked.connect(self._reset)
            self._layout.addWidget(self.reset, 0, 2)
        if self.reset is not None:
            self.reset.setVisible(shown)
            self.reset.setToolTip("Give up what was typed" if refused else "Reset to the value of the files")
        self._layout.setContentsMargins(12 + self.row.indent * INDENT_PX, 2, 4 if shown else 30, 2)

    def _reset(self) -> None:
        if isinstance(self.control, Field) and self.control.why:
            self.give_up()
        else:
            self.session.reset(self.reset_key)

    def _show_choice(self, choice: Choice) -> bool:
        if isinstance(self.control, Picker):
            chosen = choice.chosen[0] if choice.chosen else ""
            self.control.show_options(choice.options, chosen, optional=choice.optional, missing=choice.missing)
            wrong = choice.missing or (chosen and chosen not in choice.options)
            mark(self.control, "invalid", bool(wrong))
        elif isinstance(self.control, ListPicker):
            self.control.show_options(choice.options, choice.chosen)
        self.control.setEnabled(bool(choice.key))
        self.control.setToolTip(self._about())
        return bool(choice.key) and self.session.overridden(choice.key) is not None

    def _show_leaf(self, leaf: Leaf) -> bool:
        if isinstance(self.control, Switch):
            self.control.setChecked(leaf.value is True)
            self.control.setToolTip(self._about())
        elif isinstance(self.control, Field):
            text = field_text(leaf.resolved if leaf.secret else leaf.value)
            hint, kind = type_hint(self.row), kind_of(leaf)
            stands_for = is_interpolation(leaf.value) and not leaf.reason and not leaf.secret
            face = field_text(leaf.resolved) if stands_for else text
            self.control.show_value(
                text, hint, kind, self._about(), face.rsplit(".", 1)[-1] if kind == "target" else face
            )
            self.control.setReadOnly(leaf.secret)
        return self.session.overridden(leaf.key) is not None

    def _about(self) -> str:
        row, lines = self.row, [self.row.key]
        if row.spec is not None:
            lines.append(row.spec.description)
            default = "" if row.spec.required else f", default {field_text(row.spec.default)}"
            lines.append(f"expects {row.spec.expects}{default}")
        if row.choice is not None:
            lines.append(f"group {row.choice.group}, chosen in {row.choice.node}:{row.choice.line}")
            if not row.choice.key:
                lines.append("Hydra has no override for this choice: edit the file")
            elif row.choice.missing:
                lines.append("nothing is chosen here yet: choose an option")
        if row.leaf is not None:
            lines.append(chain(row.leaf))
            if row.leaf.reason:
                lines.append(f"not resolved: {row.leaf.reason}")
            elif is_interpolation(row.leaf.value):
                lines.append(f"resolved: {field_text(row.leaf.resolved)}")
        return "\n".join(line for line in lines if line)

    def _choose(self, option: object) -> None:
        if self.row.choice is not None:
            self.session.choose(self.row.choice, str(option) if option is not None else None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leaves most of a narrow pane to the control."""
        super().resizeEvent(event)
        self._fit_label()

    def _fit_label(self) -> None:
        column = min(LABEL_PX, int(self.width() * 0.36))
        self.label.setFixedWidth(max(40, column - self.row.indent * INDENT_PX))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Selects the row's key or option everywhere, when the keyboard or mouse comes to its control."""
        if event.type() == QEvent.Type.FocusIn and watched is self.control:
            self.select()
        return False

    def select(self) -> None:
        """Selects what the row is about in every pane."""
        if self.row.leaf is not None:
            origin = file_of(self.row.leaf)
            self.session.set_focus(key=self.row.key, node=origin.node if origin else "")
        elif self.row.choice is not None and self.row.choice.chosen:
            choice = self.row.choice
            node = f"{choice.group}/{choice.chosen[0]}" if choice.group else choice.chosen[0]
            self.session.set_focus(node=node)
