"""The client of the service: a child process that composes, checks, saves and runs while the window stays free.

Questions are frames on the child's stdin, answers and news are frames on its stdout, and what it prints to stderr
is kept for whoever has to explain its end. For a service on another machine, the child is ssh.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import msgspec
from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal
from shiboken6 import isValid

from niceml_engine.errors import ProtocolError
from niceml_engine.protocol.base import Nothing, Ping
from niceml_engine.protocol.frames import IN_TURN, Answer, Call, Notice, Request, decode_result, encode_frame
from niceml_engine.protocol.greeting import ServiceReader
from niceml_engine.values import ErrorInfo
from niceml_gui import ssh
from niceml_gui.address import HERE, Host
from niceml_gui.values import Loss

#: `-P`: what lies in the working directory must not stand in for the service's own modules.
SERVICE = (sys.executable, "-P", "-m", "niceml_engine.service")
QUIET = 0.7  #: seconds without a sign from a service that is asked something, until it is asked whether it lives
SILENT = 0.7  #: seconds more until it is said to be silent: it answers that at once, whatever it is busy with
HUNG = 14.0  #: seconds without that answer until it is taken for hung, since a machine may be busy, too
GONE = "the engine has stopped before it answered"  #: message of the requests that a dead service leaves behind
AWAY = "there is no engine at the moment"  #: message of the requests that no service has got
STDERR_LIMIT = 64_000
GREETING_SECONDS, ASKING_SECONDS = 60.0, 600.0  #: until the service says who it is; longer where a person is asked

Then = Callable[[Any], object]
Failed = Callable[[ErrorInfo], object]


@dataclass(frozen=True, slots=True)
class _Waiting:
    request: Request
    then: Then | None
    failed: Failed | None
    timeout: float
    sent: float = math.inf  #: when it was; not before the service has said who it is

    @property
    def deadline(self) -> float:
        return self.sent + self.timeout


def _alive(callback: Callable[[Any], object] | None) -> Callable[[Any], object] | None:
    """The callback, which does nothing once the object whose method it is has been deleted."""
    owner = getattr(callback.func if isinstance(callback, partial) else callback, "__self__", None)
    if callback is None or not isinstance(owner, QObject):
        return callback
    return lambda value: callback(value) if isValid(owner) else None


class Engine(QObject):
    """Asks the service and hands its answers out in the GUI thread.

    Args:
        command: The program that serves on this machine, and its arguments.
        parent: The Qt parent.
    """

    notified = Signal(object)  #: one of `protocol.News`
    greeted = Signal()  #: there is a service; what was asked so far is being sent
    lost = Signal(object)  #: `Loss`: the service died or hangs; `start` brings a new one up
    silence_changed = Signal()

    def __init__(self, command: Sequence[str] = SERVICE, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.host = HERE  #: on which machine it serves
        self.silent = False  #: whether it does not even say that it lives, for now
        self._command = list(command)
        self._process: QProcess | None = None
        self._reader = ServiceReader()
        self._waiting: dict[int, _Waiting] = {}
        self._last_id = 0
        self._heard = 0.0
        self._pinged = 0  # number of the question whether the service lives, while it is out
        self._greets_until = 0.0
        self._stderr = bytearray()
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.timeout.connect(self._expire)

    @property
    def running(self) -> bool:
        """Whether there is a service to ask, or one that is just starting."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """Process id of the service, or of the ssh that leads to it; 0 when there is none."""
        return int(self._process.processId()) if self._process else 0

    @property
    def errors(self) -> str:
        """The last lines that the service, or the last one, printed to stderr."""
        return self._stderr.decode("utf-8", "replace").strip()

    @property
    def patience(self) -> float:
        """Seconds until a service that is silent is taken for hung."""
        pinged = self._waiting.get(self._pinged)
        return max(0.0, pinged.deadline - time.monotonic()) if pinged is not None else HUNG

    def go(self, host: Host) -> None:
        """Leaves the service that was asked so far; `start` brings up one on this machine."""
        self.close()
        self.host = host

    def start(self, *, asking: bool = False) -> None:
        """Starts the service, if none runs; questions may follow at once and wait until it is there.

        Args:
            asking: Whether ssh may ask the person for a password and the like.
        """
        if self._process is not None:
            return
        process = QProcess(self)
        process.setProcessChannelMode(QProcess.ProcessChannelMode.SeparateChannels)
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._read_errors)
        process.errorOccurred.connect(self._error)
        process.finished.connect(self._finished)
        command = self._command
        if not self.host.here:
            command = ssh.command(self.host, asking=asking)
            process.setProcessEnvironment(_environment(ssh.asking()))
        self._process, self._reader, self._stderr = process, ServiceReader(), bytearray()
        self._pinged = 0
        self._greets_until = time.monotonic() + (ASKING_SECONDS if asking else GREETING_SECONDS)
        process.start(command[0], command[1:])
        self._set_clock()

    def ask(
        self, request: Request, then: Then | None = None, failed: Failed | None = None, timeout: float = 30.0
    ) -> int:
        """Sends a request; exactly one of the callbacks follows, later, in the GUI thread.

        A method of an object that Qt has deleted by then is not called.

        Args:
            request: What to ask.
            then: Gets the result, of the type that `protocol.RESULTS` names.
            failed: Gets why there is none.
            timeout: Seconds after which `failed` is called, from when the service got the request. If it is one of
                those that are answered in turn, the service is ended then: whatever is asked next would wait behind it.

        Returns:
            The number of the request, for `forget`.
        """
        self._last_id += 1
        self._waiting[self._last_id] = _Waiting(request, _alive(then), _alive(failed), timeout)
        if self._process is None:
            QTimer.singleShot(0, self, partial(self._drop, self._last_id))
        elif self._reader.greeting is not None:
            self._send((self._last_id,))
        return self._last_id

    def forget(self, number: int) -> None:
        """Drops the callbacks of a request; its answer will be thrown away."""
        self._waiting.pop(number, None)

    def close(self) -> None:
        """Ends the service: politely first, by force after two seconds. No callback is called any more."""
        self._waiting.clear()
        self._clock.stop()
        self._set_silent(False)
        process, self._process = self._process, None
        if process is None:
            return
        process.blockSignals(True)
        process.closeWriteChannel()
        if not process.waitForFinished(2000):
            process.kill()
            process.waitForFinished(2000)
        process.deleteLater()

    def _read(self) -> None:
        if self._process is None:
            return
        data = bytes(self._process.readAllStandardOutput().data())
        self._heard = time.monotonic()
        self._set_silent(False)
        known = self._reader.greeting is not None
        try:
            messages = self._reader.feed(data)
        except ProtocolError as error:
            if known:
                self._end(Loss(f"The engine{self._on} sent something that cannot be read", str(error)))
            else:
                label = self.host.label or "The engine"
                self._end(Loss(f"{label}: {error.message}", error.details or self.errors, "refused"))
            return
        if not known and self._reader.greeting is not None:
            self._send(tuple(self._waiting))
            self.greeted.emit()
        for message in messages:
            if isinstance(message, Answer):
                self._answer(message)
            elif isinstance(message, Notice):
                self.notified.emit(message.news)

    def _send(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            waiting = self._waiting[number] = replace(self._waiting[number], sent=time.monotonic())
            if self._process is not None:
                self._process.write(encode_frame(Call(number, waiting.request)))
        self._set_clock()

    def _answer(self, answer: Answer) -> None:
        waiting = self._waiting.pop(answer.id, None)
        self._set_clock()
        if waiting is None:
            return
        if answer.error is not None:
            if waiting.failed is not None:
                waiting.failed(answer.error)
            return
        try:
            result = decode_result(waiting.request, answer)
        except msgspec.MsgspecError as error:
            if waiting.failed is not None:
                name = type(waiting.request).__name__
                waiting.failed(ErrorInfo(f"the engine's answer to {name} cannot be read", details=str(error)))
            return
        if waiting.then is not None:
            waiting.then(result)

    def _read_errors(self) -> None:
        if self._process is not None:
            self._stderr += self._process.readAllStandardError().data()
            del self._stderr[:-STDERR_LIMIT]

    def _set_clock(self) -> None:
        deadlines = [waiting.deadline for waiting in self._waiting.values()]
        if self._process is not None and self._reader.greeting is None:
            deadlines.append(self._greets_until)
        if self._since is not None and not self._pinged:
            deadlines.append(self._since + QUIET)
        if (pinged := self._waiting.get(self._pinged)) is not None and not self.silent:
            deadlines.append(max(pinged.sent, self._heard) + SILENT)
        first = min(deadlines, default=math.inf)
        if first == math.inf:
            self._clock.stop()
        else:
            self._clock.start(max(0, round((first - time.monotonic()) * 1000)) + 1)

    @property
    def _since(self) -> float | None:
        """Since when the service has given no sign although it is asked something; `None` if it is asked nothing."""
        asked = [waiting.sent for waiting in self._waiting.values() if waiting.sent < math.inf]
        return max(self._heard, min(asked)) if asked else None

    def _expire(self) -> None:
        now = time.monotonic()
        late = {number: waiting for number, waiting in self._waiting.items() if waiting.deadline <= now}
        kind: Literal["cut", "died"] = "died" if self.host.here else "cut"
        if self._pinged in late or (self._reader.greeting is None and self._greets_until <= now):
            self._end(Loss(f"The engine{self._on} does not answer any more", self.errors, kind))
            return
        for number, waiting in late.items():
            self._waiting.pop(number, None)
            if waiting.failed is not None:
                waiting.failed(ErrorInfo(f"no answer to {type(waiting.request).__name__} within {waiting.timeout:g} s"))
        if any(isinstance(waiting.request, IN_TURN) for waiting in late.values()):
            self._end(Loss(f"The engine{self._on} takes too long", self.errors, kind, slow=True))
        elif self._since is not None and not self._pinged and self._since + QUIET <= now:
            self._pinged = self.ask(Ping(), self._lives, timeout=HUNG)
        pinged = self._waiting.get(self._pinged)
        if pinged is not None and max(pinged.sent, self._heard) + SILENT <= now:
            self._set_silent(True)
        self._set_clock()

    def _set_silent(self, silent: bool) -> None:
        if silent != self.silent:
            self.silent = silent
            self.silence_changed.emit()

    def _lives(self, _: Nothing) -> None:
        self._pinged = 0
        self._set_clock()

    @property
    def _on(self) -> str:
        return "" if self.host.here else f" on {self.host.label}"

    def _error(self, error: QProcess.ProcessError) -> None:
        if error != QProcess.ProcessError.FailedToStart or self._process is None:
            return
        program, why = self._process.program(), self._process.errorString()
        if self.host.here:
            self._end(Loss(f"The engine {program} cannot be started: {why}"))
        else:
            self._end(
                Loss(f"{program} cannot be started: install OpenSSH's client, or name it in NICEML_SSH", why, "refused")
            )

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read_errors()
        killed = status == QProcess.ExitStatus.CrashExit
        if not self.host.here:
            greeted = self._reader.greeting is not None
            said = "\n".join(filter(None, (self._reader.chatter.decode("utf-8", "replace").strip(), self.errors)))
            cut = Loss(f"The connection to {self.host.label} is lost", "ssh was killed", "cut")
            self._end(cut if killed else ssh.loss(self.host, code, said, greeted=greeted))
        elif killed:
            self._end(Loss("The engine was killed", self.errors))
        else:
            self._end(Loss(f"The engine ended by itself with exit status {code}", self.errors))

    def _end(self, loss: Loss) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.blockSignals(True)
        process.kill()
        process.waitForFinished(2000)
        process.deleteLater()
        self._pinged = 0
        self._set_silent(False)
        undone = tuple(waiting.request for waiting in self._waiting.values() if waiting.sent < math.inf)
        self._drop_all()
        self.lost.emit(replace(loss, undone=undone))

    def _drop_all(self) -> None:
        self._clock.stop()
        for number in tuple(self._waiting):
            self._drop(number)

    def _drop(self, number: int) -> None:
        waiting = self._waiting.pop(number, None)
        if waiting is not None and waiting.failed is not None:
            waiting.failed(ErrorInfo(AWAY if waiting.sent == math.inf else GONE))


def _environment(more: Mapping[str, str]) -> QProcessEnvironment:
    environment = QProcessEnvironment.systemEnvironment()
    for name, value in more.items():
        environment.insert(name, value)
    return environment
