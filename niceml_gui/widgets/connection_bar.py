"""A line below the header while no service answers: why, what is done about it, and a button to do it now."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from niceml_gui.session import Session
from niceml_gui.theme import theme
from niceml_gui.theme.icons import pixmap
from niceml_gui.widgets.basics import ElidedLabel, button, label, set_role

TICK_MS = 250
SILENT_MS = 3000  #: for so long the silence of a service is only told in the status bar


class ConnectionBar(QFrame):
    """Shown while the service is on another machine and not there, stopped here and not started again, or silent.

    Args:
        session: Whose connection it is.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._was_silent = False
        self.setObjectName("connectionBar")
        self._icon = QLabel()
        self.text = ElidedLabel()
        self.details = label("", "mono", selectable=True)
        self.details.setWordWrap(True)
        self.unfold = button("Details", "Show what was said last")
        self.unfold.setProperty("role", "flat")
        self.unfold.setCheckable(True)
        self.unfold.toggled.connect(self.details.setVisible)
        self.now = button("Try now", "Do not wait for the next attempt", icon="refresh")
        self.now.clicked.connect(self._try_now)
        self.cancel = button("Cancel", "Stay on this machine")
        self.cancel.clicked.connect(session.opening.cancel)
        row = QHBoxLayout()
        row.setSpacing(8)
        for widget in (self._icon, self.text, self.unfold, self.now, self.cancel):
            row.addWidget(widget, 1 if widget is self.text else 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 4, 8, 4)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.details)
        self.details.hide()
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._say)
        self._silence = QTimer(self)
        self._silence.setSingleShot(True)
        self._silence.setInterval(SILENT_MS)
        self._silence.timeout.connect(self.refresh)
        session.connection.changed.connect(self.refresh)
        session.project_changed.connect(self.refresh)
        theme().changed.connect(self.refresh)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Counts the seconds."""
        super().showEvent(event)
        self._tick.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rests."""
        super().hideEvent(event)
        self._tick.stop()

    def refresh(self) -> None:
        """Reads the connection."""
        connection, opened = self._session.connection, self._session.project is not None
        away = not connection.host.here and not connection.up
        if connection.silent != self._was_silent:
            self._was_silent = connection.silent
            self._silence.start() if connection.silent else self._silence.stop()
        silent = connection.silent and not self._silence.isActive()
        shown = away or silent or (opened and connection.status == "down")
        loss = connection.loss
        severity = "error" if connection.status == "down" else "warning" if silent or loss is not None else "info"
        set_role(self, severity, "severity")
        token = {"error": "error", "warning": "warning", "info": "accent"}[severity]
        color = str(getattr(theme().tokens, token))
        self._icon.setPixmap(pixmap("host" if severity == "info" else severity, color, 16, self.devicePixelRatioF()))
        self.now.setVisible(silent or (opened and connection.status in ("waiting", "down")))
        again = " Restart now" if connection.up else " Try again"
        self.now.setText(" Try now" if connection.status == "waiting" else again)
        self.cancel.setVisible(not opened)
        details = loss.details if loss is not None and loss.details not in loss.why else ""
        self.details.setText(details)
        self.unfold.setVisible(bool(details))
        if not details:
            self.unfold.setChecked(False)
        self._say()
        self.setVisible(shown)

    def _try_now(self) -> None:
        if self._session.connection.up:
            self._session.restart_engine()
        else:
            self._session.connection.try_now()

    def _say(self) -> None:
        connection = self._session.connection
        loss, host = connection.loss, connection.host.label
        if connection.silent:
            on = f" on {host}" if host else ""
            again = f"it is started again in {connection.seconds_left} s"
            text = f"The engine{on} does not answer; {again}. Nothing that was typed is lost."
        elif loss is None:
            text = f"Connecting to {host}…" if host else ""
        elif connection.status == "waiting":
            text = f"{loss.why}; trying again in {connection.seconds_left} s. Runs go on."
        elif connection.status == "connecting":
            text = f"{loss.why}; trying again now…"
        else:
            text = loss.why
        if text != self.text.full_text():
            self.text.set_full_text(text)
