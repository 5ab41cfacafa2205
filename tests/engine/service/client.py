"""A plain client of the service, for tests."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

from niceml_engine.protocol.frames import Answer, Call, News, Notice, Request, decode_result, encode_frame
from niceml_engine.protocol.greeting import ServiceReader


class RefusedError(Exception):
    """The service answered with an error."""


class Client:
    """Talks to a real service process."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "niceml_engine.service"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.news: queue.Queue[News] = queue.Queue()
        self._answers: queue.Queue[Answer] = queue.Queue()
        self._number = 0
        threading.Thread(target=self._read, daemon=True).start()

    def send(self, request: Request) -> int:
        self._number += 1
        assert self.process.stdin is not None
        self.process.stdin.write(encode_frame(Call(self._number, request)))
        self.process.stdin.flush()
        return self._number

    def answer(self, timeout: float = 60) -> Answer:
        return self._answers.get(timeout=timeout)

    def ask(self, request: Request) -> Any:
        number = self.send(request)
        answer = self.answer()
        assert answer.id == number
        if answer.error is not None:
            raise RefusedError(answer.error)
        return decode_result(request, answer)

    def wait_for(self, wanted: Callable[[News], bool], timeout: float = 60) -> News:
        """The first news that is wanted; others are dropped."""
        while True:
            news = self.news.get(timeout=timeout)
            if wanted(news):
                return news

    def close(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        code = self.process.wait(timeout=10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def _read(self) -> None:
        reader = ServiceReader()
        assert self.process.stdout is not None
        while data := self.process.stdout.read1(1 << 16):
            for message in reader.feed(data):
                if isinstance(message, Answer):
                    self._answers.put(message)
                elif isinstance(message, Notice):
                    self.news.put(message.news)
