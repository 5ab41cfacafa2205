"""All overrides as text, one a line."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent, QTextCursor
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from niceml_engine.parts import plain_key
from niceml_engine.values import Composed, ConfigTree, Selection
from niceml_gui.overrides import change
from niceml_gui.prose import prose
from niceml_gui.session import Session
from niceml_gui.theme.icons import tint
from niceml_gui.widgets.basics import ElidedLabel, button, label, set_role
from niceml_gui.widgets.menus import pop_up
from niceml_gui.workspaces.compose.cards.dropping import choose_from
from niceml_gui.workspaces.compose.quoting import element
from niceml_gui.workspaces.compose.text.editing.classes import Classes
from niceml_gui.workspaces.compose.text.editing.code_edit import CodeEdit
from niceml_gui.workspaces.compose.text.editing.suggestions import Completion, for_override
from niceml_gui.workspaces.compose.tree.model import MIME
from niceml_gui.workspaces.compose.usage import hydras_choices, ways_for

_FEW, _ROOM = 6, 260  #: up to so many lines, and from so many pixels on, there is room for examples below the text
PATIENCE_MS = 300  #: after the last key, before what was typed is kept


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
        self._classes = Classes(pane.session, self.completer.show_again, self)
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
        places, added = ways_for(option, choices, session.composed) if option is not None else ([], "")
        if len(places) == 1 and not added:
            session.choose(*places[0])
        elif places:
            pop_up(choose_from(places, session, self, added), self.viewport(), self.cursorRect())
        elif added:
            session.add_option(added)
        else:
            session.complain(f"This job has no place to choose {name}")

    def _suggest(self, row: int, column: int) -> Completion:
        session = self._pane.session
        line = self.document().findBlockByNumber(row).text()
        tree = session.project.tree if session.project is not None else ConfigTree()
        return for_override(line, column, tree, session.last_good, self._classes.offered)


def stated(text: str) -> tuple[str, ...]:
    """The overrides of a text, without empty lines and comments."""
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def rebased(text: str, before: tuple[str, ...], after: tuple[str, ...]) -> str:
    """A text that was begun upon some overrides, as it reads upon others: what it adds and leaves out stays so."""
    typed = stated(text)
    kept = [override for override in after if override in typed or override not in before]
    return "\n".join([*kept, *(line for line in text.splitlines() if line.strip() not in {*before, *kept})])


class OverridesPane(QWidget):
    """Shows and edits the selection's overrides.

    What is typed and not applied yet is kept, and is there again after a crash.

    Args:
        session: What the window works on.
        parent: The Qt parent.
    """

    changed = Signal()  #: something is not applied, or no more

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
        self._base = Selection("")  # upon which the text was begun
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PATIENCE_MS)
        self._pause.timeout.connect(self.keep)
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
        self.edit.textChanged.connect(self._typed)
        session.selection_changed.connect(self.refresh)
        session.composed_changed.connect(self._show_state)
        session.composed_changed.connect(self._show_examples)
        self.refresh()
        self._show_examples()

    @property
    def overrides(self) -> tuple[str, ...]:
        """What stands in the text, without empty lines and comments."""
        return stated(self.edit.toPlainText())

    @property
    def unapplied(self) -> bool:
        """Whether something was typed that is not applied yet."""
        return self.overrides != self._base.overrides

    def refresh(self) -> None:
        """Shows the session's overrides, with what was typed and not applied."""
        before, now = self._base, self.session.selection
        self._base = now
        text = "\n".join(now.overrides)
        if now.job != before.job:
            text = self.session.kept.drafts.typed.get(now.job, text)
        elif self.overrides not in (before.overrides, now.overrides):
            text = rebased(self.edit.toPlainText(), before.overrides, now.overrides)
        if self.overrides != stated(text):
            self.edit.setPlainText(text)
        self.keep()
        self._show_state()

    def give_up(self) -> None:
        """Shows the session's overrides again, as a step that Ctrl+Z takes back."""
        if self.unapplied:
            self.edit.replace_text("\n".join(self.session.selection.overrides))
        self.keep()
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
        if self.unapplied:
            self.edit.document().clearUndoRedoStacks()  # from here on the session's undo takes it back
            self.session.set_overrides(self.overrides, change(self._base.overrides, self.overrides))
        self._show_state()

    def keep(self) -> None:
        """Keeps what was typed and not applied, for the case of a crash."""
        self._pause.stop()
        if self._base.job:
            self.session.kept.keep_typed(self._base.job, self.edit.toPlainText() if self.unapplied else None)

    def _typed(self) -> None:
        self._show_state()
        self._pause.start()

    def _show_state(self) -> None:
        unapplied = self.unapplied
        if unapplied != self.apply_button.isEnabled():
            self.apply_button.setEnabled(unapplied)
            self.changed.emit()
        error = self.session.composed.error
        if unapplied:
            text, role = "Not applied yet: Ctrl+Enter applies, Esc gives up.", "muted"
        elif error is not None and not self.session.stale:
            text, role = (f"{error.key}: {error.message}" if error.key else error.message), "error"
        else:
            text, role = "", "muted"
        self.state.setText(prose(text.split("\n", 1)[0]))
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
