"""A session bus of its own, and on it a service that takes notifications, as a desktop has one."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    message_bus,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import DBusConnection, Proxy, open_dbus_connection

NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"


@contextmanager
def session_bus(folder: Path) -> Iterator[str]:
    """Starts a bus, and ends it again; yields its address."""
    command = ["dbus-daemon", "--session", "--nofork", "--print-address", f"--address=unix:path={folder / 'bus'}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as bus:
        try:
            assert bus.stdout is not None
            yield bus.stdout.readline().strip()
        finally:
            bus.kill()


class Desktop:
    """Takes notifications, and clicks on them.

    Attributes:
        shown: What was notified, by the number that it got: the arguments of `Notify`.
    """

    def __init__(self, address: str) -> None:
        self.shown: dict[int, tuple[Any, ...]] = {}
        self._done = threading.Event()
        self._connection: DBusConnection = open_dbus_connection(bus=address)
        Proxy(message_bus, self._connection).RequestName(NAME)
        self._thread = threading.Thread(target=self._serve, name="desktop")
        self._thread.start()

    def click(self, number: int) -> None:
        """Clicks on a notification."""
        emitter = DBusAddress(PATH, interface=NAME)
        self._connection.send(new_signal(emitter, "ActionInvoked", "us", (number, "default")))

    def close(self) -> None:
        """Leaves the bus."""
        self._done.set()
        self._thread.join()
        self._connection.close()

    def _serve(self) -> None:
        while not self._done.is_set():
            try:
                message = self._connection.receive(timeout=0.1)
            except TimeoutError:
                continue
            if message.header.fields.get(HeaderFields.member) == "Notify":
                assert message.header.fields[HeaderFields.signature] == "susssasa{sv}i"
                number = len(self.shown) + 1
                self.shown[number] = message.body
                self._connection.send(new_method_return(message, "u", (number,)))


__all__ = ["Desktop", "session_bus"]
