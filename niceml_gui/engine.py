"""The client of the service: a child process that composes, checks, saves and runs while the window stays free.

Questions are frames on the child's stdin, answers and news are frames on its stdout, and what it prints to stderr
is kept for whoever has to explain its end.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QProcess, QTimer, Signal
from shiboken6 import isValid

from niceml_engine.errors import ProtocolError
from niceml_engine.protocol.frames import Answer, Call, FrameReader, Notice, Request, decode_result, encode_frame
from niceml_engine.values import ErrorInfo

#: `-P`: what lies in the working directory must not stand in for the service's own modules.
SERVICE = (sys.executable, "-P", "-m", "niceml_engine.service")
GONE = "the engine has stopped before it answered"  #: message of the requests that a dead service leaves behind
STDERR_LIMIT = 64_000

Then = Callable[[Any], object]
Failed = Callable[[ErrorInfo], object]


@dataclass(frozen=True, slots=True)
class _Waiting:
    request: Request
    then: Then | None
    failed: Failed | None
    sent: float
    deadline: float


def _alive(callback: Callable[[Any], object] | None) -> Callable[[Any], object] | None:
    """The callback, which does nothing once the object whose method it is has been deleted."""
    owner = getattr(callback.func if isinstance(callback, partial) else callback, "__self__", None)
    if callback is None or not isinstance(owner, QObject):
        return callback
    return lambda value: callback(value) if isValid(owner) else None


class Engine(QObject):
    """Asks the service and hands its answers out in the GUI thread.

    Args:
        command: The program to start and its arguments.
        parent: The Qt parent.
    """

    notified = Signal(object)  #: one of `protocol.News`
    lost = Signal(str)  #: the service died or hangs, in one line; `start` brings a new one up

    def __init__(self, command: Sequence[str] = SERVICE, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = list(command)
        self._process: QProcess | None = None
        self._reader = FrameReader()
        self._waiting: dict[int, _Waiting] = {}
        self._last_id = 0
        self._heard = 0.0
        self._stderr = bytearray()
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.timeout.connect(self._expire)

    @property
    def running(self) -> bool:
        """Whether there is a service to ask."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """Process id of the service; 0 when there is none."""
        return int(self._process.processId()) if self._process else 0

    @property
    def errors(self) -> str:
        """The last lines that the service printed to stderr, a former service's included."""
        return self._stderr.decode("utf-8", "replace").strip()

    def start(self) -> None:
        """Starts the service, if none runs; questions may follow at once and wait in the pipe."""
        if self._process is not None:
            return
        process = QProcess(self)
        process.setProcessChannelMode(QProcess.ProcessChannelMode.SeparateChannels)
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._read_errors)
        process.errorOccurred.connect(self._error)
        process.finished.connect(self._finished)
        self._process, self._reader = process, FrameReader()
        process.start(self._command[0], self._command[1:])

    def ask(
        self, request: Request, then: Then | None = None, failed: Failed | None = None, timeout: float = 30.0
    ) -> int:
        """Sends a request; exactly one of the callbacks follows, later, in the GUI thread.

        A method of an object that Qt has deleted by then is not called.

        Args:
            request: What to ask.
            then: Gets the result, of the type that `protocol.RESULTS` names.
            failed: Gets why there is none.
            timeout: Seconds after which `failed` is called. A service that has said nothing at all in that time is
                taken for hung and ended.

        Returns:
            The number of the request, for `forget`.
        """
        self._last_id += 1
        now = time.monotonic()
        self._waiting[self._last_id] = _Waiting(request, _alive(then), _alive(failed), now, now + timeout)
        if self._process is not None:
            self._process.write(encode_frame(Call(self._last_id, request)))
            self._set_clock()
        else:
            QTimer.singleShot(0, self, partial(self._drop, self._last_id))
        return self._last_id

    def forget(self, number: int) -> None:
        """Drops the callbacks of a request; its answer will be thrown away."""
        self._waiting.pop(number, None)

    def close(self) -> None:
        """Ends the service: politely first, by force after two seconds. No callback is called any more."""
        self._waiting.clear()
        self._clock.stop()
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
        try:
            messages = self._reader.feed(data)
        except ProtocolError as error:
            self._stderr += f"{error}\n".encode()
            self._end("The engine sent something that cannot be read")
            return
        for message in messages:
            if isinstance(message, Answer):
                self._answer(message)
            elif isinstance(message, Notice):
                self.notified.emit(message.news)

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
        if not self._waiting:
            self._clock.stop()
            return
        first = min(waiting.deadline for waiting in self._waiting.values())
        self._clock.start(max(0, round((first - time.monotonic()) * 1000)) + 1)

    def _expire(self) -> None:
        now = time.monotonic()
        late = {number: waiting for number, waiting in self._waiting.items() if waiting.deadline <= now}
        for number, waiting in late.items():
            self._waiting.pop(number, None)
            if waiting.failed is not None:
                seconds = round(waiting.deadline - waiting.sent, 1)
                waiting.failed(ErrorInfo(f"no answer to {type(waiting.request).__name__} within {seconds:g} s"))
        if any(self._heard < waiting.sent for waiting in late.values()):
            self._end("The engine does not answer any more")
        self._set_clock()

    def _error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            self._end(f"The engine {self._command[0]} cannot be started: {self._process.errorString()}")

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read_errors()
        killed = status == QProcess.ExitStatus.CrashExit
        self._end("The engine was killed" if killed else f"The engine ended by itself with exit status {code}")

    def _end(self, why: str) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.blockSignals(True)
        process.kill()
        process.waitForFinished(2000)
        process.deleteLater()
        self._drop_all()
        self.lost.emit(why)

    def _drop_all(self) -> None:
        self._clock.stop()
        for number in tuple(self._waiting):
            self._drop(number)

    def _drop(self, number: int) -> None:
        waiting = self._waiting.pop(number, None)
        if waiting is not None and waiting.failed is not None:
            waiting.failed(ErrorInfo(GONE))
