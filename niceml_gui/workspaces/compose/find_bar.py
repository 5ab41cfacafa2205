"""The search line below a text."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from niceml_gui.widgets.basics import icon_button
from niceml_gui.workspaces.compose.code_view import CodeView


class FindBar(QWidget):
    """Searches one text; Esc closes it.

    Args:
        view: The text.
        parent: The Qt parent.
    """

    def __init__(self, view: CodeView, parent: QWidget | None = None) -> None:
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
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 6)
        layout.setSpacing(4)
        layout.addWidget(self.edit, 1)
        for widget in (self.count, back, forward, close):
            layout.addWidget(widget)
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
        self.view.search("")
        self.view.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walks the matches, or closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._step(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        else:
            super().keyPressEvent(event)

    def _search(self, text: str) -> None:
        found = self.view.search(text)
        self.count.setText(f"{found} found" if text else "")
        if found and self.view.line < 0:
            self._step(1)

    def _step(self, step: int) -> None:
        number = self.view.next_match(step)
        total = self.view.search(self.edit.text())
        self.count.setText(f"{number} of {total}" if number else "0 found" if self.edit.text() else "")


def with_find(view: CodeView) -> tuple[QWidget, FindBar]:
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
