"""The line below a text that searches and, where the text can be changed, replaces."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from niceml_gui.widgets.basics import button, icon_button, set_role
from niceml_gui.workspaces.compose.graph.view import GraphView
from niceml_gui.workspaces.compose.text.code_view import CodeView
from niceml_gui.workspaces.compose.text.editing.code_edit import CodeEdit
from niceml_gui.workspaces.compose.text.editing.finding import LONGEST_LINE, FindError, Finding


class FindBar(QWidget):
    """Searches one text, and replaces in it if it can be changed; Esc closes it.

    Args:
        view: The text.
        parent: The Qt parent.
    """

    def __init__(self, view: CodeView | CodeEdit | GraphView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = view
        self.edit = QLineEdit()
        self.edit.setPlaceholderText("Find")
        self.edit.setAccessibleName("Find in the text")
        self.count = QLabel("")
        self.count.setProperty("role", "muted")
        self.count.setMinimumWidth(64)
        back = icon_button("chevron-up", "Previous match (Shift+Enter)")
        forward = icon_button("chevron-down", "Next match (Enter)")
        close = icon_button("close", "Close the search (Esc)")
        self.case = _choice("Aa", "Match case")
        self.words = _choice("W", "Whole words only")
        self.expression = _choice(".*", f"Regular expression, within a line of up to {LONGEST_LINE:,} characters")
        self.other = QLineEdit()
        self.other.setPlaceholderText("Replace with")
        self.other.setAccessibleName("Replace with")
        self.one = button("Replace", "Replace this match, and go to the next (Enter)")
        self.all = button("All", "Replace all matches, as one step")
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.edit, 1)
        for widget in (self.case, self.words, self.expression, self.count, back, forward, close):
            line.addWidget(widget)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self.other, 1)
        below.addWidget(self.one)
        below.addWidget(self.all)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(8)
        layout.addLayout(line)
        layout.addLayout(below)
        choices = (self.case, self.words, self.expression)
        for part in (*choices, self.other, self.one, self.all):
            part.setVisible(isinstance(view, CodeEdit))
        self.expression.toggled.connect(self._explain)
        for choice in choices:
            choice.toggled.connect(lambda: self._search(self.edit.text()))
        if isinstance(view, CodeEdit):
            view.textChanged.connect(self._changed)
        self.one.clicked.connect(self._replace)
        self.all.clicked.connect(self._replace_all)
        self.edit.textChanged.connect(self._search)
        back.clicked.connect(lambda: self._step(-1))
        forward.clicked.connect(lambda: self._step(1))
        close.clicked.connect(self.close_bar)
        self.hide()

    def open_bar(self) -> None:
        """Shows the line and waits for what to find."""
        self.show()
        self.edit.setFocus()
        self.edit.selectAll()

    def close_bar(self) -> None:
        """Hides the line and its marks."""
        self.hide()
        self._mark("")
        self.view.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walks the matches, or closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.other.hasFocus():
                self._replace()
            else:
                self._step(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        else:
            super().keyPressEvent(event)

    def _search(self, text: str) -> None:
        found = self._mark(text)
        self._say(f"{found} found" if text else "")
        if found and self.view.line < 0:
            self._step(1)

    def _mark(self, text: str) -> int:
        if isinstance(self.view, CodeEdit):
            choices = (self.case.isChecked(), self.words.isChecked(), self.expression.isChecked())
            return self.view.search(Finding(text, *choices))
        return self.view.search(text)

    def _say(self, text: str = "", wrong: str = "") -> None:
        """Says what came of it; what is wrong instead, as with an expression."""
        if isinstance(self.view, CodeEdit):
            wrong = wrong or self.view.complaint
        set_role(self.count, "error" if wrong else "muted")
        self.count.setText(wrong or text)

    def _explain(self, expression: bool) -> None:
        groups = r"; \1 is the first group, \0 all, \n a new line"
        self.other.setPlaceholderText(f"Replace with{groups if expression else ''}")

    def _changed(self) -> None:
        if self.isVisible() and self.edit.text():
            self._say(f"{self._mark(self.edit.text())} found")

    def _replace(self) -> None:
        if isinstance(self.view, CodeEdit):
            try:
                self.view.replace(self.other.text())
            except FindError as error:
                self._say(wrong=str(error))
            else:
                self._search(self.edit.text())

    def _replace_all(self) -> None:
        if isinstance(self.view, CodeEdit):
            try:
                self._say(f"{self.view.replace_all(self.other.text())} replaced")
            except FindError as error:
                self._say(wrong=str(error))

    def _step(self, step: int) -> None:
        number = self.view.next_match(step)
        total = self._mark(self.edit.text())
        self._say(f"{number} of {total}" if number else "0 found" if self.edit.text() else "")


def _choice(text: str, name: str) -> QPushButton:
    made = button(text, name, role="flat")
    made.setAccessibleName(name)
    made.setCheckable(True)
    return made


def with_find(view: CodeView | CodeEdit | GraphView) -> tuple[QWidget, FindBar]:
    """A text and its search line in one widget; Ctrl+F opens the line."""
    both = QWidget()
    bar = FindBar(view)
    layout = QVBoxLayout(both)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addWidget(view, 1)
    layout.addWidget(bar)
    shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), both)
    shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    shortcut.activated.connect(bar.open_bar)
    both.setFocusProxy(view)
    return both, bar
