"""The service's outer shell: frames in, frames out, and which thread does what.

One thread reads frames; one answers everything about configs, because a composer serves one thread; a small pool
answers the rest, so that a slow bucket never delays composing; one watches runs and files.
"""

from __future__ import annotations

import threading
import traceback
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import takewhile
from typing import BinaryIO

import msgspec

from niceml_engine.errors import NicemlError, os_reason
from niceml_engine.packing import pack
from niceml_engine.protocol.base import Nothing, Ping
from niceml_engine.protocol.configs import Compose, OpenProject
from niceml_engine.protocol.frames import (
    IN_PASSING,
    IN_TURN,
    MAX_FRAME,
    Answer,
    Call,
    FrameReader,
    News,
    Notice,
    Request,
    encode_frame,
)
from niceml_engine.protocol.project import ChangeSetting
from niceml_engine.service.handlers import Handlers
from niceml_engine.values import ErrorInfo

OPENING = (OpenProject, ChangeSetting)
SUPERSEDED = ErrorInfo("superseded by a newer selection")


class Server:
    """Serves one window.

    Args:
        source: Where frames are read from.
        sink: Where frames are written to.
        handlers: Makes what answers requests, from a function that sends news.
    """

    def __init__(
        self, source: BinaryIO, sink: BinaryIO, handlers: Callable[[Callable[[News], None]], Handlers] = Handlers
    ) -> None:
        self._source = source
        self._sink = sink
        self._writing = threading.Lock()
        self._config_calls: deque[Call] = deque()
        self._wake = threading.Condition()
        self._closing = False
        self._opening = 0  # projects that are to be opened; all that is asked later is asked of them
        self._held: list[Call] = []  # what is asked until then
        self._handlers = handlers(self.notify)
        self._pool = ThreadPoolExecutor(4, thread_name_prefix="requests")

    def serve(self) -> None:
        """Serves until the other side closes its end."""
        config_thread = threading.Thread(target=self._answer_config_calls, name="configs", daemon=True)
        config_thread.start()
        reader = FrameReader()
        read: Callable[[int], bytes] = getattr(self._source, "read1", self._source.read)
        while data := read(1 << 16):
            for message in reader.feed(data):
                if isinstance(message, Call):
                    self._take(message)
        with self._wake:
            self._closing = True
            self._wake.notify_all()
        self._handlers.close()
        self._pool.shutdown(wait=False, cancel_futures=True)
        config_thread.join(timeout=1)

    def notify(self, news: News) -> None:
        """Sends news; a window that is gone does not matter."""
        self._send(Notice(news))

    def _take(self, call: Call) -> None:
        if isinstance(call.request, Ping):
            self._send(Answer(call.id, result=msgspec.Raw(msgspec.msgpack.encode(Nothing()))))
            return
        with self._wake:
            if isinstance(call.request, IN_TURN):
                self._opening += isinstance(call.request, OPENING)
                self._config_calls.append(call)
                self._wake.notify()
                return
            if self._opening:  # it is about the project that is being opened
                self._held.append(call)
                return
        self._pool.submit(self._answer, call)

    def _answer_config_calls(self) -> None:
        while True:
            with self._wake:
                while not self._config_calls and not self._closing:
                    self._wake.wait()
                if self._closing:
                    return
                call = self._next_call()
                newer = any(isinstance(later.request, Compose) for later in self._config_calls)
            if newer and isinstance(call.request, Compose):
                self._send(Answer(call.id, error=SUPERSEDED))
            else:
                self._answer(call)
            if isinstance(call.request, OPENING):
                self._go_on()

    def _next_call(self) -> Call:
        """The call whose turn it is: what only informs lets the others pass, but is answered of its own project."""
        calls = self._config_calls
        here = takewhile(lambda call: not isinstance(call.request, OPENING), calls)
        call = next((one for one in here if not isinstance(one.request, IN_PASSING)), calls[0])
        calls.remove(call)
        return call

    def _go_on(self) -> None:
        """Answers what has waited until the project is open."""
        with self._wake:
            self._opening -= 1
            held, self._held = (self._held, []) if not self._opening else ([], self._held)
        for call in held:
            self._pool.submit(self._answer, call)

    def _answer(self, call: Call) -> None:
        try:
            answer = Answer(call.id, result=msgspec.Raw(pack(self._handle(call.request))))
        except NicemlError as error:
            place = ErrorInfo(error.message, error.file, error.line, error.key, error.details)
            answer = Answer(call.id, error=place)
        except OSError as error:
            file = str(error.filename or "")
            answer = Answer(call.id, error=ErrorInfo(os_reason(error), file, details=traceback.format_exc()))
        except Exception as error:
            first = next(iter(str(error).splitlines()), "")
            message = f"{type(error).__name__}: {first}".rstrip(": ")
            answer = Answer(call.id, error=ErrorInfo(message, details=traceback.format_exc()))
        self._send(answer)

    def _handle(self, request: Request) -> object:
        return self._handlers.handle(request)

    def _send(self, message: Answer | Notice) -> None:
        frame = _frame(message)
        try:
            with self._writing:
                self._sink.write(frame)
                self._sink.flush()
        except (OSError, ValueError):
            return


def _frame(message: Answer | Notice) -> bytes:
    """The bytes of a message; of one that cannot be sent, why not: a thread that answers must never end."""
    try:
        frame = encode_frame(message)
        why = f"the answer is larger than {MAX_FRAME >> 20} MB" if len(frame) > MAX_FRAME else ""
    except Exception as error:  # names on disk, above all, may be no text at all
        frame, why = b"", f"the answer cannot be sent: {type(error).__name__}: {error!a}"
    if why:
        frame = encode_frame(Answer(message.id, error=ErrorInfo(why))) if isinstance(message, Answer) else b""
    return frame
