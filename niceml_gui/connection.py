"""Keeps a service there: starts a dead one again, and comes back to a machine whose connection was cut."""

from __future__ import annotations

import math
import time
from collections import deque
from typing import Literal

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from niceml_gui.address import Host
from niceml_gui.engine import Engine
from niceml_gui.values import Loss

RESTARTS, RESTARTS_WITHIN = 3, 60.0  #: so often, within so many seconds, a dead service is started again by itself
PAUSES = (
    2.0,
    4.0,
    8.0,
    16.0,
    30.0,
    60.0,
)  #: seconds before the first, second, … attempt to come back; the last for good
STEADY = 10.0  #: seconds after which a connection counts as good, so that the pauses begin anew

Status = Literal["connecting", "up", "waiting", "down"]


class Connection(QObject):
    """Whether there is a service, and what is done about it where there is none.

    Args:
        engine: The service's client.
        parent: The Qt parent.
    """

    changed = Signal()
    lost = Signal(object)  #: `Loss`; `status` says what follows
    started = Signal()  #: a service is being started that knows nothing yet; what is asked now it is asked first

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.status: Status = "connecting"
        self.loss: Loss | None = None  #: why there is none
        self.gone = math.inf  #: since when, by the steady clock
        self._engine = engine
        self._known = False  #: whether it has been there before
        self._attempts = 0
        self._since = math.inf
        self._deaths: deque[float] = deque(maxlen=RESTARTS)
        self._retry = QTimer(self)
        self._retry.setSingleShot(True)
        self._retry.setTimerType(Qt.TimerType.PreciseTimer)  # else it is not clear how many seconds are left
        self._retry.timeout.connect(lambda: self._start(asking=False))
        engine.greeted.connect(self._greeted)
        engine.lost.connect(self._lost)
        engine.silence_changed.connect(self.changed)

    @property
    def host(self) -> Host:
        """The machine on which the service is."""
        return self._engine.host

    @property
    def up(self) -> bool:
        """Whether the service can be asked."""
        return self.status == "up"

    @property
    def away(self) -> bool:
        """Whether a service has been lost and is not back yet; who asks by himself need not ask now."""
        return self.loss is not None

    @property
    def silent(self) -> bool:
        """Whether there is a service that is asked something, and that does not even say that it lives, for now."""
        return self.up and self._engine.silent

    @property
    def last_seen(self) -> float:
        """How long ago the service was there, in seconds; 0: it is there."""
        return max(time.monotonic() - self.gone, 0.0)

    @property
    def seconds_left(self) -> int:
        """Until the next attempt, or until a silent service is started again."""
        if self.silent:
            return math.ceil(self._engine.patience)
        return math.ceil(self._retry.remainingTime() / 1000) if self._retry.isActive() else 0

    def go(self, host: Host) -> None:
        """Leaves the service, and starts one on a machine; the person may be asked for a password."""
        self.close()
        self._engine.go(host)
        self.loss, self.gone, self._known, self._attempts = None, math.inf, False, 0
        self._deaths.clear()
        self._start(asking=True)

    def try_now(self) -> None:
        """Makes the next attempt at once; the person may be asked for a password."""
        if not self._engine.running:
            self._deaths.clear()
            self._start(asking=True)

    def restart(self) -> None:
        """Ends the service and starts another one."""
        self._engine.close()
        self.try_now()

    def close(self) -> None:
        """Ends the service, and makes no more attempts."""
        self._retry.stop()
        self._engine.close()

    def _start(self, *, asking: bool) -> None:
        self._retry.stop()
        self._set("connecting")
        self._engine.start(asking=asking)
        self.started.emit()

    def _greeted(self) -> None:
        self._known, self._since = True, time.monotonic()
        self.loss, self.gone = None, math.inf
        self._set("up")

    def _lost(self, loss: Loss) -> None:
        now = time.monotonic()
        if now - self._since > STEADY:
            self._attempts = 0
        self._since = math.inf
        self.loss, self.gone = loss, min(self.gone, now)
        if loss.kind == "died":
            often = len(self._deaths) == RESTARTS and now - self._deaths[0] < RESTARTS_WITHIN
            self._deaths.append(now)
            self._set("down" if often else "connecting")
        elif loss.kind == "cut" and self._known:
            pause = PAUSES[min(self._attempts, len(PAUSES) - 1)]
            self._attempts += 1
            self._retry.start(round(pause * 1000))
            self._set("waiting")
        else:
            self._set("down")
        self.lost.emit(loss)
        if self.status == "connecting" and not self._engine.running:
            self._start(asking=False)

    def _set(self, status: Status) -> None:
        self.status = status
        self.changed.emit()
