"""In which order the service answers what waits for the composer."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from niceml_engine.protocol.base import Nothing
from niceml_engine.protocol.comparing import Compare
from niceml_engine.protocol.configs import CheckSelection, Compose, MergeSteps, OpenProject
from niceml_engine.protocol.frames import Call, Request, encode_frame
from niceml_engine.service.handlers import Handlers
from niceml_engine.service.server import Server
from niceml_engine.values import Selection
from tests.waiting import wait_until

NOW, THEN = Selection("now"), Selection("then")
FIRST = MergeSteps(NOW)


class Answering(Handlers):
    """Notes what it is asked; the first question takes until somebody lets it go."""

    def __init__(self) -> None:
        super().__init__(lambda news: None)
        self.asked: list[Request] = []
        self.go = threading.Event()

    def handle(self, request: Request) -> object:
        self.asked.append(request)
        self.go.wait(10)
        return Nothing()


@contextmanager
def asked_together(*requests: Request) -> Iterator[list[Request]]:
    """What a service answers, in its order, of requests that came while it was busy."""
    handlers = Answering()
    into, out = os.pipe()
    with os.fdopen(into, "rb") as source, os.fdopen(out, "wb") as frames:
        server = Server(source, io.BytesIO(), lambda notify: handlers)
        thread = threading.Thread(target=server.serve)
        thread.start()
        frames.write(encode_frame(Call(1, FIRST)))
        frames.flush()
        wait_until(lambda: handlers.asked == [FIRST])
        for number, request in enumerate(requests, 2):
            frames.write(encode_frame(Call(number, request)))
        frames.flush()
        wait_until(lambda: len(server._config_calls) == len(requests))
        handlers.go.set()
        wait_until(lambda: not server._config_calls)
        yield handlers.asked
        frames.close()
        thread.join()


def test_a_composition_passes_checks_and_comparisons() -> None:
    compare, check = Compare(THEN, other=NOW), CheckSelection(THEN)
    with asked_together(compare, check, Compose(THEN), Compose(NOW)) as asked:
        wait_until(lambda: len(asked) == 4)
        assert asked == [FIRST, Compose(NOW), compare, check]


def test_what_was_asked_of_one_project_is_not_answered_of_the_next() -> None:
    check, opening, compose = CheckSelection(THEN), OpenProject("elsewhere"), Compose(NOW)
    with asked_together(check, opening, compose) as asked:
        wait_until(lambda: len(asked) == 4)
        assert asked == [FIRST, check, opening, compose]
