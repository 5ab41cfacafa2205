"""All overrides as text, one a line."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QCursor, QFocusEvent, QKeyEvent, QResizeEvent, QTextCursor
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from niceml_engine.parts import plain_key
from niceml_engine.values import Composed, ConfigTree
from niceml_gui.session import Session
from niceml_gui.theme.icons import tint
from niceml_gui.widgets.basics import ElidedLabel, button, label, set_role
from niceml_gui.workspaces.compose.cards.dropping import choose_from
from niceml_gui.workspaces.compose.quoting import element
from niceml_gui.workspaces.compose.text.editing.code_edit import CodeEdit
from niceml_gui.workspaces.compose.text.editing.suggestions import Completion, for_override
from niceml_gui.workspaces.compose.tree.model import MIME
from niceml_gui.workspaces.compose.usage import hydras_choices, places_for

_FEW, _ROOM = 6, 260  #: up to so many lines, and from so many pixels on, there is room for examples below the text


def examples(composed: Composed) -> list[tuple[str, str]]:
    """What can be written, by this very config where it has something to show, each with its meaning."""
    leaf = next((leaf for leaf in composed.leaves if type(leaf.value) in (int, float)), None)
    key = plain_key(leaf.key) if leaf is not None else "key"
    value = element(leaf.value) if leaf is not None else "value"
    choices = ((choice, set(choice.options) - set(choice.chosen)) for choice in composed.choices if choice.key)
    choice, others = next((found for found in choices if found[1]), (None, set[str]()))
    group = choice.key if choice is not None else "group@package"
    option = min(others) if others else "option"
    return [
        (f"{key}={value}", "sets a value"),
        (f"{group}={option}", "chooses another option of a group"),
        ("+new.key=value", "adds a key that the files do not have"),
        (f"~{key}", "removes a key; ~group removes what was chosen"),
        ("# a note", "is left out"),
    ]


class OverridesEdit(CodeEdit):
    """A text that is applied with Ctrl+Enter and when the focus leaves."""

    def __init__(self, pane: OverridesPane) -> None:
        super().__init__(self._suggest, numbered=False)
        self._pane = pane
        self.setTabChangesFocus(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Applies on Ctrl+Enter, gives up on Esc."""
        if self.completer.wants(event):
            return
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and control:
            self._pane.apply()
        elif event.key() == Qt.Key.Key_Escape:
            self._pane.give_up()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Applies what was typed."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._pane.apply()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Takes options that are dragged here, and text."""
        return source.hasFormat(MIME) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Chooses an option that is dropped here; text is put in."""
        if not source.hasFormat(MIME):
            super().insertFromMimeData(source)
            return
        session, name = self._pane.session, bytes(source.data(MIME).data()).decode()
        tree = session.project.tree if session.project is not None else ConfigTree()
        option = next((one for one in (*tree.options, *tree.hydra) if one.id == name), None)
        choices = (*session.composed.choices, *hydras_choices(session.composed, tree))
        places = places_for(option, choices) if option is not None else []
        if len(places) == 1:
            session.choose(*places[0])
        elif places:
            choose_from(places, session, self).popup(QCursor.pos())
        else:
            session.complain(f"This job has no place to choose {name}")

    def _suggest(self, row: int, column: int) -> Completion:
        session = self._pane.session
        line = self.document().findBlockByNumber(row).text()
        tree = session.project.tree if session.project is not None else ConfigTree()
        return for_override(line, column, tree, session.last_good)


class OverridesPane(QWidget):
    """Shows and edits the selection's overrides.

    Args:
        session: What the window works on.
        parent: The Qt parent.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.edit = OverridesEdit(self)
        set_role(self.edit, "mono")
        self.edit.setAccessibleName("Overrides")
        self.edit.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.edit.setPlaceholderText("One override a line, in Hydra's grammar")
        self.examples = QWidget()
        self._rows = QGridLayout(self.examples)
        self._rows.setContentsMargins(8, 0, 8, 0)
        self._rows.setHorizontalSpacing(16)
        self._rows.setColumnStretch(1, 1)
        self._written: list[tuple[str, str]] = []
        self.state = QLabel()
        self.state.setProperty("role", "muted")
        self.state.setWordWrap(True)
        self.apply_button: QPushButton = button("Apply", "Compose with these overrides (Ctrl+Enter)")
        self.apply_button.clicked.connect(self.apply)
        tint(self.apply_button, "check")
        foot = QHBoxLayout()
        foot.addWidget(self.state, 1)
        foot.addWidget(self.apply_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(8)
        layout.addWidget(self.edit, 1)
        layout.addWidget(self.examples)
        layout.addLayout(foot)
        self.setFocusProxy(self.edit)
        self.edit.textChanged.connect(self._show_state)
        session.selection_changed.connect(self.refresh)
        session.composed_changed.connect(self._show_state)
        session.composed_changed.connect(self._show_examples)
        self.refresh()
        self._show_examples()

    @property
    def overrides(self) -> tuple[str, ...]:
        """What stands in the text, without empty lines and comments."""
        lines = (line.strip() for line in self.edit.toPlainText().splitlines())
        return tuple(line for line in lines if line and not line.startswith("#"))

    def refresh(self) -> None:
        """Shows the session's overrides, dropping what was typed and not applied."""
        if self.overrides != self.session.selection.overrides:
            self.edit.setPlainText("\n".join(self.session.selection.overrides))
        self._show_state()

    def give_up(self) -> None:
        """Shows the session's overrides again, as a step that Ctrl+Z takes back."""
        if self.overrides != self.session.selection.overrides:
            self.edit.replace_text("\n".join(self.session.selection.overrides))
        self._show_state()

    def go_to(self, override: str) -> None:
        """Puts the cursor at an override."""
        document = self.edit.document()
        for number in range(document.blockCount()):
            block = document.findBlockByNumber(number)
            if block.text().strip() == override:
                self.edit.setTextCursor(QTextCursor(block))
                self.edit.setFocus()

    def apply(self) -> None:
        """Makes what stands in the text the session's overrides, as one undoable step."""
        if self.overrides != self.session.selection.overrides:
            self.edit.document().clearUndoRedoStacks()  # from here on the session's undo takes it back
            self.session.set_overrides(self.overrides, "Edit overrides")
        self._show_state()

    def _show_state(self) -> None:
        changed = self.overrides != self.session.selection.overrides
        self.apply_button.setEnabled(changed)
        error = self.session.composed.error
        if changed:
            text, role = "Not applied yet: Ctrl+Enter applies, Esc gives up.", "muted"
        elif error is not None and not self.session.stale:
            text, role = (f"{error.key}: {error.message}" if error.key else error.message), "error"
        else:
            text, role = "", "muted"
        self.state.setText(text.split("\n", 1)[0])
        set_role(self.state, role)
        self._fit()

    def _fit(self) -> None:
        self.examples.setVisible(self.edit.blockCount() <= _FEW and self.height() >= _ROOM)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leaves a low pane to the text."""
        super().resizeEvent(event)
        self._fit()

    def _show_examples(self) -> None:
        written = examples(self.session.composed)
        if written == self._written or self.session.composed.error is not None:
            return
        self._written = written
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for row, (text, meaning) in enumerate(written):
            shown = ElidedLabel(text, Qt.TextElideMode.ElideMiddle)
            shown.setProperty("role", "mono")
            self._rows.addWidget(shown, row, 0)
            self._rows.addWidget(label(meaning, "muted"), row, 1)
