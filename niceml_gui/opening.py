"""Which project is open in the service: opened by an address, and once more in each service that follows a lost one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from niceml_engine.protocol.configs import OpenProject
from niceml_engine.values import ErrorInfo, Project
from niceml_gui.address import HERE, Address
from niceml_gui.connection import Connection
from niceml_gui.engine import AWAY, GONE, Engine
from niceml_gui.values import Loss


class Opening(QObject):
    """Opens one project at a time; on another machine, it comes back to this one if that fails.

    Args:
        engine: The service's client.
        connection: Goes to the machine.
        complain: Told what cannot be opened.
        parent: The Qt parent.
    """

    opened = Signal(object, object)  #: `Project`, the `Address` by which it was opened
    reopened = Signal(object)  #: the same `Project`, as a new service reads it
    changed = Signal()  #: `busy` has

    def __init__(
        self, engine: Engine, connection: Connection, complain: Callable[[ErrorInfo], object], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._engine, self._connection, self._complain = engine, connection, complain
        self._asked: int | None = None
        self._address: Address | None = None  # of the open project
        self._wanted: Address | None = None  # of the one that is being opened
        connection.started.connect(self._open_again)

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._asked is not None

    def open(self, address: Address) -> None:
        """Opens a project; `opened` follows, or it is said why not."""

        def opened(project: Project) -> None:
            self._asked, self._address, self._wanted = None, address, None
            self.opened.emit(project, address)

        self._forget()
        if address.host != self._connection.host:
            self._address = None
            self._connection.go(address.host)
        self._connection.try_now()
        self._wanted = address
        self._asked = self._engine.ask(OpenProject(address.path), opened, self._refused)
        self.changed.emit()

    def leave(self) -> None:
        """Leaves the open project, and the machine on which it lies."""
        self._address = None
        self.cancel()

    def cancel(self) -> None:
        """Does not wait any longer for a project that is being opened."""
        self._forget()
        self._wanted = None
        if self._address is None and not self._connection.host.here:
            self._connection.go(HERE)
        self.changed.emit()

    def lost(self, loss: Loss) -> bool:
        """Notes that the service is gone, and with it a project that was being opened.

        Returns:
            Whether that ends it, and was told.
        """
        self._forget()
        self.changed.emit()
        if self._address is not None or (loss.kind == "died" and self._connection.host.here):
            return False
        self._complain(ErrorInfo(loss.why, details=loss.details))
        self.cancel()
        return True

    def _open_again(self) -> None:
        """Opens in a new service what was open, or being opened, before anything else is asked of it."""
        if self._wanted is not None:
            self.open(self._wanted)
        elif self._address is not None:
            self._engine.ask(OpenProject(self._address.path), self.reopened.emit, self._not_reopened)

    def _not_reopened(self, error: ErrorInfo) -> None:
        if error.message not in (GONE, AWAY):  # else the next one tries
            self._complain(error)

    def _refused(self, error: ErrorInfo) -> None:
        self._asked = None
        if error.message not in (GONE, AWAY):  # else `lost` follows
            self._complain(error)
            self.cancel()

    def _forget(self) -> None:
        if self._asked is not None:
            self._engine.forget(self._asked)
            self._asked = None
