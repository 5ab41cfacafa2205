"""One line for what the person must know, with the details folded away; it never blocks."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from niceml_engine.visible import visible
from niceml_gui.session import Message
from niceml_gui.theme import style, theme
from niceml_gui.theme.icons import pixmap, tint
from niceml_gui.values import Until
from niceml_gui.widgets.basics import ElidedLabel, icon_button, label, set_role

INFO_MS = 6000  #: what only informs leaves by itself
PASSING_MS = 20_000  #: and so does, later, what asks for nothing
TOKENS = {"error": "error", "warning": "warning", "info": "ok"}
ICONS = {"error": "error", "warning": "warning", "info": "check"}


class MessageBar(QWidget):
    """Shows the newest message; closing it shows the one before."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("messageBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._messages: list[Message] = []
        self._icon = QLabel()
        self.text = ElidedLabel()
        self._more = label("", "pill")
        self.unfold = icon_button("chevron-right", "Show the details")
        self.unfold.setCheckable(True)
        self.copy = icon_button("copy", "Copy message and details")
        self.close_button = icon_button("close", "Close this message")
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setAccessibleName("Details of the message")
        self.details.setFont(style.mono())
        self.details.setProperty("role", "mono")
        self.details.hide()
        row = QHBoxLayout()
        row.setSpacing(8)
        for widget in (self._icon, self.text, self._more, self.unfold, self.copy, self.close_button):
            row.addWidget(widget, 1 if widget is self.text else 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 4, 8, 4)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.details)
        self._leave = QTimer(self)
        self._leave.setSingleShot(True)
        self._leave.timeout.connect(self.dismiss)
        self.unfold.toggled.connect(self._fold)
        self.copy.clicked.connect(self._copy)
        self.close_button.clicked.connect(self.dismiss)
        theme().changed.connect(self._show)
        self.hide()

    @property
    def messages(self) -> tuple[Message, ...]:
        """What has not been closed yet, newest last."""
        return tuple(self._messages)

    def add(self, message: Message) -> None:
        """Shows a message; the same one again is not counted twice."""
        self._messages = [other for other in self._messages if other.severity != "info" and other != message]
        self._messages.append(message)
        self.unfold.setChecked(False)
        self._show()

    def dismiss(self) -> None:
        """Closes the message that is shown."""
        if self._messages:
            self._messages.pop()
        self.unfold.setChecked(False)
        self._show()

    def note_back(self) -> None:
        """Closes what was said because the service was away."""
        self._take_back("back")

    def note_composed(self) -> None:
        """Closes what was said because nothing could be composed."""
        self._take_back("composed")

    def note_done(self) -> None:
        """Closes what was said because something could not be done."""
        self._take_back("done")

    def _take_back(self, now: Until) -> None:
        kept = [message for message in self._messages if message.until != now]
        if len(kept) < len(self._messages):
            self._messages = kept
            self.unfold.setChecked(False)
            self._show()

    def clear(self) -> None:
        """Closes all messages."""
        self._messages.clear()
        self._show()

    def _show(self) -> None:
        self._leave.stop()
        self.setVisible(bool(self._messages))
        if not self._messages:
            return
        message = self._messages[-1]
        set_role(self, message.severity, "severity")
        color = str(getattr(theme().tokens, TOKENS[message.severity]))
        self._icon.setPixmap(pixmap(ICONS[message.severity], color, 16, self.devicePixelRatioF()))
        self.text.set_full_text(message.text)
        self.text.setAccessibleDescription(message.severity)
        self._more.setText(f"{len(self._messages)} messages")
        self._more.setVisible(len(self._messages) > 1)
        self.unfold.setVisible(bool(message.details))
        self.details.setPlainText(visible(message.details, lines=True))
        lines = min(12, message.details.count("\n") + 1)
        self.details.setFixedHeight(lines * QFontMetrics(self.details.font()).lineSpacing() + 24)
        if message.severity == "info" or message.passing:
            self._leave.start(INFO_MS if message.severity == "info" else PASSING_MS)

    def _fold(self, unfolded: bool) -> None:
        self.details.setVisible(unfolded)
        tint(self.unfold, "chevron-down" if unfolded else "chevron-right")
        self.unfold.setToolTip("Hide the details" if unfolded else "Show the details")

    def _copy(self) -> None:
        if self._messages:
            message = self._messages[-1]
            QGuiApplication.clipboard().setText("\n\n".join(part for part in (message.text, message.details) if part))
