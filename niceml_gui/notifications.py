"""Notifications of the desktop: on Linux by D-Bus, elsewhere by the tray of the system.

Qt's own way to D-Bus cannot send the unsigned number that org.freedesktop.Notifications wants, and its tray icon shows
nothing where a desktop has no tray, such as plain GNOME.
"""

from __future__ import annotations

import html
import sys
from contextlib import suppress
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal
from PySide6.QtWidgets import QSystemTrayIcon

from niceml_gui.theme import theme
from niceml_gui.theme.icons import icon

NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
SHOWN_MS = 20_000  #: how long an icon stands in the tray, so that its message can be clicked


class Notifications(QObject):
    """Shows notifications by whatever the desktop has for them.

    Args:
        parent: The Qt parent.
    """

    clicked = Signal(str)  #: the `what` of a notification
    refused = Signal(str)  #: why none could be shown; said once

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bus: _Bus | None = None
        self._tray: _Tray | None = None
        self._refused = False

    def show(self, title: str, text: str, what: str = "") -> None:
        """Shows a notification; nothing waits for it.

        Args:
            title: One line.
            text: What there is to say besides.
            what: Told when it is clicked.
        """
        if sys.platform != "linux":
            self._show_in_tray(title, text, what)
            return
        try:
            if self._bus is None:
                self._bus = _Bus(self)
                self._bus.clicked.connect(self.clicked)
                self._bus.refused.connect(self._show_in_tray)
            self._bus.show(title, text, what)
        except (OSError, KeyError, RuntimeError, ValueError):  # there is no session bus, or it is gone
            self._drop_bus()
            self._show_in_tray(title, text, what)

    def ask_again(self) -> None:
        """Says once more why none can be shown, if that is still so: a person wants to have them."""
        self._refused = False

    def close(self) -> None:
        """Lets go of bus and tray."""
        self._drop_bus()
        if self._tray is not None:
            self._tray.hide()

    def _drop_bus(self) -> None:
        bus, self._bus = self._bus, None
        if bus is not None:
            bus.close()

    def _show_in_tray(self, title: str, text: str, what: str) -> None:
        if not QSystemTrayIcon.isSystemTrayAvailable() or not QSystemTrayIcon.supportsMessages():
            if not self._refused:
                self._refused = True
                self.refused.emit("This desktop shows no notifications: it has neither a service for them nor a tray")
            return
        if self._tray is None:
            self._tray = _Tray(self)
            self._tray.clicked.connect(self.clicked)
        self._tray.show_message(title, text, what)


class _Bus(QObject):
    """The desktop's service of notifications, on the session bus.

    Raises:
        OSError, KeyError, RuntimeError, ValueError: There is no session bus.
    """

    clicked = Signal(str)
    refused = Signal(str, str, str)  #: a notification that the service did not take

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        from jeepney import DBusAddress, MatchRule, message_bus
        from jeepney.io.blocking import open_dbus_connection

        self._address = DBusAddress(PATH, bus_name=NAME, interface=NAME)
        self._sent: dict[int, tuple[str, str, str]] = {}  # by number of the call
        self._shown: dict[int, str] = {}  # by number of the notification
        self._connection = open_dbus_connection(bus="SESSION")
        rule = MatchRule(type="signal", interface=NAME, path=PATH)
        self._connection.send(message_bus.AddMatch(rule))
        self._reader = QSocketNotifier(self._connection.sock.fileno(), QSocketNotifier.Type.Read, self)
        self._reader.activated.connect(self._read)

    def show(self, title: str, text: str, what: str) -> None:
        """Sends a notification; the answer is read when it comes."""
        from jeepney import new_method_call

        number = next(self._connection.outgoing_serial)
        self._sent[number] = (title, text, what)
        actions = ["default", "Show"] if what else []
        hints = {"desktop-entry": ("s", "niceml")}
        body = ("niceml", 0, "", title, html.escape(text, quote=False), actions, hints, -1)
        self._connection.send(new_method_call(self._address, "Notify", "susssasa{sv}i", body), serial=number)

    def close(self) -> None:
        """Leaves the bus."""
        self._reader.setEnabled(False)
        self._connection.close()
        self.deleteLater()

    def _read(self) -> None:
        try:
            while True:
                self._take(self._connection.receive(timeout=0))
        except TimeoutError:
            return
        except OSError:  # the bus is gone
            self._reader.setEnabled(False)

    def _take(self, message: Any) -> None:
        from jeepney import HeaderFields, MessageType

        kind, fields = message.header.message_type, message.header.fields
        sent = self._sent.pop(fields.get(HeaderFields.reply_serial, 0), None)
        if sent is not None and kind == MessageType.error:
            self.refused.emit(*sent)
        elif sent is not None:
            self._shown[message.body[0]] = sent[2]
        elif kind == MessageType.signal and fields.get(HeaderFields.member) == "ActionInvoked":
            with suppress(KeyError):  # the notification of another program
                self.clicked.emit(self._shown[message.body[0]])
        elif kind == MessageType.signal and fields.get(HeaderFields.member) == "NotificationClosed":
            self._shown.pop(message.body[0], None)


class _Tray(QSystemTrayIcon):
    """An icon that is there as long as its message."""

    clicked = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(icon("chart", theme().tokens.accent), parent)
        self._what = ""
        self._leave = QTimer(self)
        self._leave.setSingleShot(True)
        self._leave.setInterval(SHOWN_MS)
        self._leave.timeout.connect(self.hide)
        self.messageClicked.connect(lambda: self.clicked.emit(self._what))

    def show_message(self, title: str, text: str, what: str) -> None:
        """Shows a message."""
        self._what = what
        self.show()
        self.showMessage(title, text)
        self._leave.start()
