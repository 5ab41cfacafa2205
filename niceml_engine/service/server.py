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
from typing import BinaryIO

import msgspec

from niceml_engine.errors import NicemlError
from niceml_engine.protocol.configs import Compose, OpenProject
from niceml_engine.protocol.frames import Answer, Call, FrameReader, News, Notice, Request, encode_frame
from niceml_engine.service.handlers import CONFIG_REQUESTS, Handlers
from niceml_engine.values import ErrorInfo

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
        if not isinstance(call.request, CONFIG_REQUESTS):
            self._pool.submit(self._answer_once_open, call)
            return
        with self._wake:
            self._opening += isinstance(call.request, OpenProject)
            self._config_calls.append(call)
            self._wake.notify_all()

    def _answer_config_calls(self) -> None:
        while True:
            with self._wake:
                while not self._config_calls and not self._closing:
                    self._wake.wait()
                if self._closing:
                    return
                call = self._config_calls.popleft()
                newer = any(isinstance(later.request, Compose) for later in self._config_calls)
            if newer and isinstance(call.request, Compose):
                self._send(Answer(call.id, error=SUPERSEDED))
            else:
                self._answer(call)
            if isinstance(call.request, OpenProject):
                with self._wake:
                    self._opening -= 1
                    self._wake.notify_all()

    def _answer_once_open(self, call: Call) -> None:
        with self._wake:
            self._wake.wait_for(lambda: not self._opening or self._closing)
        self._answer(call)

    def _answer(self, call: Call) -> None:
        try:
            answer = Answer(call.id, result=msgspec.Raw(msgspec.msgpack.encode(self._handle(call.request))))
        except NicemlError as error:
            place = ErrorInfo(error.message, error.file, error.line, error.key, error.details)
            answer = Answer(call.id, error=place)
        except Exception as error:
            answer = Answer(
                call.id, error=ErrorInfo(f"{type(error).__name__}: {error}", details=traceback.format_exc())
            )
        self._send(answer)

    def _handle(self, request: Request) -> object:
        return self._handlers.handle(request)

    def _send(self, message: Answer | Notice) -> None:
        frame = encode_frame(message)
        try:
            with self._writing:
                self._sink.write(frame)
                self._sink.flush()
        except (OSError, ValueError):
            return
