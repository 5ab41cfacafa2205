"""The strip below the cards: what the field in use means."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout

from niceml_gui.widgets.basics import ElidedLabel, Painted, label, line
from niceml_gui.workspaces.compose.cards.help import Help

_LINES = 3  #: of the text, at most
_SIDE = 14


class HelpStrip(Painted):
    """Title, comment, meaning and signature of what has the focus; hidden where there is nothing to say."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Help")
        self.title = ElidedLabel()
        self.note = label("", selectable=True)
        self.text = label("", "muted", selectable=True)
        for words in (self.note, self.text):
            words.setWordWrap(True)
        self.code = ElidedLabel()
        self.code.setProperty("role", "mono")
        inside = QVBoxLayout()
        inside.setContentsMargins(_SIDE, 8, _SIDE, 10)
        inside.setSpacing(2)
        for part in (self.title, self.note, self.text, self.code):
            inside.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(line())
        layout.addLayout(inside)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_help(self, help_: Help) -> None:
        """Shows what is to be said."""
        self.title.set_full_text(help_.title)
        for words, shown in ((self.note, help_.note), (self.text, help_.text)):
            words.setText(shown)
            words.setToolTip(shown)
            words.setVisible(bool(shown))
        self.code.set_full_text(help_.code)
        self.code.setVisible(bool(help_.code))
        self.setVisible(bool(help_.title))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wraps the text anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        for words in (self.note, self.text):
            wanted = words.heightForWidth(max(self.width() - 2 * _SIDE, 1))
            words.setFixedHeight(max(0, min(wanted, _LINES * words.fontMetrics().lineSpacing() + 2)))
